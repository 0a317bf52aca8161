import type {
  GetDatabaseInput,
  GetDatabaseOutput,
  GetTableMetadataInput,
  GetTableMetadataOutput,
  ListDatabasesInput,
  ListDatabasesOutput,
  ListDataCatalogsOutput,
  ListTableMetadataInput,
  ListTableMetadataOutput,
  TableMetadata,
} from '@aws-sdk/client-athena';
import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type PageTokens } from '@helicase/wire';
import { page } from '../../page.ts';
import { catalogType } from '../../table/type.ts';
import { athenaErrors } from '../errors.ts';
import { CATALOG, type TablePorts, type VisibleTable, visibleTables } from './tables.ts';

export interface CatalogPorts extends TablePorts {
  readonly pageTokens: PageTokens;
}

/** Rows of a list at most, and where nothing is asked: the model's maximum. */
const PAGE = 50;

export function catalogOperations(ports: CatalogPorts): AnyOperation[] {
  const common = {
    resources: (_: object, { scope }: { scope: Scope }) => [catalogArn(scope)],
    readOnly: true,
    quota: 'athena-catalog',
  };
  return [
    defineOperation<object, ListDataCatalogsOutput>({
      ...common,
      name: 'ListDataCatalogs',
      action: 'athena:ListDataCatalogs',
      handler: async () => ({ DataCatalogsSummary: [{ CatalogName: CATALOG, Type: 'GLUE' }] }),
    }),
    defineOperation<ListDatabasesInput, ListDatabasesOutput>({
      ...common,
      name: 'ListDatabases',
      action: 'athena:ListDatabases',
      handler: (input, { scope }) => listDatabases(ports, input, scope),
    }),
    defineOperation<GetDatabaseInput, GetDatabaseOutput>({
      ...common,
      name: 'GetDatabase',
      action: 'athena:GetDatabase',
      handler: async (input, { scope }) => {
        const [first] = inDatabase(await tablesOf(ports, scope, input.CatalogName), input.DatabaseName);
        return { Database: { Name: first!.database } };
      },
    }),
    defineOperation<ListTableMetadataInput, ListTableMetadataOutput>({
      ...common,
      name: 'ListTableMetadata',
      action: 'athena:ListTableMetadata',
      handler: (input, { scope }) => listTableMetadata(ports, input, scope),
    }),
    defineOperation<GetTableMetadataInput, GetTableMetadataOutput>({
      ...common,
      name: 'GetTableMetadata',
      action: 'athena:GetTableMetadata',
      handler: async (input, { scope }) => {
        const tables = inDatabase(await tablesOf(ports, scope, input.CatalogName), input.DatabaseName);
        const name = input.TableName!.toLowerCase();
        const table = tables.find((known) => known.table === name);
        if (!table) throw athenaErrors.tableNotFound({ database: input.DatabaseName!, name });
        return { TableMetadata: metadata(table) };
      },
    }),
  ];
}

async function tablesOf(ports: TablePorts, scope: Scope, catalog: string | undefined) {
  if (catalog?.toLowerCase() !== CATALOG.toLowerCase())
    throw athenaErrors.unknownCatalog({ name: catalog ?? '' });
  return visibleTables(ports, scope);
}

async function listDatabases(
  ports: CatalogPorts,
  input: ListDatabasesInput,
  scope: Scope,
): Promise<ListDatabasesOutput> {
  const tables = await tablesOf(ports, scope, input.CatalogName);
  const byName = new Map(tables.map(({ database }) => [database, { Name: database }]));
  const list = { operation: 'ListDatabases', filter: CATALOG, byName };
  const { rows, nextToken } = await namedPage(ports, scope, list, input);
  return { DatabaseList: [...rows], NextToken: nextToken };
}

async function listTableMetadata(
  ports: CatalogPorts,
  input: ListTableMetadataInput,
  scope: Scope,
): Promise<ListTableMetadataOutput> {
  const tables = inDatabase(await tablesOf(ports, scope, input.CatalogName), input.DatabaseName);
  const wanted = tables.filter(({ table }) => !input.Expression || table.includes(input.Expression));
  const byName = new Map(wanted.map((table) => [table.table, table]));
  const filter = [CATALOG, input.DatabaseName, input.Expression];
  const list = { operation: 'ListTableMetadata', filter, byName };
  const { rows, nextToken } = await namedPage(ports, scope, list, input);
  return { TableMetadataList: rows.map(metadata), NextToken: nextToken };
}

/** One page in the order of the names, which are what the token goes on behind. */
function namedPage<Row>(
  ports: CatalogPorts,
  scope: Scope,
  list: { readonly operation: string; readonly filter: unknown; readonly byName: ReadonlyMap<string, Row> },
  input: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
) {
  const { byName, filter, operation } = list;
  return page(ports, scope, {
    operation,
    filter,
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE,
    list: async ({ after: [last = ''] = [], limit }) => {
      const rest = [...byName.keys()].sort().filter((name) => name > String(last));
      const names = rest.slice(0, limit);
      const rows = names.map((name) => byName.get(name)!);
      return names.length < rest.length ? { rows, next: [names.at(-1)!] } : { rows };
    },
  });
}

function catalogArn({ account, region }: Scope): string {
  return `arn:aws:athena:${region}:${account}:datacatalog/${CATALOG}`;
}

function inDatabase(tables: readonly VisibleTable[], database: string | undefined): readonly VisibleTable[] {
  const found = tables.filter((known) => known.database === database?.toLowerCase());
  if (found.length === 0) throw athenaErrors.databaseNotFound({ name: database ?? '' });
  return found;
}

function metadata({ table, createdAt, columns }: VisibleTable): TableMetadata {
  return {
    Name: table,
    CreateTime: new Date(createdAt),
    TableType: 'EXTERNAL_TABLE',
    Columns: columns.map(({ name, type }) => ({ Name: name, Type: catalogType(type) })),
    PartitionKeys: [],
    Parameters: { classification: 'parquet' },
  };
}
