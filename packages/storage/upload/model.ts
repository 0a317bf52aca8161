import type { FileType } from '@aws-sdk/client-omics';
import type { ResourceDefinition } from '@helicase/records';

/** A direct upload: what the read set will be, and how far it is. Its parts are rows of their own (`parts.ts`). */
export interface UploadDoc {
  readonly sourceFileType: FileType;
  readonly subjectId: string;
  readonly sampleId: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly generatedFrom?: string;
  readonly referenceArn?: string;
  readonly description?: string;
  /** Once it was completed. */
  readonly readSetId?: string;
}

export type UploadStatus = 'IN_PROGRESS' | 'PROCESSING' | 'COMPLETED' | 'FAILED';

export const uploadKind: ResourceDefinition<UploadDoc, UploadStatus> = {
  kind: 'read-set-upload',
  // An aborted or expired upload is gone with its row.
  machine: {
    IN_PROGRESS: { PROCESSING: 'the caller completed it' },
    PROCESSING: { COMPLETED: 'its read set is ACTIVE', FAILED: 'its files were refused' },
    COMPLETED: {},
    FAILED: {},
  },
};
