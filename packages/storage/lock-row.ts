import type { Scope } from '@helicase/kernel';
import { tables, type Transaction } from '@helicase/records';
import type { Room } from './room.ts';

type IdRow = { readonly account: string; readonly region: string; readonly id: string };

/**
 * Holds a resource's row until the transaction ends, so that "the store is empty" and "the store exists" stay true
 * while other servers work on the same PostgreSQL. SQLite has one writer at a time and needs no lock. False where
 * there is no such row.
 */
export async function lockRow(
  room: Room,
  tx: Transaction,
  kind: string,
  scope: Scope,
  id: string,
): Promise<boolean> {
  const query = tables<Record<string, IdRow>>(tx)
    .selectFrom(kind.replaceAll('-', '_'))
    .select('id')
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('id', '=', id);
  const row = await (room.records.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
  return row !== undefined;
}
