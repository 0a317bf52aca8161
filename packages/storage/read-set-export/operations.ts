import type {
  ExportReadSetDetail,
  GetReadSetExportJobRequest,
  GetReadSetExportJobResponse,
  ListReadSetExportJobsRequest,
  ListReadSetExportJobsResponse,
  StartReadSetExportJobRequest,
  StartReadSetExportJobResponse,
} from '@aws-sdk/client-omics';
import type { Scope } from '@helicase/kernel';
import type { Resource } from '@helicase/records';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import { sequenceStoreArn } from '../arns.ts';
import { entry } from '../entry.ts';
import { errors } from '../errors.ts';
import type { ItemJobDoc, JobStatus } from '../item-job/model.ts';
import { findJob, jobSummary, submitJob } from '../item-job/submit.ts';
import type { Checked } from '../input.ts';
import { createdBetween, listPage } from '../listing.ts';
import { present } from '../present.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import type { ReadSetExportItem } from './model.ts';

const STORE = 'sequence-store';
type Row = Resource<ItemJobDoc<ReadSetExportItem>, JobStatus>;

export function readSetExportOperations(room: Room): AnyOperation[] {
  const store = (scope: Scope, input: { sequenceStoreId: string }): string =>
    sequenceStoreArn(scope, input.sequenceStoreId);
  return [
    entry<StartReadSetExportJobRequest, StartReadSetExportJobResponse>({
      name: 'StartReadSetExportJob',
      readOnly: false,
      resource: store,
      handler: (input, context) => start(room, input, context),
    }),
    entry<GetReadSetExportJobRequest, GetReadSetExportJobResponse>({
      name: 'GetReadSetExportJob',
      readOnly: true,
      resource: store,
      handler: (input, context) => get(room, input, context),
    }),
    entry<ListReadSetExportJobsRequest, ListReadSetExportJobsResponse>({
      name: 'ListReadSetExportJobs',
      readOnly: true,
      resource: store,
      handler: (input, context) => list(room, input, context),
    }),
  ];
}

const summary = (row: Row) => ({
  ...jobSummary(row),
  sequenceStoreId: row.parent,
  destination: row.doc.destination ?? '',
});

async function start(
  room: Room,
  input: Checked<StartReadSetExportJobRequest>,
  context: OperationContext,
): Promise<StartReadSetExportJobResponse> {
  const { sequenceStoreId: store, roleArn, destination } = input;
  await findSequenceStore(room, context.scope, store);
  const ids = [...new Set(input.sources.map(({ readSetId }) => readSetId))];
  const items = ids.map((readSetId): ReadSetExportItem => ({ status: 'NOT_STARTED', readSetId }));
  const table = room.tables.readSetExports;
  const submission = {
    queue: 'export' as const,
    table,
    storeKind: STORE,
    store,
    roleArn,
    destination,
    items,
  };
  return submitJob(room, context, submission, () => errors.sequenceStoreNotFound({ id: store }), summary);
}

async function get(
  room: Room,
  { id, sequenceStoreId: store }: Checked<GetReadSetExportJobRequest>,
  { scope }: OperationContext,
): Promise<GetReadSetExportJobResponse> {
  await findSequenceStore(room, scope, store);
  const named = { id, store, storeKind: STORE, noun: 'export job' };
  const row = await findJob(room, scope, room.tables.readSetExports, named);
  return {
    ...summary(row),
    readSets: row.doc.items.map(detail),
    ...present({ statusMessage: row.statusMessage }),
  };
}

function detail({ readSetId, status, statusMessage }: ReadSetExportItem): ExportReadSetDetail {
  return { id: readSetId, status, ...present({ statusMessage }) };
}

async function list(
  room: Room,
  input: Checked<ListReadSetExportJobsRequest>,
  context: OperationContext,
): Promise<ListReadSetExportJobsResponse> {
  const store = input.sequenceStoreId;
  await findSequenceStore(room, context.scope, store);
  const { status } = input.filter ?? {};
  const page = await listPage(room, context, 'ListReadSetExportJobs', room.tables.readSetExports, input, {
    parent: store,
    ...createdBetween(input.filter),
    ...(status ? { statuses: [status] } : {}),
  });
  return { exportJobs: page.rows.map(summary), ...present({ nextToken: page.nextToken }) };
}
