import { catalogType } from '../../table/type.ts';
import { isMeant } from '../../sql/protocol.ts';
import { QueryError } from '../../sql/query-error.ts';
import type { VisibleTable } from '../../catalog/tables.ts';

/** What SHOW and DESCRIBE answer: lines of tab-separated fields, as Athena's `.txt` results have them. */
export interface UtilityResult {
  readonly columns: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

const NAME = '["`]?([\\w$]+)["`]?';
const TABLE = `(?:${NAME}\\.)?${NAME}`;
const SHOW_DATABASES = /^show\s+(?:databases|schemas)$/i;
const SHOW_TABLES = new RegExp(`^show\\s+tables(?:\\s+(?:in|from)\\s+${NAME})?$`, 'i');
const SHOW_COLUMNS = new RegExp(
  `^show\\s+columns\\s+(?:in|from)\\s+${TABLE}(?:\\s+(?:in|from)\\s+${NAME})?$`,
  'i',
);
const DESCRIBE = new RegExp(`^desc(?:ribe)?\\s+(?:extended\\s+|formatted\\s+)?${TABLE}$`, 'i');

/** Statements that the catalog answers without an engine. */
export function isUtility(sql: string): boolean {
  return /^(show|desc|describe|explain)\b/i.test(sql);
}

/** The query that an EXPLAIN explains; undefined where it is none. */
export function explained(sql: string): string | undefined {
  return /^explain\s+([\s\S]+)$/i.exec(sql)?.[1];
}

export function utilityResult(
  sql: string,
  tables: readonly VisibleTable[],
  database: string | undefined,
): UtilityResult {
  if (SHOW_DATABASES.test(sql)) {
    const names = [...new Set(tables.map((table) => table.database))].sort();
    return { columns: ['database_name'], lines: names.map((name) => [name]) };
  }
  const show = SHOW_TABLES.exec(sql);
  if (show) return showTables(tables, show[1] ?? database);
  const columns = SHOW_COLUMNS.exec(sql);
  if (columns) {
    const table = find(tables, columns[1] ?? columns[3] ?? database, columns[2]!);
    return { columns: ['field'], lines: table.columns.map(({ name }) => [name]) };
  }
  const describe = DESCRIBE.exec(sql);
  if (!describe)
    throw new QueryError(`NOT_SUPPORTED: ${sql.split(/\s+/).slice(0, 2).join(' ')} in this form`);
  const table = find(tables, describe[1] ?? database, describe[2]!);
  const lines = table.columns.map(({ name, type }) => [name, catalogType(type), '']);
  return { columns: ['col_name', 'data_type', 'comment'], lines };
}

function showTables(tables: readonly VisibleTable[], database: string | undefined): UtilityResult {
  const wanted = tables.filter(
    (table) => database === undefined || table.database === database.toLowerCase(),
  );
  if (database !== undefined && wanted.length === 0) {
    throw new QueryError(`SCHEMA_NOT_FOUND: Database ${database} not found`);
  }
  const names = [...new Set(wanted.map(({ table }) => table))].sort();
  return { columns: ['tab_name'], lines: names.map((name) => [name]) };
}

function find(tables: readonly VisibleTable[], database: string | undefined, name: string): VisibleTable {
  const [inDatabase, wanted] = [database?.toLowerCase(), name.toLowerCase()];
  const found = tables.find((known) => isMeant(known, inDatabase, wanted));
  if (!found)
    throw new QueryError(`TABLE_NOT_FOUND: Table ${database ? `${database}.` : ''}${name} does not exist`);
  return found;
}
