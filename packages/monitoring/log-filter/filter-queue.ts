import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { sql } from 'kysely';
import type { FilterKey } from './filter-store.ts';
import { filterTables } from './tables.ts';

const KEY = ['account', 'region', 'group_name', 'kind', 'name'] as const;

/** Has every filter of the group look at the chunk, once its transaction is committed. */
export async function queueChunk(
  tx: Transaction,
  { account, region }: Scope,
  group: string,
  chunk: string,
): Promise<void> {
  await filterTables(tx)
    .insertInto('log_filter_queue')
    .columns([...KEY, 'chunk'])
    .expression(
      filterTables(tx)
        .selectFrom('log_filter')
        .select([...KEY, sql<string>`${chunk}`.as('chunk')])
        .where('account', '=', account)
        .where('region', '=', region)
        .where('group_name', '=', group),
    )
    .execute();
}

/** Filters for which chunks wait. */
export async function waitingFilters(tx: Transaction): Promise<readonly FilterKey[]> {
  const rows = await filterTables(tx).selectFrom('log_filter_queue').select(KEY).distinct().execute();
  return rows.map(({ account, group_name, kind, name, region }) => ({
    ...{ scope: { account, region }, group: group_name, kind, name },
  }));
}

/** The first chunks that a filter has not looked at. */
export async function waitingChunks(
  tx: Transaction,
  key: FilterKey,
  limit: number,
): Promise<readonly string[]> {
  const rows = await filterTables(tx)
    .selectFrom('log_filter_queue')
    .select('chunk')
    .where('account', '=', key.scope.account)
    .where('region', '=', key.scope.region)
    .where('group_name', '=', key.group)
    .where('kind', '=', key.kind)
    .where('name', '=', key.name)
    .orderBy('chunk')
    .limit(limit)
    .execute();
  return rows.map(({ chunk }) => chunk);
}

/** The filter has looked at these chunks; without any, at all that it ever will. */
export async function forgetChunks(
  tx: Transaction,
  key: FilterKey,
  chunks?: readonly string[],
): Promise<void> {
  let rows = filterTables(tx)
    .deleteFrom('log_filter_queue')
    .where('account', '=', key.scope.account)
    .where('region', '=', key.scope.region)
    .where('group_name', '=', key.group)
    .where('kind', '=', key.kind)
    .where('name', '=', key.name);
  if (chunks) rows = rows.where('chunk', 'in', chunks);
  await rows.execute();
}
