import type {
  GetReadSetImportJobRequest,
  GetReadSetImportJobResponse,
  ImportReadSetSourceItem,
  ListReadSetImportJobsRequest,
  ListReadSetImportJobsResponse,
  StartReadSetImportJobRequest,
  StartReadSetImportJobResponse,
  StartReadSetImportJobSourceItem,
} from '@aws-sdk/client-omics';
import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import { sequenceStoreArn } from '../arns.ts';
import { entry } from '../entry.ts';
import { errors } from '../errors.ts';
import { findJob, importSummary, submitJob } from '../item-job/submit.ts';
import type { Checked } from '../input.ts';
import { createdBetween, listPage } from '../listing.ts';
import { present } from '../present.ts';
import { byArn } from '../reference/references.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import { refuseReadSets } from '../store-quotas.ts';
import type { ReadSetImportItem } from './model.ts';

const STORE = 'sequence-store';

export function readSetImportOperations(room: Room): AnyOperation[] {
  const store = (scope: Scope, input: { sequenceStoreId: string }): string =>
    sequenceStoreArn(scope, input.sequenceStoreId);
  return [
    entry<StartReadSetImportJobRequest, StartReadSetImportJobResponse>({
      name: 'StartReadSetImportJob',
      readOnly: false,
      resource: store,
      handler: (input, context) => start(room, input, context),
    }),
    entry<GetReadSetImportJobRequest, GetReadSetImportJobResponse>({
      name: 'GetReadSetImportJob',
      readOnly: true,
      resource: store,
      handler: (input, context) => get(room, input, context),
    }),
    entry<ListReadSetImportJobsRequest, ListReadSetImportJobsResponse>({
      name: 'ListReadSetImportJobs',
      readOnly: true,
      resource: store,
      handler: (input, context) => list(room, input, context),
    }),
  ];
}

async function start(
  room: Room,
  input: Checked<StartReadSetImportJobRequest>,
  context: OperationContext,
): Promise<StartReadSetImportJobResponse> {
  const store = input.sequenceStoreId;
  await findSequenceStore(room, context.scope, store);
  for (const [index, source] of input.sources.entries())
    await checkSource(room, context.scope, source, index);
  const submission = {
    queue: 'import' as const,
    table: room.tables.readSetImports,
    storeKind: STORE,
    store,
    roleArn: input.roleArn,
    items: input.sources.map(itemOf),
    refuse: (tx: Transaction) => refuseReadSets(room, tx, context.scope, store, input.sources.length),
  };
  const missing = () => errors.sequenceStoreNotFound({ id: store });
  return submitJob(room, context, submission, missing, (row) => ({
    ...importSummary(row),
    sequenceStoreId: store,
  }));
}

/** What can be known to be wrong before the job: the guide wants a reference for aligned reads, and pairs are FASTQ's. */
async function checkSource(
  room: Room,
  scope: Scope,
  source: Checked<StartReadSetImportJobSourceItem>,
  index: number,
): Promise<void> {
  const type = source.sourceFileType;
  const { source1, source2 } = source.sourceFiles;
  if (source2 !== undefined && type !== 'FASTQ') throw errors.secondSourceNotFastq({ index, type });
  if (source1 === source2) throw errors.sameSourceTwice({ index, uri: source1 });
  if (source.referenceArn !== undefined) await byArn(room, scope, source.referenceArn);
  else if (type === 'BAM' || type === 'CRAM') throw errors.referenceRequired({ index, type });
}

function itemOf(source: Checked<StartReadSetImportJobSourceItem>): ReadSetImportItem {
  const { sourceFiles, sourceFileType, subjectId, sampleId, tags } = source;
  const { generatedFrom, referenceArn, name, description } = source;
  return {
    status: 'NOT_STARTED',
    sourceFiles: { source1: sourceFiles.source1, ...present({ source2: sourceFiles.source2 }) },
    sourceFileType,
    subjectId,
    sampleId,
    tags: tags ?? {},
    ...present({ generatedFrom, referenceArn, name, description }),
  };
}

async function get(
  room: Room,
  input: Checked<GetReadSetImportJobRequest>,
  { scope }: OperationContext,
): Promise<GetReadSetImportJobResponse> {
  const store = input.sequenceStoreId;
  await findSequenceStore(room, scope, store);
  const job = { id: input.id, store, storeKind: STORE, noun: 'import job' };
  const row = await findJob(room, scope, room.tables.readSetImports, job);
  return {
    ...importSummary(row),
    sequenceStoreId: store,
    sources: row.doc.items.map(source),
    ...present({ statusMessage: row.statusMessage }),
  };
}

function source({ resourceId, ...item }: ReadSetImportItem): ImportReadSetSourceItem {
  return { ...item, ...present({ readSetId: item.status === 'FINISHED' ? resourceId : undefined }) };
}

async function list(
  room: Room,
  input: Checked<ListReadSetImportJobsRequest>,
  context: OperationContext,
): Promise<ListReadSetImportJobsResponse> {
  const store = input.sequenceStoreId;
  await findSequenceStore(room, context.scope, store);
  const { status } = input.filter ?? {};
  const page = await listPage(room, context, 'ListReadSetImportJobs', room.tables.readSetImports, input, {
    parent: store,
    ...createdBetween(input.filter),
    ...(status ? { statuses: [status] } : {}),
  });
  const importJobs = page.rows.map((row) => ({ ...importSummary(row), sequenceStoreId: store }));
  return { importJobs, ...present({ nextToken: page.nextToken }) };
}
