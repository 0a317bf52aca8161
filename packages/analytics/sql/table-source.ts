import { type Column, GENOTYPE_COLUMNS, GENOTYPE_TEXT, SITE_COLUMNS, SITE_NUMBER } from '../table/columns.ts';
import type { VisibleCells } from '../lake-formation/visibility.ts';
import { duckdbType, quotedName, quotedText } from '../table/type.ts';
import type { FileKind } from '../table/written-file.ts';
import type { Rows } from './protocol.ts';
import type { TreeNode } from './syntax-tree.ts';

/** A Parquet file as the engine opens it. */
export interface TablePart {
  readonly path: string;
  readonly kind: FileKind;
}

const GENOTYPE: ReadonlySet<string> = new Set(GENOTYPE_COLUMNS.map(({ name }) => name));

/**
 * A cohort's calls from its genotypes' texts. There are few different ones in a file, and what is computed of a text is
 * computed once for each of these: questions to all genotypes are several times faster than over the lists themselves.
 */
const CALLS = `list_transform(regexp_extract_all(genotype.${GENOTYPE_TEXT.name}, '[0-9.]+'),
  lambda c: CASE c WHEN '.' THEN -1 ELSE TRY_CAST(c AS INTEGER) END)`;

/** A query for a table's rows, whichever way its files hold them: whole, or sites and genotypes apart. */
export function tableSource(
  parts: readonly TablePart[],
  columns: readonly Column[],
  loadedSites?: string,
): string {
  const whole = wholeRows(pathsOf(parts, 'rows'), columns);
  const sources = [whole, cohortRows(parts, columns, loadedSites)];
  return sources.filter((source) => source !== undefined).join(' UNION ALL ') || noRows(columns);
}

/** A query for rows that are given. */
export function givenRows(rows: Rows, columns: readonly Column[]): string {
  if (rows.length === 0) return noRows(columns);
  const value = (cell: string | number | null) =>
    cell === null ? 'NULL' : typeof cell === 'number' ? String(cell) : quotedText(cell);
  const lines = rows.map((row) => `(${row.map(value).join(', ')})`);
  const named = columns.map(({ name }) => quotedName(name)).join(', ');
  const typed = columns.map(
    ({ name, type }) => `CAST(${quotedName(name)} AS ${duckdbType(type)}) AS ${quotedName(name)}`,
  );
  return `SELECT ${typed.join(', ')} FROM (VALUES ${lines.join(', ')}) AS given(${named})`;
}

function pathsOf(parts: readonly TablePart[], wanted: FileKind): readonly string[] {
  return parts.filter(({ kind }) => kind === wanted).map(({ path }) => path);
}

function wholeRows(paths: readonly string[], columns: readonly Column[]): string | undefined {
  if (paths.length === 0) return undefined;
  return `SELECT ${columns.map(({ name }) => quotedName(name)).join(', ')} FROM ${parquet(paths)}`;
}

function cohortRows(
  parts: readonly TablePart[],
  columns: readonly Column[],
  loadedSites: string | undefined,
): string | undefined {
  const sites = pathsOf(parts, 'sites');
  if (sites.length === 0) return undefined;
  const named = columns.map((column) => {
    const name = quotedName(column.name);
    if (column.name === 'calls') return `${CALLS} AS calls`;
    if (GENOTYPE.has(column.name)) return `genotype.${name}`;
    return loadedSites && !isPlain(column) ? `${notLoaded(column)} AS ${name}` : `site.${name}`;
  });
  const source = loadedSites ?? parquet(sites);
  const join = `${parquet(pathsOf(parts, 'genotypes'))} AS genotype JOIN ${source} AS site USING (${SITE_NUMBER.name})`;
  return `SELECT ${named.join(', ')} FROM ${join}`;
}

/**
 * A table of the sites' plain columns, and the statement that loads it: the engine knows how long its texts are, and
 * groups millions of genotypes by them in two thirds of the time. For few sites.
 */
export function loadedSites(parts: readonly TablePart[], name: string): string {
  const columns = [SITE_NUMBER, ...SITE_COLUMNS.filter(isPlain)].map((column) => quotedName(column.name));
  return `CREATE TEMP TABLE ${name} AS SELECT ${[...new Set(columns)].join(', ')} FROM ${parquet(pathsOf(parts, 'sites'))}`;
}

/**
 * Whether a query groups by, or for, the sites' plain columns and reads no other of them: it names none, and takes no
 * columns without naming them. Others are as fast without, and loading takes 20 ms.
 */
export function groupsPlainSites(query: TreeNode): boolean {
  const text = JSON.stringify(query).toLowerCase();
  const wide = SITE_COLUMNS.filter((column) => !isPlain(column)).map(({ name }) => `"${name}"`);
  const unnamed = ['"class":"star"', '"column_name_alias":["', '"natural"'];
  return (
    text.includes('"group_expressions":[{') && ![...wide, ...unnamed].some((part) => text.includes(part))
  );
}

function isPlain({ type }: Column): boolean {
  return typeof type === 'string';
}

/** Never read: a query that did would fail, and not read nulls. */
function notLoaded({ name, type }: Column): string {
  return `CAST(error(${quotedText(`GENERIC_INTERNAL_ERROR: ${name} was not loaded`)}) AS ${duckdbType(type)})`;
}

function noRows(columns: readonly Column[]): string {
  const nulls = columns.map(({ name, type }) => `NULL::${duckdbType(type)} AS ${quotedName(name)}`);
  return `SELECT ${nulls.join(', ')} WHERE false`;
}

function parquet(paths: readonly string[]): string {
  return `read_parquet([${paths.map((path) => quotedText(path)).join(', ')}])`;
}

/**
 * The rows and columns that may be seen. A row is there where one of the conditions holds, a value where one that allows
 * its column does. The rows are made before the query's own conditions see them: those could tell of hidden ones by failing.
 */
export function visibleSource(
  source: string,
  cells: readonly VisibleCells[],
  conditions: readonly (string | undefined)[],
): string {
  const names = [...new Set(cells.flatMap(({ columns }) => columns))];
  const open = conditions.some((condition) => condition === undefined);
  const seen = names.map((name) => {
    const allowing = conditions.filter((_, index) => cells[index]!.columns.includes(name));
    const column = quotedName(name);
    if (allowing.includes(undefined) || allowing.length === conditions.length) return column;
    return `CASE WHEN ${anyOf(allowing as readonly string[])} THEN ${column} END AS ${column}`;
  });
  const where = open ? '' : ` WHERE ${anyOf(conditions as readonly string[])}`;
  return `WITH visible AS MATERIALIZED (SELECT ${seen.join(', ')} FROM (${source}) AS whole${where}) SELECT * FROM visible`;
}

function anyOf(conditions: readonly string[]): string {
  return conditions.map((condition) => `(${condition})`).join(' OR ');
}
