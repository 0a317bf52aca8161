import type {
  CancelAnnotationImportRequest,
  GetAnnotationImportRequest,
  GetAnnotationImportResponse,
  ListAnnotationImportJobsRequest,
  ListAnnotationImportJobsResponse,
  StartAnnotationImportRequest,
  StartAnnotationImportResponse,
} from '@aws-sdk/client-omics';
import type { Roles, Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { annotationErrors } from '../annotation-store/errors.ts';
import { type AnnotationStore, annotationStoreArn, annotationStoreNamed } from '../annotation-store/model.ts';
import type { AnnotationStorePorts } from '../annotation-store/operations.ts';
import {
  defaultVersion,
  findVersion,
  type StoreVersion,
  versionsOf,
} from '../annotation-store-version/model.ts';
import { errors } from '../errors.ts';
import { page } from '../page.ts';
import {
  ANNOTATION_IMPORT_KIND,
  ENDED,
  type ImportJob,
  type ImportJobDoc,
  type ImportJobStatus,
} from '../variant-import-job/model.ts';
import { cancelJob, checkSources, summarized } from '../variant-import-job/operations.ts';
import type { ImportHistory } from '../variant-import-job/history.ts';
import { enqueueImport } from '../variant-import-job/queue.ts';
import { fileFormat, unnormalizable } from './format.ts';

export interface AnnotationImportPorts extends AnnotationStorePorts {
  readonly roles: Roles;
  readonly history: ImportHistory;
}

export function annotationImportOperations(ports: AnnotationImportPorts): AnyOperation[] {
  const quota = 'annotation-import-job';
  return [
    defineOperation<StartAnnotationImportRequest, StartAnnotationImportResponse>({
      name: 'StartAnnotationImportJob',
      action: 'omics:StartAnnotationImportJob',
      resources: (input, { scope }) => [annotationStoreArn(scope, input.destinationName!)],
      readOnly: false,
      quota,
      handler: (input, context) => start(ports, input, context),
    }),
    defineOperation<GetAnnotationImportRequest, GetAnnotationImportResponse>({
      name: 'GetAnnotationImportJob',
      action: 'omics:GetAnnotationImportJob',
      resources: () => ['*'],
      readOnly: true,
      quota,
      handler: async (input, { scope }) => {
        const job = await findJob(ports, ports.records.direct, scope, input.jobId!);
        return described(job);
      },
    }),
    defineOperation<ListAnnotationImportJobsRequest, ListAnnotationImportJobsResponse>({
      name: 'ListAnnotationImportJobs',
      action: 'omics:ListAnnotationImportJobs',
      resources: () => ['*'],
      readOnly: true,
      quota,
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<CancelAnnotationImportRequest, Record<string, never>>({
      name: 'CancelAnnotationImportJob',
      action: 'omics:CancelAnnotationImportJob',
      resources: () => ['*'],
      readOnly: false,
      quota,
      handler: (input, context) => cancel(ports, input.jobId!, context),
    }),
  ];
}

async function start(
  ports: AnnotationImportPorts,
  input: StartAnnotationImportRequest,
  context: OperationContext,
): Promise<StartAnnotationImportResponse> {
  const { scope } = context;
  const count = input.items?.length ?? 0;
  if (count > 1) throw annotationErrors.oneFile({ count });
  checkSources(input);
  const actor = await ports.roles.assume(scope, input.roleArn!, { passedBy: context });
  const id = ports.ids.uuid();
  await ports.records.transaction(async (tx) => {
    const { store, version } = await destination(ports, tx, scope, input);
    const doc = jobDoc(ports, input, store, version);
    await ports.jobs.insert(tx, { scope, id, status: 'SUBMITTED', doc });
    await enqueueImport(ports.records, tx, actor, ANNOTATION_IMPORT_KIND, id);
    await ports.history.keep(tx, actor, ANNOTATION_IMPORT_KIND, id);
  });
  return { jobId: id };
}

async function destination(
  ports: AnnotationImportPorts,
  tx: Transaction,
  scope: Scope,
  { destinationName, versionName }: StartAnnotationImportRequest,
): Promise<{ readonly store: AnnotationStore; readonly version: StoreVersion }> {
  const name = destinationName!;
  const store = await annotationStoreNamed(ports.annotationStores, tx, scope, name);
  if (store.status !== 'ACTIVE') throw annotationErrors.storeNotReady({ name, status: store.status });
  const version = await wantedVersion(ports, tx, store, versionName);
  // The update locks the row: a deletion of the version sees the job, or is seen here.
  const { status } = await ports.versions.update(tx, scope, version.id, (doc) => doc);
  if (status !== 'ACTIVE')
    throw annotationErrors.versionNotReady({ store: name, name: version.doc.name, status });
  return { store, version };
}

async function wantedVersion(
  { versions }: AnnotationImportPorts,
  tx: Transaction,
  { scope, id, doc }: AnnotationStore,
  name: string | undefined,
): Promise<StoreVersion> {
  if (name !== undefined) {
    const found = await findVersion(versions, tx, scope, id, name);
    if (!found) throw annotationErrors.versionNotFound({ store: doc.name, name });
    return found;
  }
  const all = await versionsOf(versions, tx, scope, id);
  const found = defaultVersion(all);
  if (!found) throw annotationErrors.versionNeeded({ store: doc.name, count: all.length });
  return found;
}

function jobDoc(
  { references }: AnnotationImportPorts,
  input: StartAnnotationImportRequest,
  store: AnnotationStore,
  version: StoreVersion,
): ImportJobDoc {
  const format = fileFormat(store.doc, version.doc.layout, input.formatOptions);
  const { referenceArn } = store.doc;
  const runLeftNormalization = input.runLeftNormalization ?? false;
  if (runLeftNormalization) {
    const what = unnormalizable(format) ?? (referenceArn === undefined ? 'this store' : undefined);
    if (what !== undefined) throw annotationErrors.nothingToNormalize({ what });
    if (!references.materialize) throw errors.noNormalization({});
  }
  return {
    destination: store.doc.name,
    storeId: version.id,
    referenceArn,
    roleArn: input.roleArn!,
    runLeftNormalization,
    annotationFields: { ...input.annotationFields },
    items: input.items!.map(({ source }) => ({ source: source!, status: 'SUBMITTED', message: '' })),
    annotation: { versionName: version.doc.name, format, formatOptions: input.formatOptions },
  };
}

async function findJob(
  { jobs }: AnnotationImportPorts,
  tx: Transaction,
  scope: Scope,
  id: string,
): Promise<ImportJob> {
  const job = await jobs.find(tx, scope, id);
  if (!job) throw annotationErrors.jobNotFound({ id, ...scope });
  return job;
}

async function cancel(ports: AnnotationImportPorts, id: string, { scope }: OperationContext) {
  await ports.records.transaction(async (tx) => {
    const job = await findJob(ports, tx, scope, id);
    if (ENDED.has(job.status)) throw annotationErrors.jobEnded({ id, status: job.status });
    await cancelJob(ports, tx, job);
  });
  return {};
}

async function list(
  ports: AnnotationImportPorts,
  input: ListAnnotationImportJobsRequest,
  { scope }: OperationContext,
): Promise<ListAnnotationImportJobsResponse> {
  const { status, storeName } = input.filter ?? {};
  const found = await page(ports, scope, {
    operation: 'ListAnnotationImportJobs',
    filter: [input.ids, status, storeName],
    token: input.nextToken,
    limit: input.maxResults,
    list: (window) =>
      ports.jobs.list(ports.records.direct, scope, {
        ...window,
        ...(input.ids ? { ids: input.ids } : {}),
        ...(status ? { statuses: [status as ImportJobStatus] } : {}),
        ...(storeName ? { where: { destination: storeName } } : {}),
      }),
  });
  const annotationImportJobs = found.rows.map((job) => ({ ...summarized(job), ...versionOf(job) }));
  return { annotationImportJobs, nextToken: found.nextToken };
}

function versionOf({ doc }: ImportJob): { readonly versionName: string } {
  return { versionName: doc.annotation!.versionName };
}

function described(job: ImportJob): GetAnnotationImportResponse {
  const { completedAt, annotation } = job.doc;
  return {
    ...summarized(job),
    ...versionOf(job),
    statusMessage: job.statusMessage ?? '',
    // The model requires both, and knows neither a job that still runs nor options of a GFF file.
    completionTime: completedAt === undefined ? undefined : new Date(completedAt),
    formatOptions: annotation!.formatOptions,
    // An item has no message of its own here: the job's names the file and what is wrong with it.
    items: job.doc.items.map(({ source, status }) => ({ source, jobStatus: status })),
  };
}
