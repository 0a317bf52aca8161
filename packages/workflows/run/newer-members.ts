import type { DefaultRunSetting, InlineSetting, StartRunRequest } from '@aws-sdk/client-omics';

/** Members of runs that AWS added after the SDK's model; `server/newer-omics.ts` has them in the schemas. */
export interface NewerRunMembers {
  /** "Scoping down permissions via a session policy on the IAM role": a JSON text. */
  readonly sessionPolicy?: string;
  /** Where a task's /tmp lies; SHARED unless told. */
  readonly scratchStorageMode?: 'LOCAL' | 'SHARED';
  readonly engineSettings?: unknown;
}

/** As StartRun's request, or as a batch asks for a run: its runs may name the account whose their output bucket is. */
export type RunRequest = StartRunRequest & NewerRunMembers & Pick<InlineSetting, 'outputBucketOwnerId'>;
export type BatchDefaults = DefaultRunSetting & NewerRunMembers;
export type BatchSetting = InlineSetting & Pick<NewerRunMembers, 'engineSettings'>;
