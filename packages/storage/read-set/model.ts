import type { CreationType, ETag, FileType } from '@aws-sdk/client-omics';
import { amongIds, type ResourceDefinition } from '@helicase/records';
import { readSetArn } from '../arns.ts';
import type { StoredFile } from '../stored-file.ts';

export interface ReadSetDoc {
  readonly name?: string;
  readonly description?: string;
  readonly subjectId: string;
  readonly sampleId: string;
  readonly generatedFrom?: string;
  readonly referenceArn?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fileType: FileType;
  readonly creationType: CreationType;
  readonly creationJobId: string;
  /** This and the counts are absent while a direct upload is processed, and where it failed. */
  readonly etag?: ETag;
  /** Reads and bases of all its files together. */
  readonly totalReadCount?: number;
  readonly totalBaseCount?: number;
  readonly alignment?: 'ALIGNED' | 'UNALIGNED';
  /** While ARCHIVED or ACTIVATING, the files as they were: their names and sizes count, their blobs are gone. */
  readonly files: ReadSetFiles;
  /** Milliseconds; when the files were last restored from the archive. */
  readonly restoredAt?: number;
  /** Present exactly while ARCHIVED or ACTIVATING: what the files were made into. */
  readonly archive?: Archive;
}

export interface ReadSetFiles {
  readonly source1?: StoredFile;
  readonly source2?: StoredFile;
  readonly index?: StoredFile;
}

/** How a read set's bytes lie in the archive tier; `tiering/codec.ts` makes and opens each form. */
export type ArchiveForm = 'alignments-cram' | 'fastq-cram' | 'cram' | 'zstd';

export interface Archive {
  readonly form: ArchiveForm;
  /** One of `source1` and `source2` alone holds a FASTQ pair where the form joins them. */
  readonly files: { readonly source1: StoredFile; readonly source2?: StoredFile };
}

/** The files whose bytes the read set holds now. */
export function heldFiles(doc: ReadSetDoc): object {
  return doc.archive?.files ?? doc.files;
}

export type ReadSetState =
  'ARCHIVED' | 'ACTIVATING' | 'ACTIVE' | 'DELETING' | 'DELETED' | 'PROCESSING_UPLOAD' | 'UPLOAD_FAILED';

export type ReadSetColumn =
  'name' | 'referenceArn' | 'sampleId' | 'subjectId' | 'generatedFrom' | 'creationType';

export const readSetKind: ResourceDefinition<ReadSetDoc, ReadSetState, ReadSetColumn> = {
  kind: 'read-set',
  // An imported read set is whole with its row: it is created ACTIVE. A deleted one is gone with its row.
  machine: {
    ARCHIVED: { ACTIVATING: 'an activation job began with it' },
    ACTIVATING: { ACTIVE: 'its files were restored', ARCHIVED: 'its files could not be restored' },
    ACTIVE: { ARCHIVED: 'it was not used for long and re-encoded' },
    DELETING: {},
    DELETED: {},
    PROCESSING_UPLOAD: {
      ACTIVE: 'the uploaded files were taken in',
      UPLOAD_FAILED: 'the uploaded files were refused',
    },
    UPLOAD_FAILED: {},
  },
  columns: {
    name: (doc) => doc.name ?? null,
    referenceArn: (doc) => doc.referenceArn ?? null,
    sampleId: (doc) => doc.sampleId,
    subjectId: (doc) => doc.subjectId,
    generatedFrom: (doc) => doc.generatedFrom ?? null,
    creationType: (doc) => doc.creationType,
  },
  announced: {
    detailType: 'Read Set Status Change',
    arn: ({ scope, parent, id }) => readSetArn(scope, parent, id),
    detail: ({ parent, id }) => ({ sequenceStoreId: parent, id }),
  },
  tagged: {
    type: 'omics:readSet',
    arn: ({ scope, parent, id }) => readSetArn(scope, parent, id),
    among: amongIds(/^sequenceStore\/[0-9]+\/readSet\/([0-9]+)$/),
    gone: ['DELETED'],
  },
};
