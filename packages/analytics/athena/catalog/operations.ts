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
import type { Actor, Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type PageTokens } from '@helicase/wire';
import { namesPage } from '../../catalog/names-page.ts';
import { catalogType } from '../../table/type.ts';
import { athenaErrors } from '../errors.ts';
import { CATALOG, type TablePorts, type VisibleTable, visibleTables } from '../../catalog/tables.ts';

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
      handler: (input, context) => listDatabases(ports, input, context),
    }),
    defineOperation<GetDatabaseInput, GetDatabaseOutput>({
      ...common,
      name: 'GetDatabase',
      action: 'athena:GetDatabase',
      handler: async (input, context) => {
        const [first] = inDatabase(await tablesOf(ports, context, input.CatalogName), input.DatabaseName);
        return { Database: { Name: first!.database } };
      },
    }),
    defineOperation<ListTableMetadataInput, ListTableMetadataOutput>({
      ...common,
      name: 'ListTableMetadata',
      action: 'athena:ListTableMetadata',
      handler: (input, context) => listTableMetadata(ports, input, context),
    }),
    defineOperation<GetTableMetadataInput, GetTableMetadataOutput>({
      ...common,
      name: 'GetTableMetadata',
      action: 'athena:GetTableMetadata',
      handler: async (input, context) => {
        const tables = inDatabase(await tablesOf(ports, context, input.CatalogName), input.DatabaseName);
        const name = input.TableName!.toLowerCase();
        const table = tables.find((known) => known.table === name);
        if (!table) throw athenaErrors.tableNotFound({ database: input.DatabaseName!, name });
        return { TableMetadata: metadata(table) };
      },
    }),
  ];
}

async function tablesOf(ports: TablePorts, actor: Actor, catalog: string | undefined) {
  if (catalog?.toLowerCase() !== CATALOG.toLowerCase())
    throw athenaErrors.unknownCatalog({ name: catalog ?? '' });
  return visibleTables(ports, actor);
}

async function listDatabases(
  ports: CatalogPorts,
  input: ListDatabasesInput,
  actor: Actor,
): Promise<ListDatabasesOutput> {
  const tables = await tablesOf(ports, actor, input.CatalogName);
  const byName = new Map(tables.map(({ database }) => [database, { Name: database }]));
  const window = { limit: input.MaxResults ?? PAGE, token: input.NextToken };
  const list = { operation: 'ListDatabases', filter: CATALOG, byName, ...window };
  const { rows, nextToken } = await namesPage(ports, actor.scope, list);
  return { DatabaseList: [...rows], NextToken: nextToken };
}

async function listTableMetadata(
  ports: CatalogPorts,
  input: ListTableMetadataInput,
  actor: Actor,
): Promise<ListTableMetadataOutput> {
  const tables = inDatabase(await tablesOf(ports, actor, input.CatalogName), input.DatabaseName);
  const wanted = tables.filter(({ table }) => !input.Expression || table.includes(input.Expression));
  const byName = new Map(wanted.map((table) => [table.table, table]));
  const filter = [CATALOG, input.DatabaseName, input.Expression];
  const window = { limit: input.MaxResults ?? PAGE, token: input.NextToken };
  const list = { operation: 'ListTableMetadata', filter, byName, ...window };
  const { rows, nextToken } = await namesPage(ports, actor.scope, list);
  return { TableMetadataList: rows.map(metadata), NextToken: nextToken };
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
