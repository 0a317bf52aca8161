import type { Actor, Principal, Scope, SharedResources } from '@helicase/kernel';
import type { Page, Records } from '@helicase/records';
import { annotationColumns, annotationStoreArn, type AnnotationStores } from '../annotation-store/model.ts';
import { defaultVersion, type StoreVersions } from '../annotation-store-version/model.ts';
import { type Filters, type Grants, OPEN, SETTINGS_ID, type Settings } from '../lake-formation/model.ts';
import { type LakePolicy, type VisibleCells, visibilityOf } from '../lake-formation/visibility.ts';
import type { NamedTable } from '../sql/protocol.ts';
import { type Column, VARIANT_COLUMNS } from '../table/columns.ts';
import { storeArn, type VariantStores } from '../variant-store/model.ts';
import { type CatalogDatabases, linksOf, type TableLinks } from './links.ts';

export const CATALOG = 'AwsDataCatalog';

/** A variant store, or a version of an annotation store, as SQL and the catalog see it. */
export interface VisibleTable extends Omit<NamedTable, 'columns'> {
  /** Whose it is. */
  readonly owner: Scope;
  /** The id that its files go under. */
  readonly id: string;
  readonly createdAt: number;
  /** All that it has. */
  readonly allColumns: readonly Column[];
  /** Those that the principal may see. */
  readonly columns: readonly Column[];
  /** Present where the principal sees only these. */
  readonly cells?: readonly VisibleCells[];
  /** It may be known, and not read. */
  readonly unreadable?: boolean;
}

export interface TablePorts {
  readonly records: Records;
  readonly stores: VariantStores;
  readonly annotationStores: AnnotationStores;
  readonly versions: StoreVersions;
  readonly databases: CatalogDatabases;
  readonly tableLinks: TableLinks;
  readonly grants: Grants;
  readonly filters: Filters;
  readonly settings: Settings;
  /** Stores of other accounts that were shared with one; none where it is absent. */
  readonly shares?: SharedResources | undefined;
}

/** A table of an account as it stands in the database that the service names, before anybody's permissions. */
interface OwnTable {
  readonly owner: Scope;
  readonly kind: 'variant' | 'annotation';
  readonly storeName: string;
  /** The service's database, and the store's own name, which stands for the link that the guide's users make. */
  readonly databases: readonly [string, string];
  readonly table: string;
  readonly id: string;
  readonly createdAt: number;
  readonly columns: readonly Column[];
}

const PAGE = 1000;
const READABLE = ['ACTIVE', 'UPDATING'] as const;

type Window = {
  readonly statuses: typeof READABLE;
  readonly limit: number;
  readonly after?: readonly (string | number)[];
};

/**
 * The tables that a principal sees: its account's, each in two databases (`variant_<account>_<store id>` or
 * `annotation_<account>_<store id>`, as the service names them, and the store's own name), and what its account's
 * resource links mean, of other accounts only what was shared or granted. A variant store comes before an annotation
 * store of the same name.
 */
export async function visibleTables(
  ports: TablePorts,
  { scope, principal }: Actor,
): Promise<readonly VisibleTable[]> {
  const own = await tablesOf(ports, scope);
  const policy = await policyOf(ports, scope);
  const seen = own.flatMap((table) => {
    const visible = seenBy(policy, table, principal);
    return visible ? [...table.databases].reverse().map((database) => ({ ...visible, database })) : [];
  });
  return [...seen, ...(await linkedTables(ports, scope, principal, own, policy))].map(withQualification);
}

/** Two stores may each have a version "v1": such a name says nothing without its database. */
function withQualification(table: VisibleTable & { readonly storeName: string }): VisibleTable {
  return table.table === table.storeName ? table : { ...table, onlyQualified: true };
}

type Seen = VisibleTable & { readonly storeName: string };

function seenBy(policy: LakePolicy, table: OwnTable, principal: Principal): Seen | undefined {
  const names = {
    databases: table.databases,
    table: table.table,
    columns: table.columns.map(({ name }) => name),
  };
  const visibility = visibilityOf(policy, table.owner.account, principal, names);
  if (!visibility) return undefined;
  const { owner, id, createdAt, columns, storeName } = table;
  const whole = {
    owner,
    id,
    createdAt,
    storeName,
    table: table.table,
    database: table.databases[0],
    allColumns: columns,
  };
  if (visibility.kind === 'all') return { ...whole, columns };
  if (visibility.kind === 'nothing') return { ...whole, columns: [], unreadable: true };
  const named = new Set(visibility.cells.flatMap((cells) => cells.columns));
  return { ...whole, columns: columns.filter(({ name }) => named.has(name)), cells: visibility.cells };
}

/** What the account's resource links mean. */
async function linkedTables(
  ports: TablePorts,
  scope: Scope,
  principal: Principal,
  own: readonly OwnTable[],
  policy: LakePolicy,
): Promise<readonly Seen[]> {
  const links = await linksOf(ports, scope);
  const targets = [
    ...links.databases.flatMap(({ id, doc: { target } }) =>
      target ? [{ database: id, table: undefined, target }] : [],
    ),
    ...links.tables.map(({ parent, doc: { name, target } }) => ({ database: parent, table: name, target })),
  ];
  const foreign = new Map<string, Promise<readonly Seen[]>>();
  const seen: Seen[] = [];
  for (const { database, table, target } of targets) {
    const isOwn = target.account === scope.account && target.region === scope.region;
    const key = `${target.account}/${target.region}`;
    if (!isOwn && !foreign.has(key)) foreign.set(key, foreignTables(ports, scope, principal, target));
    const found = isOwn
      ? own.flatMap((each) => seenBy(policy, each, principal) ?? [])
      : await foreign.get(key)!;
    const owned = isOwn ? own : await tablesOf(ports, target);
    for (const each of found) {
      const { databases } = owned.find(({ id, table: name }) => id === each.id && name === each.table)!;
      if (!databases.includes(target.database)) continue;
      if (table === undefined) seen.push({ ...each, database });
      else if ('table' in target && target.table === each.table)
        seen.push({ ...each, database, table, storeName: table });
    }
  }
  return seen;
}

/** Tables of another account that were shared with this one, or granted to it. */
async function foreignTables(
  ports: TablePorts,
  scope: Scope,
  principal: Principal,
  { account, region }: Scope,
): Promise<readonly Seen[]> {
  const owner = { account, region };
  const policy = await policyOf(ports, owner);
  const seen: Seen[] = [];
  for (const table of await tablesOf(ports, owner)) {
    const { id, createdAt, columns, storeName } = table;
    const arn = table.kind === 'variant' ? storeArn(owner, storeName) : annotationStoreArn(owner, storeName);
    if (await ports.shares?.isShared(scope, arn)) {
      const database = table.databases[0];
      seen.push({
        owner,
        id,
        createdAt,
        storeName,
        table: table.table,
        database,
        allColumns: columns,
        columns,
      });
    } else seen.push(...[seenBy(policy, table, principal)].filter((each) => each !== undefined));
  }
  return seen;
}

/** Every table of the account, whoever asks. */
export async function tablesOf(ports: TablePorts, scope: Scope): Promise<readonly OwnTable[]> {
  return [...(await variantTables(ports, scope)), ...(await annotationTables(ports, scope))];
}

async function variantTables({ records, stores }: TablePorts, scope: Scope): Promise<OwnTable[]> {
  const found = await all((window) => stores.list(records.direct, scope, window));
  return found.map(({ id, createdAt, doc: { name } }) => ({
    ...{
      owner: { account: scope.account, region: scope.region },
      kind: 'variant',
      storeName: name,
      table: name,
    },
    ...{ id, createdAt, columns: VARIANT_COLUMNS, databases: [`variant_${scope.account}_${id}`, name] },
  }));
}

async function annotationTables(ports: TablePorts, scope: Scope): Promise<OwnTable[]> {
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
    return named.map(({ table, version }): OwnTable => ({
      ...{
        owner: { account: scope.account, region: scope.region },
        kind: 'annotation',
        storeName: name,
        table,
      },
      ...{
        id: version.id,
        createdAt: version.createdAt,
        databases: [`annotation_${scope.account}_${id}`, name],
      },
      columns: annotationColumns(format, version.doc.layout),
    }));
  });
}

/** What the account decided about its lake. */
export async function policyOf(ports: TablePorts, scope: Scope): Promise<LakePolicy> {
  const tx = ports.records.direct;
  const [settings, grants, filters] = await Promise.all([
    ports.settings.find(tx, scope, SETTINGS_ID),
    everything((after) => ports.grants.list(tx, scope, { limit: PAGE, ...after })),
    everything((after) => ports.filters.list(tx, scope, { limit: PAGE, ...after })),
  ]);
  return {
    settings: settings?.doc ?? OPEN,
    grants: grants.map(({ doc }) => doc),
    filters: filters.map(({ doc }) => doc),
  };
}

function all<Row>(list: (window: Window) => Promise<Page<Row>>): Promise<readonly Row[]> {
  return everything((after) => list({ statuses: READABLE, limit: PAGE, ...after }));
}

async function everything<Row>(
  list: (after: { readonly after?: readonly (string | number)[] }) => Promise<Page<Row>>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: readonly (string | number)[] | undefined;
  do {
    const found = await list(after ? { after } : {});
    rows.push(...found.rows);
    after = found.next;
  } while (after);
  return rows;
}
