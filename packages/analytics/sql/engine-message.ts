import { QueryError } from './query-error.ts';

type Rule = readonly [engine: RegExp, code: string, trino: (...found: readonly string[]) => string];

/** What queries are most often told, in Trino's words; the first group is the name that the query has. */
const RULES: readonly Rule[] = [
  [
    /^Binder Error: Referenced column "(.+?)" not found in FROM clause!/,
    'COLUMN_NOT_FOUND',
    (column) => `Column '${column}' cannot be resolved`,
  ],
  [
    /^Binder Error: (?:Table|Values list) ".+?" does not have a column named "(.+?)"/,
    'COLUMN_NOT_FOUND',
    (column) => `Column '${column}' cannot be resolved`,
  ],
  [
    /^Binder Error: Referenced table "(.+?)" not found!/,
    'COLUMN_NOT_FOUND',
    (table) => `'${table}' is no table of this query`,
  ],
  [
    /^Binder Error: Ambiguous reference to column name "(.+?)"/,
    'AMBIGUOUS_NAME',
    (column) => `Column '${column}' is ambiguous`,
  ],
  [
    /^Binder Error: column "(.+?)" must appear in the GROUP BY clause/,
    'EXPRESSION_NOT_AGGREGATE',
    (column) => `'${column}' must be an aggregate expression or appear in GROUP BY clause`,
  ],
  [
    /^Invalid Input Error: More than one row returned by a subquery/,
    'SUBQUERY_MULTIPLE_ROWS',
    () => 'Scalar sub-query has returned multiple rows',
  ],
];

/** The engine's words on a query, Trino's where it has them, without the engine's drawing of the rewritten query. */
export function engineMessage(error: Error, sql: string): string {
  const message = (error.message.split('\n\nLINE ')[0] ?? '')
    .trim()
    .replace(/helicase_table_\d+/g, 'the table')
    // What a macro says with error() has Trino's code already.
    .replace(/^Invalid Input Error: (?=[A-Z_]+: )/, '');
  for (const [engine, code, trino] of RULES) {
    const [found, name = ''] = engine.exec(message) ?? [];
    if (found === undefined) continue;
    return QueryError.at(code, sql, onlyPlace(sql, name), trino(name) + candidates(message)).message;
  }
  return message;
}

/** The engine's places are those of the rewritten query: a name that stands here more than once has none. */
function onlyPlace(sql: string, name: string): number {
  const words = [...sql.matchAll(/\w+/g)].filter(([word]) => word.toLowerCase() === name.toLowerCase());
  return words.length === 1 ? words[0]!.index : NaN;
}

function candidates(message: string): string {
  const listed = /\nCandidate (?:bindings|tables): (.+)/.exec(message)?.[1];
  return listed ? `; there are ${listed}` : '';
}
