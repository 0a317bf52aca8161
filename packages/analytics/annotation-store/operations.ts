import type {
  CreateAnnotationStoreRequest,
  CreateAnnotationStoreResponse,
  DeleteAnnotationStoreRequest,
  DeleteAnnotationStoreResponse,
  GetAnnotationStoreRequest,
  GetAnnotationStoreResponse,
  ListAnnotationStoresRequest,
  ListAnnotationStoresResponse,
  UpdateAnnotationStoreRequest,
  UpdateAnnotationStoreResponse,
} from '@aws-sdk/client-omics';
import type { CustomerKeys, Ids, Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { DELETE_ANNOTATION_STORE_KIND } from '../annotation-store-version/jobs.ts';
import { type StoreVersion, type StoreVersions, versionsOf } from '../annotation-store-version/model.ts';
import { page } from '../page.ts';
import type { ReferenceContigs } from '../ports.ts';
import type { AnalyticsQuotas } from '../quotas.ts';
import { type ImportJobs, UNFINISHED } from '../variant-import-job/model.ts';
import { cancelJob } from '../variant-import-job/operations.ts';
import type { StoreStatus } from '../variant-store/model.ts';
import { createStore } from './create.ts';
import { annotationErrors } from './errors.ts';
import {
  type AnnotationStore,
  annotationStoreArn,
  annotationStoreNamed,
  type AnnotationStores,
} from './model.ts';
import { storeOptionsOf } from './options.ts';
import { acceptsInvitation } from '../invitation.ts';

export interface AnnotationStorePorts {
  readonly records: Records;
  readonly annotationStores: AnnotationStores;
  readonly versions: StoreVersions;
  readonly jobs: ImportJobs;
  readonly references: ReferenceContigs;
  readonly pageTokens: PageTokens;
  readonly customerKeys?: CustomerKeys;
  readonly ids: Ids;
  readonly quotas: AnalyticsQuotas;
}

export function annotationStoreOperations(ports: AnnotationStorePorts): AnyOperation[] {
  const quota = 'annotation-store';
  const one = (input: { name?: string | undefined }, { scope }: { scope: Scope }) => [
    annotationStoreArn(scope, input.name ?? '*'),
  ];
  return [
    defineOperation<CreateAnnotationStoreRequest, CreateAnnotationStoreResponse>({
      name: 'CreateAnnotationStore',
      action: 'omics:CreateAnnotationStore',
      forwards: acceptsInvitation,
      resources: one,
      readOnly: false,
      quota,
      handler: (input, context) => createStore(ports, input, context),
    }),
    defineOperation<GetAnnotationStoreRequest, GetAnnotationStoreResponse>({
      name: 'GetAnnotationStore',
      action: 'omics:GetAnnotationStore',
      resources: one,
      readOnly: true,
      quota,
      handler: (input, context) => get(ports, input.name!, context),
    }),
    defineOperation<ListAnnotationStoresRequest, ListAnnotationStoresResponse>({
      name: 'ListAnnotationStores',
      action: 'omics:ListAnnotationStores',
      resources: () => ['*'],
      readOnly: true,
      quota,
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<UpdateAnnotationStoreRequest, UpdateAnnotationStoreResponse>({
      name: 'UpdateAnnotationStore',
      action: 'omics:UpdateAnnotationStore',
      resources: one,
      readOnly: false,
      quota,
      handler: (input, context) => update(ports, input, context),
    }),
    defineOperation<DeleteAnnotationStoreRequest, DeleteAnnotationStoreResponse>({
      name: 'DeleteAnnotationStore',
      action: 'omics:DeleteAnnotationStore',
      resources: one,
      readOnly: false,
      quota,
      handler: (input, context) => remove(ports, input, context),
    }),
  ];
}

function find(ports: AnnotationStorePorts, name: string, { scope }: OperationContext) {
  return annotationStoreNamed(ports.annotationStores, ports.records.direct, scope, name);
}

async function get(
  ports: AnnotationStorePorts,
  name: string,
  context: OperationContext,
): Promise<GetAnnotationStoreResponse> {
  const store = await find(ports, name, context);
  const versions = await versionsOf(ports.versions, ports.records.direct, context.scope, store.id);
  return {
    ...described(store, versions),
    tags: { ...store.doc.tags },
    ...storeOptionsOf(store.doc.layout),
    numVersions: versions.length,
  };
}

async function list(
  ports: AnnotationStorePorts,
  input: ListAnnotationStoresRequest,
  { scope }: OperationContext,
): Promise<ListAnnotationStoresResponse> {
  const status = input.filter?.status;
  const { direct } = ports.records;
  const found = await page(ports, scope, {
    operation: 'ListAnnotationStores',
    filter: [input.ids, status],
    token: input.nextToken,
    limit: input.maxResults,
    list: (window) =>
      ports.annotationStores.list(direct, scope, {
        ...window,
        ...(input.ids ? { ids: input.ids } : {}),
        ...(status ? { statuses: [status as StoreStatus] } : {}),
      }),
  });
  const annotationStores = [];
  for (const store of found.rows)
    annotationStores.push(described(store, await versionsOf(ports.versions, direct, scope, store.id)));
  return { annotationStores, nextToken: found.nextToken };
}

async function update(
  ports: AnnotationStorePorts,
  input: UpdateAnnotationStoreRequest,
  context: OperationContext,
): Promise<UpdateAnnotationStoreResponse> {
  const { id } = await find(ports, input.name!, context);
  const store = await ports.records.transaction((tx) =>
    ports.annotationStores.update(tx, context.scope, id, (doc) => ({
      ...doc,
      description: input.description ?? doc.description,
    })),
  );
  const { reference, status, name, description, creationTime, updateTime, storeFormat } = described(
    store,
    [],
  );
  const common = { id, reference, status, name, description, creationTime, updateTime, storeFormat };
  return { ...common, ...storeOptionsOf(store.doc.layout) };
}

async function remove(
  ports: AnnotationStorePorts,
  input: DeleteAnnotationStoreRequest,
  { scope, principal }: OperationContext,
): Promise<DeleteAnnotationStoreResponse> {
  const name = input.name!;
  await ports.records.transaction(async (tx) => {
    const found = await annotationStoreNamed(ports.annotationStores, tx, scope, name);
    // The update locks the row: a version that is being created is counted, or finds the store going.
    const store = await ports.annotationStores.update(tx, scope, found.id, (doc) => doc);
    if (store.status === 'DELETING') return;
    if (store.status === 'UPDATING') throw annotationErrors.storeChanging({ name, status: store.status });
    const versions = await versionsOf(ports.versions, tx, scope, store.id);
    if (versions.length > 1) throw annotationErrors.storeHasVersions({ name, count: versions.length });
    await endImports(ports, tx, store, input.force ?? false);
    for (const { id, status } of versions)
      if (status !== 'DELETING') await ports.versions.transition(tx, scope, id, 'DELETING');
    await ports.annotationStores.transition(tx, scope, store.id, 'DELETING');
    const actor = { scope, principal };
    const job = { actor, kind: DELETE_ANNOTATION_STORE_KIND, subject: store.id, input: {} };
    await ports.records.jobs.enqueue(tx, job);
  });
  return { status: 'DELETING' };
}

async function endImports(
  ports: AnnotationStorePorts,
  tx: Parameters<ImportJobs['list']>[0],
  { scope, doc }: AnnotationStore,
  force: boolean,
): Promise<void> {
  const query = { where: { destination: doc.name }, statuses: UNFINISHED, limit: 1000 };
  const { rows } = await ports.jobs.list(tx, scope, query);
  if (rows.length > 0 && !force) throw annotationErrors.storeBusy({ name: doc.name, count: rows.length });
  for (const job of rows) await cancelJob(ports, tx, job);
}

function described(store: AnnotationStore, versions: readonly StoreVersion[]) {
  const { id, scope, status, statusMessage, createdAt, updatedAt, doc } = store;
  return {
    id,
    // The model requires the member, which a store of generic annotations does not have: clients take it absent.
    reference: doc.referenceArn === undefined ? undefined : { referenceArn: doc.referenceArn },
    status,
    storeArn: annotationStoreArn(scope, doc.name),
    name: doc.name,
    storeFormat: doc.format,
    description: doc.description,
    // The model requires the member; without a customer's key the service's own is used.
    sseConfig: doc.sseConfig ?? { type: 'KMS' as const },
    creationTime: new Date(createdAt),
    updateTime: new Date(updatedAt),
    statusMessage: statusMessage ?? '',
    storeSizeBytes: versions.reduce((sum, version) => sum + version.doc.sizeBytes, 0),
  };
}
