import { type Kysely, sql } from 'kysely';
import type { Dialect } from '../database.ts';
import type { AnyDatabase } from '../records.ts';
import type { ResourceDefinition } from '../resource.ts';
import { columnTypes } from './column-types.ts';
import { createMissing } from './create-missing.ts';
import type { CoreTables, ResourceRow } from './tables.ts';

export type AnyDefinition = ResourceDefinition<never, string, string>;

/** `read-set` is kept in `read_set`. */
export function tableName(kind: string): string {
  return snake(kind);
}

/** Lifted columns carry a prefix, so that none can be mistaken for a common one. */
export function columnName(column: string): `c_${string}` {
  return `c_${snake(column)}`;
}

function liftedColumns(definition: AnyDefinition): readonly string[] {
  return Object.keys(definition.columns ?? {});
}

/** The values that a doc is filtered by, as the table keeps them. */
export function liftedValues(definition: AnyDefinition, doc: unknown): Record<`c_${string}`, string | null> {
  const lift = (definition.columns ?? {}) as Record<string, (doc: unknown) => string | number | null>;
  return Object.fromEntries(
    Object.entries(lift).map(([column, of]) => [columnName(column), columnText(of(doc))]),
  );
}

function columnText(value: string | number | null): string | null {
  return value === null ? null : String(value);
}

interface Recorded {
  /** Columns that the table has. */
  readonly columns: readonly string[];
  /** Those of them that every row's doc was lifted into. */
  readonly lifted: readonly string[];
}

/** Makes the kind's table, or adds what the definition has and the table has not. Nothing is ever taken away. */
export async function ensureResourceTable(
  db: Kysely<AnyDatabase>,
  dialect: Dialect,
  definition: AnyDefinition,
): Promise<void> {
  const core = db as unknown as Kysely<CoreTables>;
  const name = `resource:${definition.kind}`;
  const row = await core
    .selectFrom('helicase_schema')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  const before = row ? (JSON.parse(row.value) as Recorded) : undefined;
  const lifted = liftedColumns(definition);
  const columns = [...new Set([...(before?.columns ?? []), ...lifted])];
  const value = JSON.stringify({ columns, lifted } satisfies Recorded);
  const missing = lifted.filter((column) => !before?.columns.includes(column));
  await createMissing(db, dialect, tableSchema(dialect, definition, before ? missing : []));
  if (before && lifted.some((column) => !before.lifted.includes(column))) await liftAll(db, definition);
  await createMissing(db, dialect, uniqueIndexes(definition));
  if (value === row?.value) return;
  await core
    .insertInto('helicase_schema')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

function tableSchema(
  dialect: Dialect,
  definition: AnyDefinition,
  added: readonly string[],
): readonly string[] {
  const { text } = columnTypes(dialect);
  const table = tableName(definition.kind);
  const columns = liftedColumns(definition).map(columnName);
  return [
    `create table if not exists ${table} (account ${text} not null, region ${text} not null, id ${text} not null,
       parent ${text} not null, status ${text} not null, status_message ${text}, created_at bigint not null,
       updated_at bigint not null, revision bigint not null, doc ${text} not null,
       ${columns.map((column) => `${column} ${text}, `).join('')} primary key (account, region, id))`,
    ...added.map((column) => `alter table ${table} add column ${columnName(column)} ${text}`),
    `create index if not exists ${table}_by_time on ${table} (account, region, created_at, id)`,
    `create index if not exists ${table}_by_parent on ${table} (account, region, parent, created_at, id)`,
    `create index if not exists ${table}_by_status on ${table} (account, region, status, created_at, id)`,
    ...columns.map(
      (column) => `create index if not exists ${table}_by_${column} on ${table}
        (account, region, ${column}, parent, created_at, id)`,
    ),
  ];
}

function uniqueIndexes(definition: AnyDefinition): readonly string[] {
  const table = tableName(definition.kind);
  return (definition.unique ?? []).map(
    (column) => `create unique index if not exists ${uniqueIndexName(definition.kind, column)} on ${table}
      (account, region, parent, ${columnName(column)})`,
  );
}

export function uniqueIndexName(kind: string, column: string): string {
  return `${tableName(kind)}_unique_${columnName(column)}`;
}

const LIFTED_AT_ONCE = 500;

/** Fills new columns from the docs that are there already. */
async function liftAll(db: Kysely<AnyDatabase>, definition: AnyDefinition): Promise<void> {
  const resources = db as unknown as Kysely<Record<string, ResourceRow>>;
  const table = tableName(definition.kind);
  let after = ['', '', ''];
  for (;;) {
    const rows = await resources
      .selectFrom(table)
      .select(['account', 'region', 'id', 'doc'])
      .where(sql<boolean>`(account, region, id) > (${after[0]}, ${after[1]}, ${after[2]})`)
      .orderBy('account')
      .orderBy('region')
      .orderBy('id')
      .limit(LIFTED_AT_ONCE)
      .execute();
    for (const row of rows) {
      await resources
        .updateTable(table)
        .set(liftedValues(definition, JSON.parse(row.doc)))
        .where('account', '=', row.account)
        .where('region', '=', row.region)
        .where('id', '=', row.id)
        .execute();
    }
    const last = rows.at(-1);
    if (!last) return;
    after = [last.account, last.region, last.id];
  }
}

function snake(name: string): string {
  return name
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
