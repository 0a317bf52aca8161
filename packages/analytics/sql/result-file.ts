import { writeFile } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quotedText } from '../table/type.ts';
import { csvLine } from './csv.ts';
import type { QuerySucceeded, ResultColumn } from './protocol.ts';
import { renderedSql, resultColumn } from './render.ts';

/** Runs the query and leaves its rows as Athena's CSV, under a line of their names. */
export async function writeResult(
  connection: DuckDBConnection,
  sql: string,
  path: string,
): Promise<QuerySucceeded> {
  const query = await connection.prepare(sql);
  const columns: ResultColumn[] = [];
  const values: string[] = [];
  for (let index = 0; index < query.columnCount; index++) {
    const type = query.columnType(index);
    columns.push(resultColumn(query.columnName(index).toLowerCase(), type));
    values.push(renderedSql(`column${index}`, type));
  }
  query.destroySync();
  const names = csvLine(columns.map(({ name }) => name));
  const rows = await copied(connection, sql, values, names, path);
  // Of no rows the engine would leave an empty line.
  if (rows === 0) await writeFile(path, names);
  return { outcome: 'succeeded', columns, rows };
}

/** The names go before as text, since two columns may have the same. Answers the number of rows. */
async function copied(
  connection: DuckDBConnection,
  sql: string,
  values: readonly string[],
  names: string,
  path: string,
): Promise<number> {
  const places = values.map((_, index) => `column${index}`).join(', ');
  const options = `FORMAT csv, HEADER false, FORCE_QUOTE *, USE_TMP_FILE false, PREFIX ${quotedText(names)}, SUFFIX '\n'`;
  const reader = await connection.runAndReadAll(
    `COPY (SELECT ${values.join(', ')} FROM (${sql}) AS result(${places})) TO ${quotedText(path)} (${options})`,
  );
  return Number(reader.getRows()[0]![0]);
}

/** As Athena names it. */
const PLAN: ResultColumn = { name: 'Query Plan', type: 'varchar', precision: 2147483647, scale: 0 };

/** Leaves the query's plan. */
export async function writePlan(
  connection: DuckDBConnection,
  sql: string,
  path: string,
): Promise<QuerySucceeded> {
  const reader = await connection.runAndReadAll(`EXPLAIN ${sql}`);
  const plan = reader.getRows().map((row) => `${String(row[1])}\n`);
  await writeFile(path, plan.join(''));
  return { outcome: 'succeeded', columns: [PLAN], rows: plan.length };
}
