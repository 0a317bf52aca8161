import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { Scope } from '@helicase/kernel';
import type { Dialect } from './database.ts';
import { type AnyResourceRow, resourceOf } from './resource-row.ts';
import type { ListQuery, Page, Resource } from './resource.ts';
import { columnName } from './schema/resource-schema.ts';
import { isAmong } from './sql-helpers.ts';

type Rows = Kysely<Record<string, AnyResourceRow>>;
type Filter = Omit<ListQuery<string, string>, 'limit' | 'after' | 'order'>;

/** One page by keyset: (created_at, id) of the last row is where the next page starts, whatever was added since. */
export async function listRows<Doc, Status extends string>(
  rows: Rows,
  dialect: Dialect,
  table: string,
  scope: Scope,
  query: ListQuery<Status, string>,
): Promise<Page<Resource<Doc, Status>>> {
  const newestFirst = query.order === 'newest-first';
  const direction = newestFirst ? 'desc' : 'asc';
  let select = filtered(rows.selectFrom(table), dialect, scope, query)
    .selectAll()
    .orderBy('created_at', direction)
    .orderBy('id', direction)
    // One more than asked for tells whether more follow.
    .limit(query.limit + 1);
  if (query.after) select = select.where(beyond(query.after, newestFirst));
  const found = await select.execute();
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const more = found.length > query.limit && last !== undefined;
  return {
    rows: page.map((row) => resourceOf<Doc, Status>(row)),
    ...(more ? { next: [last.created_at, last.id] } : {}),
  };
}

export async function countRows(
  rows: Rows,
  dialect: Dialect,
  table: string,
  scope: Scope,
  filter: Filter,
): Promise<number> {
  const { count } = await filtered(rows.selectFrom(table), dialect, scope, filter)
    .select((expressions) => expressions.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** How many there are of each status that occurs. */
export async function countRowsByStatus<Status extends string>(
  rows: Rows,
  dialect: Dialect,
  table: string,
  scope: Scope,
  filter: Filter,
): Promise<Partial<Record<Status, number>>> {
  const found = await filtered(rows.selectFrom(table), dialect, scope, filter)
    .select(['status', (expressions) => expressions.fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute();
  const entries = found.map(({ count, status }) => [status, Number(count)] as const);
  return Object.fromEntries(entries) as Partial<Record<Status, number>>;
}

type Select = SelectQueryBuilder<Record<string, AnyResourceRow>, string, object>;

function filtered(select: Select, dialect: Dialect, scope: Scope, filter: Filter): Select {
  let query = select.where('account', '=', scope.account).where('region', '=', scope.region);
  for (const condition of conditions(dialect, filter)) query = query.where(condition);
  return query;
}

function conditions(dialect: Dialect, filter: Filter): RawBuilder<boolean>[] {
  const found: RawBuilder<boolean>[] = [];
  if (filter.parent !== undefined) found.push(sql<boolean>`parent = ${filter.parent}`);
  if (filter.statuses) found.push(oneOf(dialect, 'status', filter.statuses));
  if (filter.ids) found.push(oneOf(dialect, 'id', filter.ids));
  for (const [column, value] of Object.entries(filter.where ?? {})) {
    if (value === undefined) continue;
    found.push(oneOf(dialect, columnName(column), typeof value === 'object' ? value : [value]));
  }
  if (filter.createdAfter !== undefined) found.push(sql<boolean>`created_at > ${filter.createdAfter}`);
  if (filter.createdBefore !== undefined) found.push(sql<boolean>`created_at < ${filter.createdBefore}`);
  if (filter.updatedAfter !== undefined) found.push(sql<boolean>`updated_at > ${filter.updatedAfter}`);
  if (filter.updatedBefore !== undefined) found.push(sql<boolean>`updated_at < ${filter.updatedBefore}`);
  return found;
}

function oneOf(dialect: Dialect, column: string, values: readonly (string | number)[]): RawBuilder<boolean> {
  const [only] = values;
  if (only !== undefined && values.length === 1) return sql<boolean>`${sql.ref(column)} = ${String(only)}`;
  return isAmong(dialect, column, values);
}

function beyond(after: readonly (string | number)[], newestFirst: boolean): RawBuilder<boolean> {
  const [createdAt, id] = after;
  if (typeof createdAt !== 'number' || typeof id !== 'string') {
    throw new TypeError('A page starts after [createdAt, id], as Page.next gave it');
  }
  return newestFirst
    ? sql<boolean>`(created_at, id) < (${createdAt}, ${id})`
    : sql<boolean>`(created_at, id) > (${createdAt}, ${id})`;
}
