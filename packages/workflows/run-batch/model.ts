import type { DefaultRunSetting } from '@aws-sdk/client-omics';
import { omicsArn, type Scope } from '@helicase/kernel';
import {
  amongIds,
  type Records,
  type Resource,
  type ResourceTable,
  type StateMachine,
  type Transaction,
} from '@helicase/records';

export type RunBatchStatus =
  | 'CREATING'
  | 'PENDING'
  | 'SUBMITTING'
  | 'INPROGRESS'
  | 'STOPPING'
  | 'CANCELLED'
  | 'FAILED'
  | 'PROCESSED'
  | 'RUNS_DELETING'
  | 'RUNS_DELETE_FAILED'
  | 'RUNS_DELETED';

export const runBatchMachine: StateMachine<RunBatchStatus> = {
  CREATING: { PENDING: 'every run setting was read', FAILED: 'the run settings cannot be used' },
  PENDING: {
    SUBMITTING: 'its runs are being submitted',
    STOPPING: 'the user asked to cancel',
    FAILED: 'what its runs share is not there any more',
  },
  SUBMITTING: {
    INPROGRESS: 'every run was submitted',
    STOPPING: 'the user asked to cancel',
    FAILED: 'what its runs share is not there any more',
  },
  INPROGRESS: { PROCESSED: 'its last run ended', STOPPING: 'the user asked to cancel' },
  STOPPING: { CANCELLED: 'its last run ended' },
  PROCESSED: { RUNS_DELETING: 'the user asked to delete the runs' },
  CANCELLED: { RUNS_DELETING: 'the user asked to delete the runs' },
  RUNS_DELETING: { RUNS_DELETED: 'no run is left', RUNS_DELETE_FAILED: 'a run could not be deleted' },
  RUNS_DELETE_FAILED: { RUNS_DELETING: 'the user asked once more' },
  RUNS_DELETED: {},
  FAILED: {},
};

/** "Cancel is only allowed on batches in PENDING, SUBMITTING, or INPROGRESS state." */
export const cancellable: readonly RunBatchStatus[] = ['PENDING', 'SUBMITTING', 'INPROGRESS'];
/** "Delete is only allowed on batches in PROCESSED or CANCELLED state"; once more where it failed. */
export const runsDeletable: readonly RunBatchStatus[] = ['PROCESSED', 'CANCELLED', 'RUNS_DELETE_FAILED'];
/** "DeleteBatch requires the batch to be in a terminal state." */
export const deletable: readonly RunBatchStatus[] = [...runsDeletable, 'FAILED', 'RUNS_DELETED'];

export interface RunBatchDoc {
  readonly name?: string;
  readonly uuid: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly defaults: DefaultRunSetting;
  /** The file of run settings as it was at StartRunBatch; absent where they came in the request. */
  readonly settingsFile?: { readonly uri: string; readonly etag: string };
  /** ARN of the principal. */
  readonly startedBy: string;
  /** Known once every run setting was read. */
  readonly totalRuns?: number;
  /** Milliseconds. */
  readonly submittedTime?: number;
  readonly processedTime?: number;
  readonly failedTime?: number;
  /** CancelRun was asked of every run; the batch is CANCELLED when they have ended. */
  readonly cancelSubmitted?: boolean;
}

export type RunBatch = Resource<RunBatchDoc, RunBatchStatus>;
export type RunBatchTable = ResourceTable<RunBatchDoc, RunBatchStatus, 'name' | 'runGroupId', Transaction>;

export function runBatchTable(records: Records): RunBatchTable {
  return records.resource<RunBatchDoc, RunBatchStatus, 'name' | 'runGroupId'>({
    kind: 'run-batch',
    machine: runBatchMachine,
    columns: { name: (doc) => doc.name ?? null, runGroupId: (doc) => doc.defaults.runGroupId ?? null },
    tagged: {
      type: 'omics:runBatch',
      arn: ({ scope, id }) => runBatchArn(scope, id),
      among: amongIds(/^runBatch\/([0-9]+)$/),
    },
  });
}

export function runBatchArn(scope: Scope, id: string): string {
  return omicsArn(scope, `runBatch/${id}`);
}
