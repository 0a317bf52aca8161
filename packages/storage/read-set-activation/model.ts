import { omicsArn } from '@helicase/kernel';
import type { ResourceDefinition } from '@helicase/records';
import { type ItemJobDoc, itemJobMachine, type JobItem, type JobStatus } from '../item-job/model.ts';

export interface ReadSetActivationItem extends JobItem {
  readonly readSetId: string;
}

export const readSetActivationKind: ResourceDefinition<ItemJobDoc<ReadSetActivationItem>, JobStatus> = {
  kind: 'read-set-activation-job',
  machine: itemJobMachine,
  announced: {
    detailType: 'Read Set Activation Job Status Change',
    arn: ({ scope, parent, id }) => omicsArn(scope, `sequenceStore/${parent}/activationJob/${id}`),
    detail: ({ parent, id }) => ({ sequenceStoreId: parent, id }),
  },
};
