import type {
  CreateAnnotationStoreVersionRequest,
  CreateAnnotationStoreVersionResponse,
  DeleteAnnotationStoreVersionsRequest,
  DeleteAnnotationStoreVersionsResponse,
  GetAnnotationStoreVersionRequest,
  GetAnnotationStoreVersionResponse,
  ListAnnotationStoreVersionsRequest,
  ListAnnotationStoreVersionsResponse,
  UpdateAnnotationStoreVersionRequest,
  UpdateAnnotationStoreVersionResponse,
} from '@aws-sdk/client-omics';
import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { annotationErrors } from '../annotation-store/errors.ts';
import { annotationStoreArn, annotationStoreNamed } from '../annotation-store/model.ts';
import type { AnnotationStorePorts } from '../annotation-store/operations.ts';
import { versionOptionsOf } from '../annotation-store/options.ts';
import { page } from '../page.ts';
import type { StoreStatus } from '../variant-store/model.ts';
import { createVersion } from './create.ts';
import { deleteVersions } from './delete.ts';
import { findVersion, type StoreVersion, versionArn } from './model.ts';

export function storeVersionOperations(ports: AnnotationStorePorts): AnyOperation[] {
  const quota = 'annotation-store';
  const store = (input: { name?: string | undefined }, { scope }: { scope: Scope }) => [
    annotationStoreArn(scope, input.name!),
  ];
  const one = (
    input: { name?: string | undefined; versionName?: string | undefined },
    { scope }: { scope: Scope },
  ) => [versionArn(scope, input.name!, input.versionName!)];
  return [
    defineOperation<CreateAnnotationStoreVersionRequest, CreateAnnotationStoreVersionResponse>({
      name: 'CreateAnnotationStoreVersion',
      action: 'omics:CreateAnnotationStoreVersion',
      resources: one,
      readOnly: false,
      quota,
      handler: (input, context) => createVersion(ports, input, context),
    }),
    defineOperation<GetAnnotationStoreVersionRequest, GetAnnotationStoreVersionResponse>({
      name: 'GetAnnotationStoreVersion',
      action: 'omics:GetAnnotationStoreVersion',
      resources: one,
      readOnly: true,
      quota,
      handler: async (input, context) => {
        const version = await find(ports, input.name!, input.versionName!, context);
        const { tags, layout } = version.doc;
        return { ...described(version), tags: { ...tags }, ...versionOptionsOf(layout) };
      },
    }),
    defineOperation<ListAnnotationStoreVersionsRequest, ListAnnotationStoreVersionsResponse>({
      name: 'ListAnnotationStoreVersions',
      action: 'omics:ListAnnotationStoreVersions',
      resources: store,
      readOnly: true,
      quota,
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<UpdateAnnotationStoreVersionRequest, UpdateAnnotationStoreVersionResponse>({
      name: 'UpdateAnnotationStoreVersion',
      action: 'omics:UpdateAnnotationStoreVersion',
      resources: one,
      readOnly: false,
      quota,
      handler: (input, context) => update(ports, input, context),
    }),
    defineOperation<DeleteAnnotationStoreVersionsRequest, DeleteAnnotationStoreVersionsResponse>({
      name: 'DeleteAnnotationStoreVersions',
      action: 'omics:DeleteAnnotationStoreVersions',
      resources: (input, { scope }) => input.versions!.map((name) => versionArn(scope, input.name!, name)),
      readOnly: false,
      quota,
      handler: (input, context) => deleteVersions(ports, input, context),
    }),
  ];
}

async function find(
  ports: AnnotationStorePorts,
  storeName: string,
  name: string,
  { scope }: OperationContext,
): Promise<StoreVersion> {
  const { direct } = ports.records;
  const store = await annotationStoreNamed(ports.annotationStores, direct, scope, storeName);
  const version = await findVersion(ports.versions, direct, scope, store.id, name);
  if (!version) throw annotationErrors.versionNotFound({ store: storeName, name });
  return version;
}

async function list(
  ports: AnnotationStorePorts,
  input: ListAnnotationStoreVersionsRequest,
  { scope }: OperationContext,
): Promise<ListAnnotationStoreVersionsResponse> {
  const { direct } = ports.records;
  const store = await annotationStoreNamed(ports.annotationStores, direct, scope, input.name!);
  const status = input.filter?.status;
  const found = await page(ports, scope, {
    operation: 'ListAnnotationStoreVersions',
    filter: [store.id, status],
    token: input.nextToken,
    limit: input.maxResults,
    list: (window) =>
      ports.versions.list(direct, scope, {
        ...window,
        parent: store.id,
        ...(status ? { statuses: [status as StoreStatus] } : {}),
      }),
  });
  return { annotationStoreVersions: found.rows.map(described), nextToken: found.nextToken };
}

async function update(
  ports: AnnotationStorePorts,
  input: UpdateAnnotationStoreVersionRequest,
  context: OperationContext,
): Promise<UpdateAnnotationStoreVersionResponse> {
  const { id } = await find(ports, input.name!, input.versionName!, context);
  const version = await ports.records.transaction((tx) =>
    ports.versions.update(tx, context.scope, id, (doc) => ({
      ...doc,
      description: input.description ?? doc.description,
    })),
  );
  const { storeId, status, name, versionName, description, creationTime, updateTime } = described(version);
  return { storeId, id, status, name, versionName, description, creationTime, updateTime };
}

function described({ id, parent, scope, status, statusMessage, createdAt, updatedAt, doc }: StoreVersion) {
  return {
    storeId: parent,
    id,
    status,
    versionArn: versionArn(scope, doc.storeName, doc.name),
    name: doc.storeName,
    versionName: doc.name,
    description: doc.description,
    creationTime: new Date(createdAt),
    updateTime: new Date(updatedAt),
    statusMessage: statusMessage ?? '',
    versionSizeBytes: doc.sizeBytes,
  };
}
