import {
  amongNames,
  type Records,
  type Resource,
  type ResourceTable,
  type ToldChange,
  type Transaction,
} from '@helicase/records';
import { omicsArn, type Scope } from '@helicase/kernel';
import type { CompactedTables } from '../compaction/worker.ts';
import { VARIANT_COLUMNS } from '../table/columns.ts';
import type { ImportDestination } from '../variant-import-job/import-item.ts';

export type StoreStatus = 'CREATING' | 'UPDATING' | 'DELETING' | 'ACTIVE' | 'FAILED';

export interface VariantStoreDoc {
  readonly name: string;
  readonly description: string;
  readonly referenceArn: string;
  readonly sseConfig: { readonly type: 'KMS'; readonly keyArn?: string } | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Bytes of its Parquet files. */
  readonly sizeBytes: number;
  /** Files that imports began to read. */
  readonly fileCount?: number;
}

export type VariantStore = Resource<VariantStoreDoc, StoreStatus>;
export type VariantStores = ResourceTable<VariantStoreDoc, StoreStatus, 'name', Transaction>;

export function declareVariantStores(records: Records): VariantStores {
  return records.resource<VariantStoreDoc, StoreStatus, 'name'>({
    kind: 'variant-store',
    machine: {
      CREATING: {
        ACTIVE: 'the store was created',
        FAILED: 'the store could not be created',
        DELETING: 'deleted by the user',
      },
      ACTIVE: { UPDATING: 'changed by the user', DELETING: 'deleted by the user' },
      UPDATING: { ACTIVE: 'the change was made' },
      FAILED: { DELETING: 'deleted by the user' },
      DELETING: { FAILED: 'the store could not be deleted' },
    },
    columns: { name: (doc) => doc.name },
    unique: ['name'],
    announced: {
      detailType: 'Variant Store Status Change',
      arn: ({ scope, doc }) => storeArn(scope, doc.name),
      detail: ({ id, doc }) => ({ storeId: id, storeName: doc.name }),
      status: storeEvent,
    },
    tagged: {
      type: 'omics:variantStore',
      arn: ({ scope, doc }) => storeArn(scope, doc.name),
      among: amongNames(/^variantStore\/([^/]+)$/),
    },
  });
}

/** What an event calls the change: the guide's table has created, updated and deleted beside the states on the way. */
export function storeEvent({ from, to }: ToldChange<StoreStatus>): string {
  if (to === undefined) return 'DELETED';
  if (to === 'ACTIVE') return from === 'UPDATING' ? 'UPDATED' : 'CREATED';
  if (to === 'FAILED') return from === 'DELETING' ? 'DELETION_FAILED' : 'CREATION_FAILED';
  return to;
}

/** Stores are found by their name, which is unique in a scope. */
export async function findStore(
  stores: VariantStores,
  tx: Transaction,
  scope: Scope,
  name: string,
): Promise<VariantStore | undefined> {
  const { rows } = await stores.list(tx, scope, { where: { name }, limit: 1 });
  return rows[0];
}

export function storeArn(scope: Scope, name: string): string {
  return omicsArn(scope, `variantStore/${name}`);
}

/** The key purpose that a store's files are sealed under. */
export function storeKeyPurpose(storeId: string): string {
  return `variantStore/${storeId}`;
}

/** The stores as imports write to them. */
function storeDestination(stores: VariantStores): ImportDestination {
  return {
    noun: 'variant store',
    keyPurpose: storeKeyPurpose,
    grow: async (tx, scope, id, bytes) => {
      if (!(await stores.find(tx, scope, id))) return false;
      const change = (doc: VariantStoreDoc) => ({ ...doc, sizeBytes: doc.sizeBytes + bytes });
      const { status } = await stores.update(tx, scope, id, change);
      return status === 'ACTIVE' || status === 'UPDATING';
    },
    nextFile: async (tx, scope, id) => {
      if (!(await stores.find(tx, scope, id))) return undefined;
      const change = (doc: VariantStoreDoc) => ({ ...doc, fileCount: (doc.fileCount ?? 0) + 1 });
      const { doc } = await stores.update(tx, scope, id, change);
      return doc.fileCount;
    },
  };
}

/** The stores as tables whose small files are merged. */
export function compactedStores(stores: VariantStores): CompactedTables {
  return {
    kind: 'variant-store-compaction',
    destination: storeDestination(stores),
    columns: async () => VARIANT_COLUMNS,
  };
}
