import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, Ids, type Log, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createRecords, type DatabaseOptions, type RecordsTiming } from './create-records.ts';
import type { Records } from './records.ts';
import { postgresPrograms, temporaryDatabase } from './testing/temporary-postgres.ts';

/** A database that repository tests run on: `for (const { dialect, skip } of dialectsUnderTest()) describe(dialect, { skip }, ...)`. */
export interface DialectUnderTest {
  readonly dialect: 'sqlite' | 'postgres';
  /** Why it cannot be tested here, or false. */
  readonly skip: string | false;
}

export function dialectsUnderTest(): readonly DialectUnderTest[] {
  const postgres = postgresPrograms() ? false : 'PostgreSQL is not installed (apt-get install postgresql)';
  return [
    { dialect: 'sqlite', skip: false },
    { dialect: 'postgres', skip: postgres },
  ];
}

export interface TestRecordsOptions {
  readonly dialect: 'sqlite' | 'postgres';
  /** Declares kinds and migrations, before the records are opened. */
  readonly declare?: (records: Records) => void;
  /** An existing database instead of a new one: a restart, or a second server on PostgreSQL. */
  readonly database?: DatabaseOptions;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly timing?: Partial<RecordsTiming>;
}

export interface TestRecords {
  /** Open. */
  readonly records: Records;
  readonly database: DatabaseOptions;
  /** Closes the records and removes the database if this call made it. */
  close(): Promise<void>;
}

/**
 * Records on a temporary database of their own: an SQLite file, or a database on a PostgreSQL that is started once per
 * process and ends with it. Call `close` when the test is over.
 */
export async function openTestRecords(options: TestRecordsOptions): Promise<TestRecords> {
  const folder = options.dialect === 'sqlite' && !options.database ? newFolder() : undefined;
  const database = options.database ?? (await newDatabase(folder));
  const clock = options.clock ?? systemClock;
  const records = createRecords({
    database,
    clock,
    ids: new Ids(clock, systemRandom),
    random: systemRandom,
    log: options.log ?? silentLog,
    timing: options.timing,
  });
  const close = async () => {
    await records.close();
    if (folder) removeFolder(folder);
  };
  try {
    options.declare?.(records);
    await records.open();
  } catch (error) {
    await close();
    throw error;
  }
  return { records, database, close };
}

const folders = new Set<string>();

function newFolder(): string {
  // A test that fails may never close what it opened.
  if (folders.size === 0) process.once('exit', () => folders.forEach(removeFolder));
  const folder = mkdtempSync(join(tmpdir(), 'helicase-records-'));
  folders.add(folder);
  return folder;
}

function removeFolder(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

async function newDatabase(folder: string | undefined): Promise<DatabaseOptions> {
  if (folder) return { kind: 'sqlite', file: join(folder, 'records.sqlite') };
  return { kind: 'postgres', url: await temporaryDatabase() };
}
