import { omicsArn } from '@helicase/kernel';
import type { ResourceDefinition } from '@helicase/records';
import { type ItemJobDoc, itemJobMachine, type JobItem, type JobStatus } from '../item-job/model.ts';

export interface ReadSetExportItem extends JobItem {
  readonly readSetId: string;
}

export const readSetExportKind: ResourceDefinition<ItemJobDoc<ReadSetExportItem>, JobStatus> = {
  kind: 'read-set-export-job',
  machine: itemJobMachine,
  announced: {
    detailType: 'Read Set Export Job Status Change',
    arn: ({ scope, parent, id }) => omicsArn(scope, `sequenceStore/${parent}/exportJob/${id}`),
    detail: ({ parent, id }) => ({ sequenceStoreId: parent, id }),
  },
};
