import type { VisibleTable } from '../../catalog/tables.ts';
import type { Rows } from '../../sql/protocol.ts';
import type { Column } from '../../table/columns.ts';
import { queryType } from '../../table/type.ts';

/** A table of the catalog's own: its rows are known without a file, and made only for a query that asks it. */
export interface InformationTable {
  readonly database: 'information_schema';
  readonly table: string;
  readonly onlyQualified: true;
  readonly columns: readonly Column[];
  rows(): Rows;
}

const CATALOG = 'awsdatacatalog';

/** Trino's `information_schema` of the tables that a principal sees; JDBC clients and people ask it. */
export function informationSchema(tables: readonly VisibleTable[]): readonly InformationTable[] {
  return [
    informationTable('schemata', 'catalog_name schema_name', () =>
      [...new Set(tables.map(({ database }) => database))].map((database) => [CATALOG, database]),
    ),
    informationTable('tables', 'table_catalog table_schema table_name table_type', () =>
      tables.map(({ database, table }) => [CATALOG, database, table, 'BASE TABLE']),
    ),
    informationTable(
      'columns',
      'table_catalog table_schema table_name column_name ordinal_position column_default is_nullable data_type',
      () =>
        tables.flatMap(({ database, table, columns }) =>
          columns.map(({ name, type }, index) => {
            const described = [index + 1, null, 'YES', queryType(type)] as const;
            return [CATALOG, database, table, name, ...described];
          }),
        ),
    ),
  ];
}

function informationTable(table: string, columns: string, rows: () => Rows): InformationTable {
  const type = (name: string) => (name === 'ordinal_position' ? 'bigint' : 'string');
  return {
    ...{ database: 'information_schema', table, onlyQualified: true, rows },
    columns: columns.split(' ').map((name) => ({ name, type: type(name) })),
  };
}
