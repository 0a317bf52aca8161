import type { Kysely } from 'kysely';
import type { Database } from './database.ts';
import type { RecordsCheck } from './records.ts';
import type { CoreTables } from './schema/tables.ts';
import { SqliteDatabase } from './sqlite/database.ts';

/** Milliseconds: longer than any attempt waits for the next one. What is to happen later is no unfinished work. */
const SOON = 60 * 60 * 1000;

/** What the database says of itself. PostgreSQL checks its pages as it reads them (data checksums), SQLite when asked. */
export async function checkDatabase(database: Database, current: string, now: number): Promise<RecordsCheck> {
  const core = database.direct as unknown as Kysely<CoreTables>;
  const jobs = await core
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('status', 'in', ['queued', 'running'])
    .where('not_before', '<', now + SOON)
    .executeTakeFirstOrThrow();
  const others = await core
    .selectFrom('instance')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('id', '<>', current)
    .executeTakeFirstOrThrow();
  const faults = database instanceof SqliteDatabase ? await database.integrityFaults() : [];
  return {
    faults: faults.map((fault) => `Database: ${fault}.`),
    unfinishedJobs: Number(jobs.count),
    otherInstances: Number(others.count),
  };
}
