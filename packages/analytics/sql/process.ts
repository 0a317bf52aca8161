import { statSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { macroStatements } from './dialect/macros.ts';
import { engineMessage } from './engine-message.ts';
import type { EngineReply, GrantedTable, QueryGrant, QueryRequest } from './protocol.ts';
import { QueryError } from './query-error.ts';
import { RENDERING_MACROS } from './render.ts';
import { writePlan, writeResult } from './result-file.ts';
import { internalName, rewrite, rewriteCondition } from './rewrite.ts';
import { givenRows, groupsPlainSites, loadedSites, tableSource, visibleSource } from './table-source.ts';
import { quotedText } from '../table/type.ts';
import { isNode, nodes, parseTree, text, type TreeNode } from './syntax-tree.ts';
import { originalOffset, originalPlaces, readableText } from './trino-text.ts';

// One query at a time, each in a database of its own that has nothing in it but the tables it was granted. The process
// is the limit of what a hostile query, or a fault of the native engine, can harm: the server ends it and starts another.
const parser = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
/** The database of the next query is made while nobody waits: that takes as long as a short query. */
let next = freshDatabase();
let granted: ((grant: QueryGrant) => void) | undefined;

process.on('message', (message: QueryRequest | QueryGrant) => {
  if ('sql' in message) void answer(message);
  else granted?.(message);
});
process.on('disconnect', () => process.exit(0));
process.send!('ready');

async function answer(request: QueryRequest): Promise<void> {
  let reply: EngineReply;
  try {
    reply = await run(request);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    reply = {
      outcome: 'failed',
      message: error instanceof QueryError ? error.message : engineMessage(error, request.sql),
    };
  }
  process.send!(reply);
  await renewDatabase();
}

interface Database {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  isUsed: boolean;
}

/** With the settings and macros that are every query's. */
async function freshDatabase(): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const settings = [
    `SET integer_division = true`,
    `SET ieee_floating_point_ops = true`,
    `SET TimeZone = 'UTC'`,
    `SET autoinstall_known_extensions = false`,
    `SET autoload_known_extensions = false`,
    // A query is planned twice: for its columns' types, and to be run.
    `SET parquet_metadata_cache = true`,
  ];
  await connection.run([...settings, ...RENDERING_MACROS].join(';'));
  return { instance, connection, isUsed: false };
}

/** No query sees what another left. */
async function renewDatabase(): Promise<void> {
  const { instance, connection, isUsed } = await next;
  if (!isUsed) return;
  connection.closeSync();
  instance.closeSync();
  next = freshDatabase();
}

async function run(request: QueryRequest): Promise<EngineReply> {
  const { tree, tables, macros } = rewrite(
    await parse(request.sql),
    request.sql,
    request.tables,
    request.database,
  );
  const sql = await one(
    parser,
    'SELECT json_deserialize_sql($1::VARCHAR::JSON)',
    JSON.stringify({ error: false, statements: [tree] }),
  );
  const grant = await new Promise<QueryGrant>((resolve) => {
    granted = resolve;
    process.send!({ outcome: 'needs', tables } satisfies EngineReply);
  });
  const database = await next;
  database.isUsed = true;
  await prepare(database.connection, grant, { macros, loadsSites: groupsPlainSites(tree) });
  return (request.explain ? writePlan : writeResult)(database.connection, sql, grant.resultPath);
}

/** The query's tree. Anything but one SELECT (with WITH, VALUES and the like) is refused here. */
async function parse(sql: string) {
  const readable = readableText(sql);
  const parsed = parseTree(await one(parser, 'SELECT json_serialize_sql($1::VARCHAR)', readable.text));
  if (!isNode(parsed)) throw new QueryError('GENERIC_INTERNAL_ERROR: the query could not be parsed');
  if (parsed['error'] === true) {
    const at = originalOffset(readable, Number(parsed['position'] ?? NaN));
    const message = text(parsed['error_message']);
    if (message.startsWith('Only SELECT')) {
      throw new QueryError(
        'NOT_SUPPORTED: only SELECT, WITH, VALUES, SHOW, DESCRIBE and EXPLAIN can be run here',
      );
    }
    throw QueryError.at('SYNTAX_ERROR', sql, at, message + reservedHint(message));
  }
  const [statement, ...others] = nodes(parsed['statements']);
  if (!statement || others.length > 0) throw new QueryError('SYNTAX_ERROR: give exactly one statement');
  return originalPlaces(statement, readable) as TreeNode;
}

/** The one reserved word that is a column of variant tables. */
function reservedHint(message: string): string {
  return /at or near "end"$/i.test(message) ? '; the column of that name is written in double quotes' : '';
}

/** Of larger tables rows that no ORDER BY sorts come in any order, as Trino's do: several threads write them at once. */
const LARGE = 32 * 1024 * 1024;
/** Bytes of sites that are read in a few milliseconds, about 80,000. */
const FEW_SITES = 4 * 1024 * 1024;

function bytesOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + statSync(path).size, 0);
}

/** Settings first, then the tables, then the lock: after it neither files nor settings can be reached. */
async function prepare(
  connection: DuckDBConnection,
  grant: QueryGrant,
  { macros, loadsSites }: { readonly macros: readonly string[]; readonly loadsSites: boolean },
): Promise<void> {
  const paths = Object.values(grant.files).flatMap(({ parts }) => parts.map(({ path }) => path));
  const settings = [
    `SET threads = ${grant.threads}`,
    `SET memory_limit = '${grant.memoryMegabytes}MiB'`,
    `SET preserve_insertion_order = ${bytesOf(paths) < LARGE}`,
    `SET temp_directory = ${quotedText(grant.spillDirectory)}`,
    `SET allowed_paths = [${[...paths, grant.resultPath].map(quotedText).join(', ')}]`,
    `SET enable_external_access = false`,
  ];
  const tables = await Promise.all(
    Object.entries(grant.files).map(([number, table]) => views(Number(number), table, loadsSites)),
  );
  const made = new Set([...macroStatements(macros), ...tables.flat()]);
  await connection.run([...settings, ...made, 'SET lock_configuration = true'].join(';'));
}

/** What the query may read of a table, under the name that the rewriter put in its place. */
async function views(
  number: number,
  { parts, columns, cells, rows }: GrantedTable,
  loadsSites: boolean,
): Promise<readonly string[]> {
  const name = internalName(number);
  if (rows) return [`CREATE VIEW ${name} AS ${givenRows(rows, columns)}`];
  const sites = parts.filter(({ kind }) => kind === 'sites').map(({ path }) => path);
  if (!cells && loadsSites && sites.length > 0 && bytesOf(sites) < FEW_SITES) {
    const loaded = `${name}_sites`;
    return [loadedSites(parts, loaded), `CREATE VIEW ${name} AS ${tableSource(parts, columns, loaded)}`];
  }
  const source = tableSource(parts, columns);
  if (!cells) return [`CREATE VIEW ${name} AS ${source}`];
  const conditions = await Promise.all(
    cells.map(({ rows }) => (rows === undefined ? undefined : conditionSql(rows))),
  );
  const macros = conditions.flatMap((condition) => (condition ? macroStatements(condition.macros) : []));
  return [
    ...new Set(macros),
    `CREATE VIEW ${name} AS ${visibleSource(
      source,
      cells,
      conditions.map((each) => each?.sql),
    )}`,
  ];
}

/** A data filter's condition as the engine's SQL: an expression over the table's columns, and nothing else. */
async function conditionSql(
  condition: string,
): Promise<{ readonly sql: string; readonly macros: readonly string[] }> {
  const statement = await parse(`SELECT 1 FROM filtered WHERE ${condition}`);
  const { tree, macros } = rewriteCondition(statement, condition);
  const text = await one(
    parser,
    'SELECT json_deserialize_sql($1::VARCHAR::JSON)',
    JSON.stringify({ error: false, statements: [tree] }),
  );
  return { sql: text.slice(text.indexOf(' WHERE ') + ' WHERE '.length), macros };
}

async function one(connection: DuckDBConnection, sql: string, parameter: string): Promise<string> {
  const reader = await connection.runAndReadAll(sql, [parameter]);
  return String(reader.getRows()[0]![0]);
}
