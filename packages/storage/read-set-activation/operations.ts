import type {
  ActivateReadSetSourceItem,
  GetReadSetActivationJobRequest,
  GetReadSetActivationJobResponse,
  ListReadSetActivationJobsRequest,
  ListReadSetActivationJobsResponse,
  StartReadSetActivationJobRequest,
  StartReadSetActivationJobResponse,
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
import type { ReadSetActivationItem } from './model.ts';

const STORE = 'sequence-store';
type Row = Resource<ItemJobDoc<ReadSetActivationItem>, JobStatus>;

export function readSetActivationOperations(room: Room): AnyOperation[] {
  const store = (scope: Scope, input: { sequenceStoreId: string }): string =>
    sequenceStoreArn(scope, input.sequenceStoreId);
  return [
    entry<StartReadSetActivationJobRequest, StartReadSetActivationJobResponse>({
      name: 'StartReadSetActivationJob',
      readOnly: false,
      resource: store,
      handler: (input, context) => start(room, input, context),
    }),
    entry<GetReadSetActivationJobRequest, GetReadSetActivationJobResponse>({
      name: 'GetReadSetActivationJob',
      readOnly: true,
      resource: store,
      handler: (input, context) => get(room, input, context),
    }),
    entry<ListReadSetActivationJobsRequest, ListReadSetActivationJobsResponse>({
      name: 'ListReadSetActivationJobs',
      readOnly: true,
      resource: store,
      handler: (input, context) => list(room, input, context),
    }),
  ];
}

const summary = (row: Row) => ({ ...jobSummary(row), sequenceStoreId: row.parent });

async function start(
  room: Room,
  input: Checked<StartReadSetActivationJobRequest>,
  context: OperationContext,
): Promise<StartReadSetActivationJobResponse> {
  const store = input.sequenceStoreId;
  await findSequenceStore(room, context.scope, store);
  const ids = [...new Set(input.sources.map(({ readSetId }) => readSetId))];
  const items = ids.map((readSetId): ReadSetActivationItem => ({ status: 'NOT_STARTED', readSetId }));
  const table = room.tables.readSetActivations;
  const submission = { queue: 'activation' as const, table, storeKind: STORE, store, items };
  return submitJob(room, context, submission, () => errors.sequenceStoreNotFound({ id: store }), summary);
}

async function get(
  room: Room,
  { id, sequenceStoreId: store }: Checked<GetReadSetActivationJobRequest>,
  { scope }: OperationContext,
): Promise<GetReadSetActivationJobResponse> {
  await findSequenceStore(room, scope, store);
  const named = { id, store, storeKind: STORE, noun: 'activation job' };
  const row = await findJob(room, scope, room.tables.readSetActivations, named);
  return {
    ...summary(row),
    sources: row.doc.items.map(detail),
    ...present({ statusMessage: row.statusMessage }),
  };
}

function detail({ readSetId, status, statusMessage }: ReadSetActivationItem): ActivateReadSetSourceItem {
  return { readSetId, status, ...present({ statusMessage }) };
}

async function list(
  room: Room,
  input: Checked<ListReadSetActivationJobsRequest>,
  context: OperationContext,
): Promise<ListReadSetActivationJobsResponse> {
  const store = input.sequenceStoreId;
  await findSequenceStore(room, context.scope, store);
  const { status } = input.filter ?? {};
  const page = await listPage(
    room,
    context,
    'ListReadSetActivationJobs',
    room.tables.readSetActivations,
    input,
    {
      parent: store,
      ...createdBetween(input.filter),
      ...(status ? { statuses: [status] } : {}),
    },
  );
  return { activationJobs: page.rows.map(summary), ...present({ nextToken: page.nextToken }) };
}
