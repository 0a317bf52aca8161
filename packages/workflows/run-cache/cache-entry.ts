import { type Kysely, sql } from 'kysely';
import type { Scope } from '@helicase/kernel';
import { columnTypes, type Migration, tables, type Transaction } from '@helicase/records';
import type { TaskKey, TaskOutcome } from '@helicase/runtime';
import type { StoredFile } from './stored-files.ts';

/** A finished task that a cache has: how it was known, where it ran, and its files at the cache's location. */
export interface CacheEntry {
  readonly key: TaskKey;
  /** Where in its workflow it ran. */
  readonly call: string;
  readonly runId: string;
  readonly taskId: string;
  /** `s3://bucket/prefix/<run>/<task>` */
  readonly uri: string;
  readonly files: readonly StoredFile[];
  readonly outcome: TaskOutcome;
  /** Milliseconds. */
  readonly keptAt: number;
}

interface EntryRow {
  account: string;
  region: string;
  cache_id: string;
  digest: string;
  call: string;
  kept_at: number;
  run_id: string;
  entry: string;
}

interface EntryTables {
  run_cache_entry: EntryRow;
}

export const cacheEntryMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-run-cache-entry',
    async up(db, dialect) {
      const { text } = columnTypes(dialect);
      const statements = [
        `create table run_cache_entry (account ${text} not null, region ${text} not null, cache_id ${text} not null,
          digest ${text} not null, call ${text} not null, kept_at bigint not null, run_id ${text} not null,
          entry ${text} not null, primary key (account, region, cache_id, digest))`,
        `create index run_cache_entry_by_call on run_cache_entry (account, region, cache_id, call, kept_at)`,
      ];
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  },
];

/** A cache by its scope and id. */
export interface CacheKey {
  readonly scope: Scope;
  readonly id: string;
}

/** Grows when a member changes meaning; what a newer server kept is not read. */
const ENTRY_VERSION = 1;

export async function findEntry(
  tx: Transaction,
  key: CacheKey,
  digest: string,
): Promise<CacheEntry | undefined> {
  const row = await ofCache(tx, key).where('digest', '=', digest).executeTakeFirst();
  return row && entryOf(row);
}

const MOST_OF_A_CALL = 100;

/** What is kept of a call, newest first; `before` a time, and not by the run given, where a task is told its miss. */
export async function entriesOfCall(
  tx: Transaction,
  key: CacheKey,
  call: string,
  { before, otherThanRun }: { readonly before?: number; readonly otherThanRun?: string } = {},
): Promise<readonly CacheEntry[]> {
  let query = ofCache(tx, key).where('call', '=', call);
  if (before !== undefined) query = query.where('kept_at', '<=', before);
  if (otherThanRun !== undefined) query = query.where('run_id', '!=', otherThanRun);
  const rows = await query.orderBy('kept_at', 'desc').limit(MOST_OF_A_CALL).execute();
  return rows.map(entryOf).filter((entry) => entry !== undefined);
}

/** The newest of several with one key stays. */
export async function saveEntry(tx: Transaction, { id, scope }: CacheKey, entry: CacheEntry): Promise<void> {
  const row = {
    ...{ call: entry.call, kept_at: entry.keptAt, run_id: entry.runId },
    entry: JSON.stringify({ version: ENTRY_VERSION, ...entry }),
  };
  await entries(tx)
    .insertInto('run_cache_entry')
    .values({ ...scope, cache_id: id, digest: entry.key.digest, ...row })
    .onConflict((conflict) => conflict.columns(['account', 'region', 'cache_id', 'digest']).doUpdateSet(row))
    .execute();
}

export async function removeEntries(tx: Transaction, { id, scope }: CacheKey): Promise<void> {
  await entries(tx)
    .deleteFrom('run_cache_entry')
    .where((where) => where.and({ account: scope.account, region: scope.region, cache_id: id }))
    .execute();
}

function entries(tx: Transaction): Kysely<EntryTables> {
  return tables<EntryTables>(tx);
}

function ofCache(tx: Transaction, { id, scope: { account, region } }: CacheKey) {
  return entries(tx)
    .selectFrom('run_cache_entry')
    .selectAll()
    .where((where) => where.and({ account, region, cache_id: id }));
}

function entryOf(row: EntryRow): CacheEntry | undefined {
  const { version, ...entry } = JSON.parse(row.entry) as CacheEntry & { readonly version: number };
  return version <= ENTRY_VERSION ? entry : undefined;
}
