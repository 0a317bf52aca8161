import type {
  CancelVariantImportRequest,
  GetVariantImportRequest,
  GetVariantImportResponse,
  ListVariantImportJobsRequest,
  ListVariantImportJobsResponse,
  StartVariantImportRequest,
  StartVariantImportResponse,
} from '@aws-sdk/client-omics';
import { parseS3Uri } from '@helicase/blobs';
import { type Ids, limitIn, type Roles, type Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { page } from '../page.ts';
import type { ReferenceContigs } from '../ports.ts';
import type { AnalyticsQuotas } from '../quotas.ts';
import { findStore, storeArn, type VariantStores } from '../variant-store/model.ts';
import type { ImportHistory } from './history.ts';
import {
  ENDED,
  IMPORT_KIND,
  type ImportJob,
  type ImportJobs,
  type ImportJobStatus,
  importKind,
} from './model.ts';
import { cancelImport, enqueueImport } from './queue.ts';

export interface ImportJobPorts {
  readonly records: Records;
  readonly stores: VariantStores;
  readonly jobs: ImportJobs;
  readonly history: ImportHistory;
  readonly roles: Roles;
  readonly references: ReferenceContigs;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
  readonly quotas: AnalyticsQuotas;
}

export function importJobOperations(ports: ImportJobPorts): AnyOperation[] {
  const quota = 'variant-import-job';
  return [
    defineOperation<StartVariantImportRequest, StartVariantImportResponse>({
      name: 'StartVariantImportJob',
      action: 'omics:StartVariantImportJob',
      resources: (input, { scope }) => [storeArn(scope, input.destinationName!)],
      readOnly: false,
      quota,
      handler: (input, context) => start(ports, input, context),
    }),
    defineOperation<GetVariantImportRequest, GetVariantImportResponse>({
      name: 'GetVariantImportJob',
      action: 'omics:GetVariantImportJob',
      resources: () => ['*'],
      readOnly: true,
      quota,
      handler: async (input, context) => described(await findJob(ports, input.jobId!, context)),
    }),
    defineOperation<ListVariantImportJobsRequest, ListVariantImportJobsResponse>({
      name: 'ListVariantImportJobs',
      action: 'omics:ListVariantImportJobs',
      resources: () => ['*'],
      readOnly: true,
      quota,
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<CancelVariantImportRequest, Record<string, never>>({
      name: 'CancelVariantImportJob',
      action: 'omics:CancelVariantImportJob',
      resources: () => ['*'],
      readOnly: false,
      quota,
      handler: (input, context) => cancel(ports, input.jobId!, context),
    }),
  ];
}

async function start(
  ports: ImportJobPorts,
  input: StartVariantImportRequest,
  context: OperationContext,
): Promise<StartVariantImportResponse> {
  const { scope } = context;
  check(ports, input, scope);
  const name = input.destinationName!;
  const actor = await ports.roles.assume(scope, input.roleArn!, { passedBy: context });
  const id = ports.ids.uuid();
  await ports.records.transaction(async (tx) => {
    const store = await findStore(ports.stores, tx, scope, name);
    if (!store) throw errors.storeNotFound({ name, ...scope });
    if (store.status !== 'ACTIVE') throw errors.storeNotReady({ name, status: store.status });
    await ports.jobs.insert(tx, {
      scope,
      id,
      status: 'SUBMITTED',
      doc: {
        destination: name,
        storeId: store.id,
        referenceArn: store.doc.referenceArn,
        roleArn: input.roleArn!,
        runLeftNormalization: input.runLeftNormalization ?? false,
        annotationFields: { ...input.annotationFields },
        items: input.items!.map(({ source }) => ({ source: source!, status: 'SUBMITTED', message: '' })),
      },
    });
    await enqueueImport(ports.records, tx, actor, IMPORT_KIND, id);
    await ports.history.keep(tx, actor, IMPORT_KIND, id);
  });
  return { jobId: id };
}

function check({ quotas, references }: ImportJobPorts, input: StartVariantImportRequest, scope: Scope): void {
  const [limit, count] = [limitIn(quotas.filesPerImport, scope), input.items?.length ?? 0];
  if (count > limit) throw errors.tooManyItems({ limit, count });
  checkSources(input);
  if (input.runLeftNormalization && !references.materialize) throw errors.noNormalization({});
}

/** What variant and annotation imports have in common. */
export function checkSources(input: Pick<StartVariantImportRequest, 'items' | 'annotationFields'>): void {
  for (const [index, { source }] of (input.items ?? []).entries()) {
    if (!parseS3Uri(source ?? '')?.key) throw errors.badSource({ index, source: source ?? '' });
  }
  const field = Object.keys(input.annotationFields ?? {}).find((key) => key !== 'VEP');
  if (field !== undefined) throw errors.badAnnotationField({ field });
}

async function findJob(ports: ImportJobPorts, id: string, { scope }: OperationContext): Promise<ImportJob> {
  const job = await ports.jobs.find(ports.records.direct, scope, id);
  if (!job) throw errors.jobNotFound({ id, ...scope });
  return job;
}

async function cancel(ports: ImportJobPorts, id: string, { scope }: OperationContext) {
  await ports.records.transaction(async (tx) => {
    const job = await ports.jobs.hold(tx, scope, id);
    if (!job) throw errors.jobNotFound({ id, ...scope });
    if (ENDED.has(job.status)) throw errors.jobEnded({ id, status: job.status });
    await cancelJob(ports, tx, job);
  });
  return {};
}

/** Files that are visible already stay; the ones not yet imported never come. */
export async function cancelJob(
  ports: Pick<ImportJobPorts, 'records' | 'jobs'>,
  tx: Parameters<ImportJobs['transition']>[0],
  { scope, id, doc: job }: ImportJob,
): Promise<void> {
  const status: ImportJobStatus = 'CANCELLED';
  await ports.jobs.transition(tx, scope, id, status, {
    doc: (doc) => ({
      ...doc,
      items: doc.items.map((item) => (ENDED.has(item.status) ? item : { ...item, status })),
    }),
  });
  await cancelImport(ports.records, tx, scope, importKind(job), id);
}

async function list(
  ports: ImportJobPorts,
  input: ListVariantImportJobsRequest,
  context: OperationContext,
): Promise<ListVariantImportJobsResponse> {
  const { status, storeName } = input.filter ?? {};
  const found = await page(ports, context.scope, {
    operation: 'ListVariantImportJobs',
    filter: [input.ids, status, storeName],
    token: input.nextToken,
    limit: input.maxResults,
    list: (window) =>
      ports.jobs.list(ports.records.direct, context.scope, {
        ...window,
        ...(input.ids ? { ids: input.ids } : {}),
        ...(status ? { statuses: [status as ImportJobStatus] } : {}),
        ...(storeName ? { where: { destination: storeName } } : {}),
      }),
  });
  return { variantImportJobs: found.rows.map(summarized), nextToken: found.nextToken };
}

export function summarized({ id, status, createdAt, updatedAt, doc }: ImportJob) {
  return {
    id,
    destinationName: doc.destination,
    roleArn: doc.roleArn,
    status,
    creationTime: new Date(createdAt),
    updateTime: new Date(updatedAt),
    ...(doc.completedAt === undefined ? {} : { completionTime: new Date(doc.completedAt) }),
    runLeftNormalization: doc.runLeftNormalization,
    ...(Object.keys(doc.annotationFields).length > 0 ? { annotationFields: doc.annotationFields } : {}),
  };
}

function described(job: ImportJob): GetVariantImportResponse {
  return {
    ...summarized(job),
    statusMessage: job.statusMessage ?? '',
    items: job.doc.items.map(({ source, status, message }) => ({
      source,
      jobStatus: status,
      ...(message ? { statusMessage: message } : {}),
    })),
  };
}
