import { omicsArn } from '@helicase/kernel';
import type { ResourceDefinition } from '@helicase/records';
import { type JobItem, type ItemJobDoc, itemJobMachine, type JobStatus } from '../item-job/model.ts';

export interface ReferenceImportItem extends JobItem {
  readonly sourceFile: string;
  readonly name: string;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const referenceImportKind: ResourceDefinition<ItemJobDoc<ReferenceImportItem>, JobStatus> = {
  kind: 'reference-import-job',
  machine: itemJobMachine,
  announced: {
    detailType: 'Reference Import Job Status Change',
    arn: ({ scope, parent, id }) => omicsArn(scope, `referenceStore/${parent}/importJob/${id}`),
    detail: ({ parent, id }) => ({ referenceStoreId: parent, id }),
  },
};
