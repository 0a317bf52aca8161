import type { Scope } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';

/** A resource link to a database, or a database that has nothing but links to tables. */
export interface DatabaseDoc {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The account and the database that the link means. */
  readonly target:
    { readonly account: string; readonly region: string; readonly database: string } | undefined;
}

/** A resource link to a table; its parent is the database that it stands in. */
export interface TableLinkDoc {
  readonly name: string;
  readonly target: {
    readonly account: string;
    readonly region: string;
    readonly database: string;
    readonly table: string;
  };
}

export type CatalogDatabase = Resource<DatabaseDoc, 'ACTIVE'>;
export type CatalogDatabases = ResourceTable<DatabaseDoc, 'ACTIVE', never, Transaction>;
export type TableLink = Resource<TableLinkDoc, 'ACTIVE'>;
export type TableLinks = ResourceTable<TableLinkDoc, 'ACTIVE', 'name', Transaction>;

/** Its id is its name. */
export function declareCatalogDatabases(records: Records): CatalogDatabases {
  return records.resource<DatabaseDoc, 'ACTIVE'>({ kind: 'catalog-database', machine: { ACTIVE: {} } });
}

export function declareTableLinks(records: Records): TableLinks {
  return records.resource<TableLinkDoc, 'ACTIVE', 'name'>({
    kind: 'catalog-table-link',
    machine: { ACTIVE: {} },
    columns: { name: (doc) => doc.name },
    unique: ['name'],
  });
}

/** More links than an account will have. */
const ALL = 1000;

export async function linksOf(
  ports: { readonly records: Records; readonly databases: CatalogDatabases; readonly tableLinks: TableLinks },
  scope: Scope,
): Promise<{ readonly databases: readonly CatalogDatabase[]; readonly tables: readonly TableLink[] }> {
  const tx = ports.records.direct;
  const [databases, tables] = await Promise.all([
    ports.databases.list(tx, scope, { limit: ALL }),
    ports.tableLinks.list(tx, scope, { limit: ALL }),
  ]);
  return { databases: databases.rows, tables: tables.rows };
}
