import type { Kysely } from 'kysely';
import type { Database } from './database.ts';
import type { RecordsCheck } from './records.ts';
import type { CoreTables } from './schema/tables.ts';
import { SqliteDatabase } from './sqlite/database.ts';

/** What the database says of itself. PostgreSQL checks its pages as it reads them (data checksums), SQLite when asked. */
export async function checkDatabase(database: Database, current: string): Promise<RecordsCheck> {
  const core = database.direct as unknown as Kysely<CoreTables>;
  const jobs = await core
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('status', 'in', ['queued', 'running'])
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
