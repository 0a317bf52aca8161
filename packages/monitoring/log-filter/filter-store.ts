import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { forgetChunks } from './filter-queue.ts';
import { type FilterKind, filterTables, type LogFilterRow } from './tables.ts';

/** A filter by its group, kind and name. */
export interface FilterKey {
  readonly scope: Scope;
  readonly group: string;
  readonly kind: FilterKind;
  readonly name: string;
}

export interface LogFilter<Doc> extends FilterKey {
  readonly createdAt: number;
  readonly doc: Doc;
}

/** Replaces one of the same name; `most` is how many the group may have. False where there would be more. */
export async function putFilter(
  tx: Transaction,
  { createdAt, doc, group, kind, name, scope }: LogFilter<unknown>,
  most: number,
): Promise<boolean> {
  const row = { account: scope.account, region: scope.region, group_name: group, kind, name };
  await filterTables(tx)
    .insertInto('log_filter')
    .values({ ...row, created_at: createdAt, doc: JSON.stringify(doc) })
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'region', 'group_name', 'kind', 'name'])
        .doUpdateSet({ doc: JSON.stringify(doc) }),
    )
    .execute();
  return (await countFilters(tx, scope, group, kind)) <= most;
}

export async function findFilter<Doc>(
  tx: Transaction,
  { group, kind, name, scope }: FilterKey,
): Promise<LogFilter<Doc> | undefined> {
  const row = await ofKind(tx, scope, kind)
    .where('group_name', '=', group)
    .where('name', '=', name)
    .executeTakeFirst();
  return row && toFilter<Doc>(row);
}

export interface FilterQuery {
  readonly group?: string;
  readonly prefix?: string;
  /** Name and group of the last one of the page before. */
  readonly after?: readonly [string, string];
  readonly limit: number;
}

/** By name, then by group. */
export async function listFilters<Doc>(
  tx: Transaction,
  scope: Scope,
  kind: FilterKind,
  { after, group, limit, prefix }: FilterQuery,
): Promise<readonly LogFilter<Doc>[]> {
  let rows = ofKind(tx, scope, kind).orderBy('name').orderBy('group_name').limit(limit);
  if (group !== undefined) rows = rows.where('group_name', '=', group);
  if (prefix !== undefined) rows = rows.where('name', '>=', prefix).where('name', '<', `${prefix}\u{10FFFF}`);
  if (after)
    rows = rows.where((where) =>
      where.or([
        where('name', '>', after[0]),
        where.and([where('name', '=', after[0]), where('group_name', '>', after[1])]),
      ]),
    );
  return (await rows.execute()).map(toFilter<Doc>);
}

/** False where there was none. */
export async function deleteFilter(tx: Transaction, key: FilterKey): Promise<boolean> {
  await forgetChunks(tx, key);
  const gone = await filterTables(tx)
    .deleteFrom('log_filter')
    .where('account', '=', key.scope.account)
    .where('region', '=', key.scope.region)
    .where('group_name', '=', key.group)
    .where('kind', '=', key.kind)
    .where('name', '=', key.name)
    .executeTakeFirst();
  return Number(gone.numDeletedRows) > 0;
}

/** With their group. */
export async function deleteFiltersOf(tx: Transaction, { account, region }: Scope, group: string) {
  for (const table of ['log_filter', 'log_filter_queue'] as const)
    await filterTables(tx)
      .deleteFrom(table)
      .where('account', '=', account)
      .where('region', '=', region)
      .where('group_name', '=', group)
      .execute();
}

export async function countFilters(
  tx: Transaction,
  scope: Scope,
  group: string,
  kind: FilterKind,
): Promise<number> {
  const rows = await ofKind(tx, scope, kind).where('group_name', '=', group).execute();
  return rows.length;
}

function ofKind(tx: Transaction, { account, region }: Scope, kind: FilterKind) {
  return filterTables(tx)
    .selectFrom('log_filter')
    .selectAll()
    .where('account', '=', account)
    .where('region', '=', region)
    .where('kind', '=', kind);
}

function toFilter<Doc>(row: LogFilterRow): LogFilter<Doc> {
  const { account, created_at, doc, group_name, kind, name, region } = row;
  return {
    ...{ scope: { account, region }, group: group_name, kind, name },
    ...{ createdAt: Number(created_at), doc: JSON.parse(doc) as Doc },
  };
}
