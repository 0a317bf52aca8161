import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Dialect } from './database.ts';
import type { Transaction } from './records.ts';

/**
 * Has other transactions that hold the same name wait until this one ends: for decisions by rows that are not there yet
 * (how many there are, that there is none), which cannot be held. Names are held before resources, in every transaction.
 * SQLite has one writer anyway; on PostgreSQL it is an advisory lock.
 */
export async function holdName(
  tx: Transaction,
  dialect: Dialect,
  name: string,
  mode: 'shared' | 'exclusive' = 'exclusive',
): Promise<void> {
  if (dialect === 'sqlite') return;
  const key = createHash('sha256').update(name).digest().readBigInt64BE(0).toString();
  if (mode === 'shared') await sql`select pg_advisory_xact_lock_shared(${key}::bigint)`.execute(tx.sql);
  else await sql`select pg_advisory_xact_lock(${key}::bigint)`.execute(tx.sql);
}
