import type { Scope } from '@helicase/kernel';
import type { Page, Records } from '@helicase/records';
import { annotationColumns, type AnnotationStores } from '../../annotation-store/model.ts';
import { defaultVersion, type StoreVersions } from '../../annotation-store-version/model.ts';
import type { NamedTable } from '../../sql/protocol.ts';
import { type Column, VARIANT_COLUMNS } from '../../table/columns.ts';
import type { VariantStores } from '../../variant-store/model.ts';

export const CATALOG = 'AwsDataCatalog';

/** A variant store, or a version of an annotation store, as SQL sees it. */
export interface VisibleTable extends Omit<NamedTable, 'columns'> {
  /** The id that its files go under. */
  readonly id: string;
  readonly createdAt: number;
  readonly columns: readonly Column[];
}

export interface TablePorts {
  readonly records: Records;
  readonly stores: VariantStores;
  readonly annotationStores: AnnotationStores;
  readonly versions: StoreVersions;
}

const PAGE = 1000;
const READABLE = ['ACTIVE', 'UPDATING'] as const;

type Window = {
  readonly statuses: typeof READABLE;
  readonly limit: number;
  readonly after?: readonly (string | number)[];
};

/**
 * The tables of a scope, each in two databases: `variant_<account>_<store id>` or `annotation_<account>_<store id>`, as
 * the service names them, and the store's own name, which stands for the resource link that the guide's users make in
 * Lake Formation. A variant store comes before an annotation store of the same name.
 */
export async function visibleTables(ports: TablePorts, scope: Scope): Promise<readonly VisibleTable[]> {
  return [...(await variantTables(ports, scope)), ...(await annotationTables(ports, scope))];
}

async function variantTables({ records, stores }: TablePorts, scope: Scope): Promise<VisibleTable[]> {
  const found = await all((window) => stores.list(records.direct, scope, window));
  return found.flatMap(({ id, createdAt, doc: { name } }) =>
    [name, `variant_${scope.account}_${id}`].map((database) => ({
      ...{ database, table: name, id, createdAt, columns: VARIANT_COLUMNS },
    })),
  );
}

async function annotationTables(ports: TablePorts, scope: Scope): Promise<VisibleTable[]> {
  const { records, annotationStores, versions } = ports;
  const stores = await all((window) => annotationStores.list(records.direct, scope, window));
  const byStore = Map.groupBy(
    await all((window) => versions.list(records.direct, scope, window)),
    ({ parent }) => parent,
  );
  return stores.flatMap(({ id, doc: { name, format } }) => {
    const own = byStore.get(id) ?? [];
    const named = own.map((version) => ({ table: version.doc.name, version }));
    const meant = defaultVersion(own);
    // The store's own name is a table too where the only version has another.
    if (meant && meant.doc.name !== name) named.push({ table: name, version: meant });
    return [name, `annotation_${scope.account}_${id}`].flatMap((database) =>
      named.map(({ table, version }) => ({
        ...{ database, table, id: version.id, createdAt: version.createdAt },
        columns: annotationColumns(format, version.doc.layout),
        // Two stores may each have a version "v1": such a name says nothing without its database.
        ...(table === name ? {} : { onlyQualified: true }),
      })),
    );
  });
}

async function all<Row>(list: (window: Window) => Promise<Page<Row>>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: readonly (string | number)[] | undefined;
  do {
    const found = await list({ statuses: READABLE, limit: PAGE, ...(after ? { after } : {}) });
    rows.push(...found.rows);
    after = found.next;
  } while (after);
  return rows;
}
