import type { ColumnWildcard, Resource as LakeResource } from '@aws-sdk/client-lakeformation';
import { lakeErrors } from './errors.ts';
import type { FilterDoc, GrantedResource } from './model.ts';

/** A request's resource as grants keep it. */
export function grantedResource(resource: LakeResource | undefined): GrantedResource {
  if (resource?.Catalog) return { kind: 'catalog' };
  if (resource?.Database) return { kind: 'database', database: lower(resource.Database.Name) };
  if (resource?.Table) {
    const { DatabaseName, Name, TableWildcard } = resource.Table;
    if (Name === undefined && !TableWildcard)
      throw lakeErrors.badInput({ what: 'Table needs Name or TableWildcard' });
    return { kind: 'table', database: lower(DatabaseName), table: Name?.toLowerCase() };
  }
  if (resource?.TableWithColumns) {
    const { DatabaseName, Name, ColumnNames, ColumnWildcard } = resource.TableWithColumns;
    return {
      kind: 'columns',
      database: lower(DatabaseName),
      table: lower(Name),
      columns: columnChoice(ColumnNames, ColumnWildcard),
    };
  }
  if (resource?.DataCellsFilter) {
    const { DatabaseName, TableName, Name } = resource.DataCellsFilter;
    return { kind: 'filter', database: lower(DatabaseName), table: lower(TableName), filter: Name ?? '' };
  }
  throw lakeErrors.badInput({
    what: 'Resource must be Catalog, Database, Table, TableWithColumns or DataCellsFilter',
  });
}

/** The columns named, or all but those excluded. */
export function columnChoice(
  names: readonly string[] | undefined,
  wildcard: ColumnWildcard | undefined,
): FilterDoc['columns'] {
  if (names && names.length > 0) return { only: names.map((name) => name.toLowerCase()) };
  return { allBut: (wildcard?.ExcludedColumnNames ?? []).map((name) => name.toLowerCase()) };
}

/** A grant's resource as answers have it. */
export function describedResource(resource: GrantedResource, account: string): LakeResource {
  const CatalogId = account;
  switch (resource.kind) {
    case 'catalog':
      return { Catalog: {} };
    case 'database':
      return { Database: { CatalogId, Name: resource.database } };
    case 'table':
      return {
        Table: {
          ...{ CatalogId, DatabaseName: resource.database },
          ...(resource.table === undefined ? { TableWildcard: {} } : { Name: resource.table }),
        },
      };
    case 'columns':
      return {
        TableWithColumns: {
          ...{ CatalogId, DatabaseName: resource.database, Name: resource.table },
          ...describedColumns(resource.columns),
        },
      };
    case 'filter':
      return {
        DataCellsFilter: {
          TableCatalogId: account,
          DatabaseName: resource.database,
          TableName: resource.table,
          Name: resource.filter,
        },
      };
  }
}

export function describedColumns(columns: FilterDoc['columns']) {
  return 'only' in columns
    ? { ColumnNames: [...columns.only] }
    : { ColumnWildcard: { ExcludedColumnNames: [...columns.allBut] } };
}

function lower(name: string | undefined): string {
  return (name ?? '').toLowerCase();
}
