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
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { catalogType } from '../../table/type.ts';
import { athenaErrors } from '../errors.ts';
import { CATALOG, type TablePorts, type VisibleTable, visibleTables } from './tables.ts';

export function catalogOperations(ports: TablePorts): AnyOperation[] {
  const common = {
    resources: (_: object, { scope }: { scope: Scope }) => [catalogArn(scope)],
    readOnly: true,
    quota: 'athena-catalog',
  };
  const tablesOf = async (scope: Scope, catalog: string | undefined) => {
    if (catalog?.toLowerCase() !== CATALOG.toLowerCase())
      throw athenaErrors.unknownCatalog({ name: catalog ?? '' });
    return visibleTables(ports, scope);
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
      handler: async (input, { scope }) => {
        const tables = await tablesOf(scope, input.CatalogName);
        const names = [...new Set(tables.map(({ database }) => database))];
        return { DatabaseList: names.map((Name) => ({ Name })) };
      },
    }),
    defineOperation<GetDatabaseInput, GetDatabaseOutput>({
      ...common,
      name: 'GetDatabase',
      action: 'athena:GetDatabase',
      handler: async (input, { scope }) => {
        const [first] = inDatabase(await tablesOf(scope, input.CatalogName), input.DatabaseName);
        return { Database: { Name: first!.database } };
      },
    }),
    defineOperation<ListTableMetadataInput, ListTableMetadataOutput>({
      ...common,
      name: 'ListTableMetadata',
      action: 'athena:ListTableMetadata',
      handler: async (input, { scope }) => {
        const tables = inDatabase(await tablesOf(scope, input.CatalogName), input.DatabaseName);
        const wanted = tables.filter(({ table }) => !input.Expression || table.includes(input.Expression));
        return { TableMetadataList: wanted.map(metadata) };
      },
    }),
    defineOperation<GetTableMetadataInput, GetTableMetadataOutput>({
      ...common,
      name: 'GetTableMetadata',
      action: 'athena:GetTableMetadata',
      handler: async (input, { scope }) => {
        const tables = inDatabase(await tablesOf(scope, input.CatalogName), input.DatabaseName);
        const name = input.TableName!.toLowerCase();
        const table = tables.find((known) => known.table === name);
        if (!table) throw athenaErrors.tableNotFound({ database: input.DatabaseName!, name });
        return { TableMetadata: metadata(table) };
      },
    }),
  ];
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
