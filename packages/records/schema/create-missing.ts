import { type Kysely, sql } from 'kysely';
import type { Dialect } from '../database.ts';
import type { AnyDatabase } from '../records.ts';

const ADDITION = /^alter table (\w+) add column (\w+)/;
const CREATION = /^create (?:unique )?(?:table|index|sequence) if not exists (\w+)/;
/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63;

/**
 * Runs the statements, without those that create or add what is there already. On PostgreSQL `create index if not exists`
 * would lock the table against writers before it looked, and a server that starts would wait for, or be deadlocked
 * with, those that work.
 */
export async function createMissing(
  db: Kysely<AnyDatabase>,
  dialect: Dialect,
  statements: readonly string[],
): Promise<void> {
  const existing = dialect === 'postgres' ? await relations(db) : undefined;
  for (const statement of statements) {
    const name = CREATION.exec(statement)?.[1];
    if (name !== undefined && existing?.has(name.slice(0, LONGEST_NAME))) continue;
    const [, table, column] = ADDITION.exec(statement) ?? [];
    if (table && column && (await hasColumn(db, dialect, table, column))) continue;
    await sql.raw(statement).execute(db);
  }
}

async function hasColumn(
  db: Kysely<AnyDatabase>,
  dialect: Dialect,
  table: string,
  column: string,
): Promise<boolean> {
  const query =
    dialect === 'sqlite'
      ? sql`select name from pragma_table_info(${table}) where name = ${column}`
      : sql`select attname from pg_attribute where attrelid = to_regclass(${table}) and attname = ${column}
              and not attisdropped`;
  return (await query.execute(db)).rows.length > 0;
}

async function relations(db: Kysely<AnyDatabase>): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{
    relname: string;
  }>`select relname from pg_class where relnamespace = to_regnamespace(current_schema())`.execute(db);
  return new Set(rows.map(({ relname }) => relname));
}
