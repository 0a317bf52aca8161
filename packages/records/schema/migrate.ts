import { type Kysely, sql } from 'kysely';
import type { Clock } from '@helicase/kernel';
import type { Database } from '../database.ts';
import { DataTooNew, DataTooOld } from '../errors.ts';
import type { AnyDatabase, Migration } from '../records.ts';
import { coreSchema, SCHEMA_VERSION } from './core-schema.ts';
import { createMissing } from './create-missing.ts';
import { type AnyDefinition, ensureResourceTable } from './resource-schema.ts';
import type { CoreTables } from './tables.ts';

// Any number will do, as long as every Helicase takes the same: only one server changes the schema at a time.
const SCHEMA_LOCK = 4600;

export interface Schema {
  readonly definitions: readonly AnyDefinition[];
  readonly migrations: readonly Migration[];
}

/** Brings the database to this version: core tables, a table per kind, then each new migration in order. */
export async function migrate(database: Database, schema: Schema, clock: Clock): Promise<void> {
  const migrations = [...schema.migrations].sort((a, b) => (a.name < b.name ? -1 : 1));
  refuseTwins(migrations.map(({ name }) => name));
  await locked(database, async (db) => {
    await createMissing(db, database.dialect, coreSchema(database.dialect));
    await refuseNewer(db, migrations);
    for (const definition of schema.definitions) await ensureResourceTable(db, database.dialect, definition);
  });
  for (const migration of migrations) {
    await locked(database, (db) => applyOnce(db, database, migration, clock.now()));
  }
}

/** For those who come beside a server: nothing is migrated under it. */
export async function requireMigrated(database: Database, { migrations }: Schema): Promise<void> {
  const core = database.direct as unknown as Kysely<CoreTables>;
  const applied = await refuseUnknown(core, migrations);
  const pending = migrations.find(({ name }) => !applied.includes(name));
  if (pending) throw new DataTooOld(pending.name);
}

function locked(database: Database, work: (db: Kysely<AnyDatabase>) => Promise<void>): Promise<void> {
  return database.transaction(async (db) => {
    if (database.dialect === 'postgres') {
      // Large tables take their time, and another server that is migrating them is waited for.
      await sql`set local statement_timeout = 0`.execute(db);
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(db);
      await sql`select pg_advisory_xact_lock(${SCHEMA_LOCK})`.execute(db);
    }
    await work(db);
  });
}

async function refuseNewer(db: Kysely<AnyDatabase>, migrations: readonly Migration[]): Promise<void> {
  const core = db as unknown as Kysely<CoreTables>;
  const version = await core
    .selectFrom('helicase_schema')
    .select('value')
    .where('name', '=', 'version')
    .executeTakeFirst();
  if (!version) {
    await core
      .insertInto('helicase_schema')
      .values({ name: 'version', value: String(SCHEMA_VERSION) })
      .execute();
  } else if (Number(version.value) > SCHEMA_VERSION) {
    throw new DataTooNew(`schema version ${version.value}`, `version ${SCHEMA_VERSION}`);
  } else if (Number(version.value) < SCHEMA_VERSION) {
    await core
      .updateTable('helicase_schema')
      .set({ value: String(SCHEMA_VERSION) })
      .where('name', '=', 'version')
      .execute();
  }
  await refuseUnknown(core, migrations);
}

/** The names of the migrations that were applied. Throws where a newer version has applied others. */
async function refuseUnknown(
  core: Kysely<CoreTables>,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const known = new Set(migrations.map(({ name }) => name));
  const rows = await core.selectFrom('helicase_migration').select('name').orderBy('name').execute();
  const applied = rows.map(({ name }) => name);
  const unknown = applied.filter((name) => !known.has(name)).at(-1);
  if (unknown !== undefined) throw new DataTooNew(`migration ${unknown}`, [...known].sort().at(-1) ?? 'none');
  return applied;
}

async function applyOnce(
  db: Kysely<AnyDatabase>,
  database: Database,
  migration: Migration,
  now: number,
): Promise<void> {
  const core = db as unknown as Kysely<CoreTables>;
  const applied = await core
    .selectFrom('helicase_migration')
    .select('name')
    .where('name', '=', migration.name)
    .executeTakeFirst();
  if (applied) return;
  await migration.up(db, database.dialect);
  await core.insertInto('helicase_migration').values({ name: migration.name, applied_at: now }).execute();
}

function refuseTwins(names: readonly string[]): void {
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) throw new Error(`Two migrations are called ${twin}`);
}
