import type {
  CreateAnnotationStoreVersionRequest,
  CreateAnnotationStoreVersionResponse,
} from '@aws-sdk/client-omics';
import { limitIn, type Scope } from '@helicase/kernel';
import { type Transaction, UniqueViolation } from '@helicase/records';
import type { OperationContext } from '@helicase/wire';
import { annotationErrors } from '../annotation-store/errors.ts';
import { type AnnotationStore, annotationStoreNamed } from '../annotation-store/model.ts';
import type { AnnotationStorePorts } from '../annotation-store/operations.ts';
import { layoutOf, versionOptionsOf } from '../annotation-store/options.ts';
import { CREATE_VERSION_KIND } from './jobs.ts';
import type { StoreVersion } from './model.ts';

export async function createVersion(
  ports: AnnotationStorePorts,
  input: CreateAnnotationStoreVersionRequest,
  { scope, principal }: OperationContext,
): Promise<CreateAnnotationStoreVersionResponse> {
  const id = ports.ids.hex(12);
  const version = await ports.records
    .transaction(async (tx) => {
      const store = await lockedStore(ports, tx, scope, input.name!);
      const inserted = await insert(ports, tx, store, id, input);
      const actor = { scope, principal };
      await ports.records.jobs.enqueue(tx, { actor, kind: CREATE_VERSION_KIND, subject: id, input: {} });
      return inserted;
    })
    .catch((error: unknown) => {
      throw error instanceof UniqueViolation && error.column === 'name'
        ? annotationErrors.versionExists({ store: input.name!, name: input.versionName! })
        : error;
    });
  return {
    id,
    versionName: version.doc.name,
    storeId: version.parent,
    ...versionOptionsOf(version.doc.layout),
    name: version.doc.storeName,
    status: version.status,
    creationTime: new Date(version.createdAt),
  };
}

/** The update locks the row: two requests at once cannot both make the last version that there may be. */
async function lockedStore(
  ports: AnnotationStorePorts,
  tx: Transaction,
  scope: Scope,
  name: string,
): Promise<AnnotationStore> {
  const found = await annotationStoreNamed(ports.annotationStores, tx, scope, name);
  const store = await ports.annotationStores.update(tx, scope, found.id, (doc) => doc);
  if (store.status !== 'ACTIVE') throw annotationErrors.storeNotReady({ name, status: store.status });
  return store;
}

async function insert(
  ports: AnnotationStorePorts,
  tx: Transaction,
  store: AnnotationStore,
  id: string,
  input: CreateAnnotationStoreVersionRequest,
): Promise<StoreVersion> {
  const { scope, doc } = store;
  const limit = limitIn(ports.quotas.versions, scope);
  if ((await ports.versions.count(tx, scope, { parent: store.id })) >= limit)
    throw annotationErrors.tooManyVersions({ limit, store: doc.name });
  const options = input.versionOptions?.tsvVersionOptions;
  const layout = options ? layoutOf(doc.format, options) : doc.layout;
  if (layout && layout.annotationType !== 'GENERIC' && doc.referenceArn === undefined)
    throw annotationErrors.referenceNeeded({});
  const name = input.versionName!;
  return ports.versions.insert(tx, {
    ...{ scope, id, parent: store.id, status: 'CREATING' },
    doc: {
      ...{ name, storeName: doc.name, description: input.description ?? '', tags: { ...input.tags } },
      ...{ layout, sizeBytes: 0 },
    },
  });
}
