import type { FileType } from '@aws-sdk/client-omics';
import { omicsArn } from '@helicase/kernel';
import type { ResourceDefinition } from '@helicase/records';
import { type JobItem, type ItemJobDoc, itemJobMachine, type JobStatus } from '../item-job/model.ts';

export interface ReadSetImportItem extends JobItem {
  readonly sourceFiles: { readonly source1: string; readonly source2?: string };
  readonly sourceFileType: FileType;
  readonly subjectId: string;
  readonly sampleId: string;
  readonly generatedFrom?: string;
  readonly referenceArn?: string;
  readonly name?: string;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const readSetImportKind: ResourceDefinition<ItemJobDoc<ReadSetImportItem>, JobStatus> = {
  kind: 'read-set-import-job',
  machine: itemJobMachine,
  announced: {
    detailType: 'Read Set Import Job Status Change',
    arn: ({ scope, parent, id }) => omicsArn(scope, `sequenceStore/${parent}/importJob/${id}`),
    detail: ({ parent, id }) => ({ sequenceStoreId: parent, id }),
  },
};
