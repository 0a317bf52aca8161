import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { type Kysely, sql } from 'kysely';
import type { KeyRing } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import {
  type AnyDatabase,
  columnTypes,
  type Migration,
  type Records,
  type Resource,
  type ResourceTable,
  tables,
  type Transaction,
} from '@helicase/records';
import type { QueryCounts, ResultRow } from './run-query.ts';

export interface QueryDoc {
  readonly query: string;
  readonly groups: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly limit: number;
  /** ARN of who asked. */
  readonly askedBy: string;
  readonly counts: QueryCounts;
  readonly millis?: number;
}

export type QueryStatus = 'Scheduled' | 'Running' | 'Complete' | 'Failed' | 'Cancelled' | 'Timeout';
export type Query = Resource<QueryDoc, QueryStatus>;
export type QueryTable = ResourceTable<QueryDoc, QueryStatus, never, Transaction>;

export function declareQueries(records: Records): QueryTable {
  return records.resource<QueryDoc, QueryStatus>({
    kind: 'log-query',
    machine: {
      Scheduled: {
        Running: 'a place became free',
        Cancelled: 'stopped by the user',
        Failed: 'tried too often',
      },
      Running: {
        Complete: 'every line was looked at',
        Failed: 'needs too much memory, or was tried too often',
        Cancelled: 'stopped by the user',
        Timeout: 'took an hour',
      },
      Complete: {},
      Failed: {},
      Cancelled: {},
      Timeout: {},
    },
  });
}

interface ResultTables {
  log_query_result: { query: string; account: string; region: string; key_id: string; sealed: Uint8Array };
}

export const queryMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-monitoring-log-query-results',
    async up(database: Kysely<AnyDatabase>, dialect) {
      const text = sql.raw(columnTypes(dialect).text);
      await database.schema
        .createTable('log_query_result')
        .addColumn('query', text, (column) => column.primaryKey())
        .addColumn('account', text, (column) => column.notNull())
        .addColumn('region', text, (column) => column.notNull())
        .addColumn('key_id', text, (column) => column.notNull())
        .addColumn('sealed', sql.raw(columnTypes(dialect).bytes), (column) => column.notNull())
        .execute();
    },
  },
];

/** Results are lines of logs: sealed as these are. */
export async function sealResults(
  keyring: KeyRing,
  scope: Scope,
  rows: readonly ResultRow[],
): Promise<{ readonly key_id: string; readonly sealed: Uint8Array }> {
  const key_id = await keyring.keyFor(scope, 'logs');
  const plain = await promisify(deflateRaw)(JSON.stringify(rows));
  return { key_id, sealed: await keyring.wrap(key_id, plain) };
}

export async function keepResults(
  tx: Transaction,
  { account, region }: Scope,
  query: string,
  results: { readonly key_id: string; readonly sealed: Uint8Array },
): Promise<void> {
  await tables<ResultTables>(tx)
    .insertInto('log_query_result')
    .values({ query, account, region, ...results })
    .onConflict((conflict) => conflict.column('query').doUpdateSet(results))
    .execute();
}

export async function resultsOf(
  tx: Transaction,
  keyring: KeyRing,
  query: string,
): Promise<readonly ResultRow[]> {
  const row = await tables<ResultTables>(tx)
    .selectFrom('log_query_result')
    .selectAll()
    .where('query', '=', query)
    .executeTakeFirst();
  if (!row) return [];
  const plain = await promisify(inflateRaw)(await keyring.unwrap(row.key_id, row.sealed));
  return JSON.parse(plain.toString('utf8')) as ResultRow[];
}

export async function forgetResults(tx: Transaction, query: string): Promise<void> {
  await tables<ResultTables>(tx).deleteFrom('log_query_result').where('query', '=', query).execute();
}
