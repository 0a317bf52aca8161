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
  readonly etag: ETag;
  /** Reads and bases of all its files together. */
  readonly totalReadCount: number;
  readonly totalBaseCount: number;
  readonly alignment: 'ALIGNED' | 'UNALIGNED';
  readonly files: {
    readonly source1: StoredFile;
    readonly source2?: StoredFile;
    readonly index?: StoredFile;
  };
}

export type ReadSetState =
  'ARCHIVED' | 'ACTIVATING' | 'ACTIVE' | 'DELETING' | 'DELETED' | 'PROCESSING_UPLOAD' | 'UPLOAD_FAILED';

export type ReadSetColumn =
  'name' | 'referenceArn' | 'sampleId' | 'subjectId' | 'generatedFrom' | 'creationType';

export const readSetKind: ResourceDefinition<ReadSetDoc, ReadSetState, ReadSetColumn> = {
  kind: 'read-set',
  // An imported read set is whole with its row: it is created ACTIVE. Archiving, activation and upload have no arrows yet.
  machine: {
    ARCHIVED: {},
    ACTIVATING: {},
    ACTIVE: {},
    DELETING: {},
    DELETED: {},
    PROCESSING_UPLOAD: {},
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
