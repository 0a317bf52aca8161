import type { CreateAnnotationStoreRequest, CreateAnnotationStoreResponse } from '@aws-sdk/client-omics';
import { UniqueViolation } from '@helicase/records';
import type { OperationContext } from '@helicase/wire';
import { CREATE_VERSION_KIND } from '../annotation-store-version/jobs.ts';
import { errors } from '../errors.ts';
import type { TsvLayout } from '../tsv/layout.ts';
import { annotationErrors } from './errors.ts';
import type { AnnotationStoreDoc, StoreFormat } from './model.ts';
import type { AnnotationStorePorts } from './operations.ts';
import { layoutOf, storeOptionsOf } from './options.ts';

/** Makes the store and its first version, which has the store's id and, unless told, its name. */
export async function createStore(
  ports: AnnotationStorePorts,
  input: CreateAnnotationStoreRequest,
  { reserve, scope, principal }: OperationContext,
): Promise<CreateAnnotationStoreResponse> {
  const actor = { scope, principal };
  const format: StoreFormat = input.storeFormat!;
  const layout = layoutOf(format, input.storeOptions?.tsvStoreOptions);
  const referenceArn = input.reference?.referenceArn;
  await checkReference(ports, { scope, principal }, referenceArn, layout);
  const id = ports.ids.hex(12);
  // The model lets the name out and does not say what it is then.
  const name = input.name ?? `annotation_store_${id}`;
  const versionName = input.versionName ?? name;
  const customerKey = input.sseConfig?.keyArn;
  if (customerKey !== undefined) {
    await ports.customerKeys?.attach(actor, customerKey, `annotationStore/${id}`, { grant: true });
  }
  const doc: AnnotationStoreDoc = {
    ...{ name, description: input.description ?? '', referenceArn, tags: { ...input.tags }, format, layout },
    sseConfig: sseOf(input),
  };
  const version = { name: versionName, storeName: name, description: '', tags: {}, layout };
  const store = await ports.records
    .transaction(async (tx) => {
      await reserve?.(tx);
      const inserted = await ports.annotationStores.insert(tx, { scope, id, status: 'CREATING', doc });
      const first = { ...version, sizeBytes: 0 };
      await ports.versions.insert(tx, { scope, id, parent: id, status: 'CREATING', doc: first });
      await ports.records.jobs.enqueue(tx, { actor, kind: CREATE_VERSION_KIND, subject: id, input: {} });
      return inserted;
    })
    .catch((error: unknown) => {
      throw error instanceof UniqueViolation && error.column === 'name'
        ? annotationErrors.storeExists({ name })
        : error;
    });
  return {
    id,
    ...(referenceArn === undefined ? {} : { reference: { referenceArn } }),
    storeFormat: format,
    ...storeOptionsOf(layout),
    status: 'CREATING',
    name,
    versionName,
    creationTime: new Date(store.createdAt),
  };
}

/** The API's documentation: "Required for all stores except TSV format with generic annotations." */
async function checkReference(
  { references }: AnnotationStorePorts,
  actor: Parameters<AnnotationStorePorts['references']['find']>[0],
  arn: string | undefined,
  layout: TsvLayout | undefined,
): Promise<void> {
  if (arn !== undefined) {
    if (!(await references.find(actor, arn))) throw errors.referenceNotFound({ arn });
  } else if (layout?.annotationType !== 'GENERIC') throw annotationErrors.referenceNeeded({});
}

function sseOf({ sseConfig }: CreateAnnotationStoreRequest): AnnotationStoreDoc['sseConfig'] {
  const { type, keyArn } = sseConfig ?? {};
  return type ? { type, ...(keyArn ? { keyArn } : {}) } : undefined;
}
