import type {
  GetReferenceImportJobRequest,
  GetReferenceImportJobResponse,
  ImportReferenceSourceItem,
  ListReferenceImportJobsRequest,
  ListReferenceImportJobsResponse,
  StartReferenceImportJobRequest,
  StartReferenceImportJobResponse,
} from '@aws-sdk/client-omics';
import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import { referenceStoreArn } from '../arns.ts';
import { entry } from '../entry.ts';
import { errors } from '../errors.ts';
import { findJob, importSummary, submitJob } from '../item-job/submit.ts';
import type { Checked } from '../input.ts';
import { createdBetween, listPage } from '../listing.ts';
import { present } from '../present.ts';
import { findReferenceStore } from '../reference-store/operations.ts';
import type { Room } from '../room.ts';
import { refuseReferences } from '../store-quotas.ts';
import type { ReferenceImportItem } from './model.ts';

const STORE = 'reference-store';

export function referenceImportOperations(room: Room): AnyOperation[] {
  const store = (scope: Scope, input: { referenceStoreId: string }): string =>
    referenceStoreArn(scope, input.referenceStoreId);
  return [
    entry<StartReferenceImportJobRequest, StartReferenceImportJobResponse>({
      name: 'StartReferenceImportJob',
      readOnly: false,
      resource: store,
      handler: (input, context) => start(room, input, context),
    }),
    entry<GetReferenceImportJobRequest, GetReferenceImportJobResponse>({
      name: 'GetReferenceImportJob',
      readOnly: true,
      resource: store,
      handler: (input, context) => get(room, input, context),
    }),
    entry<ListReferenceImportJobsRequest, ListReferenceImportJobsResponse>({
      name: 'ListReferenceImportJobs',
      readOnly: true,
      resource: store,
      handler: (input, context) => list(room, input, context),
    }),
  ];
}

async function start(
  room: Room,
  input: Checked<StartReferenceImportJobRequest>,
  context: OperationContext,
): Promise<StartReferenceImportJobResponse> {
  const store = input.referenceStoreId;
  await findReferenceStore(room, context.scope, store);
  const items = input.sources.map(({ sourceFile, name, description, tags }): ReferenceImportItem => ({
    status: 'NOT_STARTED',
    sourceFile,
    name,
    tags: tags ?? {},
    ...present({ description }),
  }));
  const submission = {
    queue: 'import' as const,
    table: room.tables.referenceImports,
    storeKind: STORE,
    store,
    roleArn: input.roleArn,
    items,
    refuse: (tx: Transaction) => refuseReferences(room, tx, context.scope, store, items.length),
  };
  const missing = () => errors.referenceStoreNotFound({ id: store });
  return submitJob(room, context, submission, missing, (row) => ({
    ...importSummary(row),
    referenceStoreId: store,
  }));
}

async function get(
  room: Room,
  input: Checked<GetReferenceImportJobRequest>,
  { scope }: OperationContext,
): Promise<GetReferenceImportJobResponse> {
  const store = input.referenceStoreId;
  await findReferenceStore(room, scope, store);
  const job = { id: input.id, store, storeKind: STORE, noun: 'import job' };
  const row = await findJob(room, scope, room.tables.referenceImports, job);
  return {
    ...importSummary(row),
    referenceStoreId: store,
    sources: row.doc.items.map(source),
    ...present({ statusMessage: row.statusMessage }),
  };
}

function source(item: ReferenceImportItem): ImportReferenceSourceItem {
  const { sourceFile, status, statusMessage, name, description, tags, resourceId } = item;
  return {
    sourceFile,
    status,
    name,
    tags,
    ...present({ statusMessage, description, referenceId: status === 'FINISHED' ? resourceId : undefined }),
  };
}

async function list(
  room: Room,
  input: Checked<ListReferenceImportJobsRequest>,
  context: OperationContext,
): Promise<ListReferenceImportJobsResponse> {
  const store = input.referenceStoreId;
  await findReferenceStore(room, context.scope, store);
  const { status } = input.filter ?? {};
  const page = await listPage(room, context, 'ListReferenceImportJobs', room.tables.referenceImports, input, {
    parent: store,
    ...createdBetween(input.filter),
    ...(status ? { statuses: [status] } : {}),
  });
  const importJobs = page.rows.map((row) => ({ ...importSummary(row), referenceStoreId: store }));
  return { importJobs, ...present({ nextToken: page.nextToken }) };
}
