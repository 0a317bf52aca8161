import type {
  CreateVariantStoreRequest,
  CreateVariantStoreResponse,
  DeleteVariantStoreRequest,
  DeleteVariantStoreResponse,
  GetVariantStoreRequest,
  GetVariantStoreResponse,
  ListVariantStoresRequest,
  ListVariantStoresResponse,
  UpdateVariantStoreRequest,
  UpdateVariantStoreResponse,
} from '@aws-sdk/client-omics';
import type { CustomerKeys, Ids } from '@helicase/kernel';
import { type Records, UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { page } from '../page.ts';
import type { ReferenceContigs } from '../ports.ts';
import { type ImportJobs, UNFINISHED } from '../variant-import-job/model.ts';
import { cancelJob } from '../variant-import-job/operations.ts';
import { CREATE_KIND, DELETE_KIND } from './jobs.ts';
import {
  findStore,
  storeArn,
  type StoreStatus,
  type VariantStore,
  type VariantStores,
  storeKeyPurpose,
} from './model.ts';
import { acceptsInvitation } from '../invitation.ts';

export interface StorePorts {
  readonly records: Records;
  readonly stores: VariantStores;
  readonly jobs: ImportJobs;
  readonly references: ReferenceContigs;
  readonly pageTokens: PageTokens;
  readonly customerKeys?: CustomerKeys;
  readonly ids: Ids;
}

export function variantStoreOperations(ports: StorePorts): AnyOperation[] {
  const quota = 'variant-store';
  return [
    defineOperation<CreateVariantStoreRequest, CreateVariantStoreResponse>({
      name: 'CreateVariantStore',
      action: 'omics:CreateVariantStore',
      forwards: acceptsInvitation,
      resources: (input, { scope }) => [storeArn(scope, input.name ?? '*')],
      readOnly: false,
      quota,
      handler: (input, context) => create(ports, input, context),
    }),
    defineOperation<GetVariantStoreRequest, GetVariantStoreResponse>({
      name: 'GetVariantStore',
      action: 'omics:GetVariantStore',
      resources: (input, { scope }) => [storeArn(scope, input.name!)],
      readOnly: true,
      quota,
      handler: async (input, context) => {
        const store = await find(ports, input.name!, context);
        return { ...described(store), tags: { ...store.doc.tags } };
      },
    }),
    defineOperation<ListVariantStoresRequest, ListVariantStoresResponse>({
      name: 'ListVariantStores',
      action: 'omics:ListVariantStores',
      resources: () => ['*'],
      readOnly: true,
      quota,
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<UpdateVariantStoreRequest, UpdateVariantStoreResponse>({
      name: 'UpdateVariantStore',
      action: 'omics:UpdateVariantStore',
      resources: (input, { scope }) => [storeArn(scope, input.name!)],
      readOnly: false,
      quota,
      handler: (input, context) => update(ports, input, context),
    }),
    defineOperation<DeleteVariantStoreRequest, DeleteVariantStoreResponse>({
      name: 'DeleteVariantStore',
      action: 'omics:DeleteVariantStore',
      resources: (input, { scope }) => [storeArn(scope, input.name!)],
      readOnly: false,
      quota,
      handler: (input, context) => remove(ports, input, context),
    }),
  ];
}

async function create(
  ports: StorePorts,
  input: CreateVariantStoreRequest,
  { reserve, scope, principal }: OperationContext,
): Promise<CreateVariantStoreResponse> {
  const referenceArn = input.reference?.referenceArn;
  if (!referenceArn) throw errors.referenceNeeded({});
  const actor = { scope, principal };
  if (!(await ports.references.find(actor, referenceArn)))
    throw errors.referenceNotFound({ arn: referenceArn });
  const id = ports.ids.hex(12);
  // The model lets the name out and does not say what it is then.
  const name = input.name ?? `variant_store_${id}`;
  const { keyArn: customerKey } = input.sseConfig ?? {};
  if (customerKey !== undefined) {
    await ports.customerKeys?.attach(actor, customerKey, storeKeyPurpose(id), { grant: true });
  }
  const store = await ports.records
    .transaction(async (tx) => {
      await reserve?.(tx);
      const { type, keyArn } = input.sseConfig ?? {};
      const sseConfig = type ? { type, ...(keyArn ? { keyArn } : {}) } : undefined;
      const description = input.description ?? '';
      const doc = { name, description, referenceArn, sseConfig, tags: { ...input.tags }, sizeBytes: 0 };
      const inserted = await ports.stores.insert(tx, { scope, id, status: 'CREATING', doc });
      await ports.records.jobs.enqueue(tx, { actor, kind: CREATE_KIND, subject: id, input: {} });
      return inserted;
    })
    .catch((error: unknown) => {
      throw error instanceof UniqueViolation && error.column === 'name'
        ? errors.storeExists({ name })
        : error;
    });
  const { creationTime, reference, status } = described(store);
  return { id, reference, status, name, creationTime };
}

async function find(ports: StorePorts, name: string, { scope }: OperationContext): Promise<VariantStore> {
  const store = await findStore(ports.stores, ports.records.direct, scope, name);
  if (!store) throw errors.storeNotFound({ name, ...scope });
  return store;
}

async function list(
  ports: StorePorts,
  input: ListVariantStoresRequest,
  { scope }: OperationContext,
): Promise<ListVariantStoresResponse> {
  const status = input.filter?.status;
  const found = await page(ports, scope, {
    operation: 'ListVariantStores',
    filter: [input.ids, status],
    token: input.nextToken,
    limit: input.maxResults,
    list: (window) =>
      ports.stores.list(ports.records.direct, scope, {
        ...window,
        ...(input.ids ? { ids: input.ids } : {}),
        ...(status ? { statuses: [status as StoreStatus] } : {}),
      }),
  });
  return { variantStores: found.rows.map(described), nextToken: found.nextToken };
}

async function update(
  ports: StorePorts,
  input: UpdateVariantStoreRequest,
  context: OperationContext,
): Promise<UpdateVariantStoreResponse> {
  const { id } = await find(ports, input.name!, context);
  const store = await ports.records.transaction((tx) =>
    ports.stores.update(tx, context.scope, id, (doc) => ({
      ...doc,
      description: input.description ?? doc.description,
    })),
  );
  const { reference, status, name, description, creationTime, updateTime } = described(store);
  return { id, reference, status, name, description, creationTime, updateTime };
}

async function remove(
  ports: StorePorts,
  input: DeleteVariantStoreRequest,
  context: OperationContext,
): Promise<DeleteVariantStoreResponse> {
  const { scope, principal } = context;
  const name = input.name!;
  await ports.records.transaction(async (tx) => {
    const store = await findStore(ports.stores, tx, scope, name);
    if (!store) throw errors.storeNotFound({ name, ...scope });
    if (store.status === 'DELETING') return;
    if (store.status === 'UPDATING') throw errors.storeChanging({ name, status: store.status });
    await endImports(ports, tx, store, input.force ?? false);
    await ports.stores.transition(tx, scope, store.id, 'DELETING');
    const actor = { scope, principal };
    await ports.records.jobs.enqueue(tx, { actor, kind: DELETE_KIND, subject: store.id, input: {} });
  });
  return { status: 'DELETING' };
}

async function endImports(
  ports: StorePorts,
  tx: Parameters<ImportJobs['list']>[0],
  { scope, doc }: VariantStore,
  force: boolean,
): Promise<void> {
  const query = { where: { destination: doc.name }, statuses: UNFINISHED, limit: 1000 };
  const { rows } = await ports.jobs.list(tx, scope, query);
  if (rows.length > 0 && !force) throw errors.storeBusy({ name: doc.name, count: rows.length });
  for (const job of rows) await cancelJob(ports, tx, job);
}

function described({ id, scope, status, statusMessage, createdAt, updatedAt, doc }: VariantStore) {
  return {
    id,
    reference: { referenceArn: doc.referenceArn },
    status,
    storeArn: storeArn(scope, doc.name),
    name: doc.name,
    description: doc.description,
    // The model requires the member; without a customer's key the service's own is used.
    sseConfig: doc.sseConfig ?? { type: 'KMS' as const },
    creationTime: new Date(createdAt),
    updateTime: new Date(updatedAt),
    statusMessage: statusMessage ?? '',
    storeSizeBytes: doc.sizeBytes,
  };
}
