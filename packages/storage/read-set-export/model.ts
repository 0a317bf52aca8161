import type { ResourceDefinition } from '@helicase/records';
import { type ItemJobDoc, itemJobMachine, type JobItem, type JobStatus } from '../item-job/model.ts';

export interface ReadSetExportItem extends JobItem {
  readonly readSetId: string;
}

export const readSetExportKind: ResourceDefinition<ItemJobDoc<ReadSetExportItem>, JobStatus> = {
  kind: 'read-set-export-job',
  machine: itemJobMachine,
};
