import type { Scope } from '@helicase/kernel';
import {
  amongNames,
  type Records,
  type Resource,
  type ResourceTable,
  type Transaction,
} from '@helicase/records';
import {
  annotationColumns,
  annotationStoreArn,
  type AnnotationStores,
  STORE_MACHINE,
} from '../annotation-store/model.ts';
import type { CompactedTables } from '../compaction/worker.ts';
import type { TsvLayout } from '../tsv/layout.ts';
import type { ImportDestination } from '../variant-import-job/import-item.ts';
import { storeEvent, type StoreStatus } from '../variant-store/model.ts';

/** A version is one table. Its parent is the store; the first version's id is the store's, as the guide shows it. */
export interface VersionDoc {
  readonly name: string;
  readonly storeName: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Of a TSV store: the version's own options, or the store's where it gave none. */
  readonly layout: TsvLayout | undefined;
  /** Bytes of its Parquet files. */
  readonly sizeBytes: number;
  /** Files that imports began to read. */
  readonly fileCount?: number;
}

export type StoreVersion = Resource<VersionDoc, StoreStatus>;
export type StoreVersions = ResourceTable<VersionDoc, StoreStatus, 'name', Transaction>;

export function declareStoreVersions(records: Records): StoreVersions {
  return records.resource<VersionDoc, StoreStatus, 'name'>({
    kind: 'annotation-store-version',
    machine: STORE_MACHINE,
    columns: { name: (doc) => doc.name },
    unique: ['name'],
    announced: {
      detailType: 'Annotation Store Version Status Change',
      arn: ({ scope, doc }) => versionArn(scope, doc.storeName, doc.name),
      detail: ({ id, doc, parent }) => ({
        ...{ storeId: parent, storeName: doc.storeName },
        ...{ versionId: id, versionName: doc.name },
      }),
      status: storeEvent,
    },
    tagged: {
      type: 'omics:annotationStoreVersion',
      arn: ({ scope, doc }) => versionArn(scope, doc.storeName, doc.name),
      among: amongNames(/^annotationStore\/[^/]+\/version\/([^/]+)$/),
    },
  });
}

export async function findVersion(
  versions: StoreVersions,
  tx: Transaction,
  scope: Scope,
  storeId: string,
  name: string,
): Promise<StoreVersion | undefined> {
  const { rows } = await versions.list(tx, scope, { parent: storeId, where: { name }, limit: 1 });
  return rows[0];
}

/** All versions of a store: ten, unless the operator raised the quota. */
export async function versionsOf(
  versions: StoreVersions,
  tx: Transaction,
  scope: Scope,
  storeId: string,
): Promise<readonly StoreVersion[]> {
  const all: StoreVersion[] = [];
  let after: readonly (string | number)[] | undefined;
  do {
    const page = await versions.list(tx, scope, {
      parent: storeId,
      limit: 100,
      ...(after ? { after } : {}),
    });
    all.push(...page.rows);
    after = page.next;
  } while (after);
  return all;
}

/** The version that a name without a version means: the one named as its store, or the only one. */
export function defaultVersion(versions: readonly StoreVersion[]): StoreVersion | undefined {
  const named = versions.find(({ doc }) => doc.name === doc.storeName);
  return named ?? (versions.length === 1 ? versions[0] : undefined);
}

export function versionArn(scope: Scope, store: string, name: string): string {
  return `${annotationStoreArn(scope, store)}/version/${name}`;
}

/** The versions as imports write to them. */
function versionDestination(versions: StoreVersions): ImportDestination {
  return {
    noun: 'version of the annotation store',
    keyPurpose: (id) => `annotationStore/${id}`,
    grow: async (tx, scope, id, bytes) => {
      if (!(await versions.find(tx, scope, id))) return false;
      const change = (doc: VersionDoc) => ({ ...doc, sizeBytes: doc.sizeBytes + bytes });
      const { status } = await versions.update(tx, scope, id, change);
      return status === 'ACTIVE' || status === 'UPDATING';
    },
    nextFile: async (tx, scope, id) => {
      if (!(await versions.find(tx, scope, id))) return undefined;
      const change = (doc: VersionDoc) => ({ ...doc, fileCount: (doc.fileCount ?? 0) + 1 });
      const { doc } = await versions.update(tx, scope, id, change);
      return doc.fileCount;
    },
  };
}

/** The versions as tables whose small files are merged. */
export function compactedVersions(versions: StoreVersions, stores: AnnotationStores): CompactedTables {
  return {
    kind: 'annotation-store-compaction',
    destination: versionDestination(versions),
    columns: async (tx, scope, id) => {
      const version = await versions.find(tx, scope, id);
      const store = version && (await stores.find(tx, scope, version.parent));
      return store && annotationColumns(store.doc.format, version.doc.layout);
    },
  };
}
