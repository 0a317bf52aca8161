import { type Column, GENOTYPE_COLUMNS, GENOTYPE_TEXT, SITE_NUMBER } from '../table/columns.ts';
import type { VisibleCells } from '../lake-formation/visibility.ts';
import { duckdbType, quotedName, quotedText } from '../table/type.ts';
import type { FileKind } from '../table/written-file.ts';

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
export function tableSource(parts: readonly TablePart[], columns: readonly Column[]): string {
  const of = (wanted: FileKind) => parts.filter(({ kind }) => kind === wanted).map(({ path }) => path);
  const sources = [wholeRows(of('rows'), columns), cohortRows(of('sites'), of('genotypes'), columns)];
  return sources.filter((source) => source !== undefined).join(' UNION ALL ') || noRows(columns);
}

function wholeRows(paths: readonly string[], columns: readonly Column[]): string | undefined {
  if (paths.length === 0) return undefined;
  return `SELECT ${columns.map(({ name }) => quotedName(name)).join(', ')} FROM ${parquet(paths)}`;
}

function cohortRows(
  sites: readonly string[],
  genotypes: readonly string[],
  columns: readonly Column[],
): string | undefined {
  if (sites.length === 0) return undefined;
  const named = columns.map(({ name }) => {
    if (name === 'calls') return `${CALLS} AS calls`;
    return `${GENOTYPE.has(name) ? 'genotype' : 'site'}.${quotedName(name)}`;
  });
  const join = `${parquet(genotypes)} AS genotype JOIN ${parquet(sites)} AS site USING (${SITE_NUMBER.name})`;
  return `SELECT ${named.join(', ')} FROM ${join}`;
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
