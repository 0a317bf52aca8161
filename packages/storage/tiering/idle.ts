import type { Scope } from '@helicase/kernel';
import { type Migration, tables, type Transaction } from '@helicase/records';

interface IdleTables {
  /** When each ACTIVE read set was last read: archiving takes those that nobody asked for. */
  read_set_access: { account: string; region: string; id: string; accessed_at: number };
}

/** Reading a set again within this time writes nothing: the tiers are told in days. */
const TOUCH_INTERVAL = 60 * 60 * 1000;

export const idleMigration: Migration = {
  name: '2026-11-25-read-set-access',
  async up(db) {
    await db.schema
      .createTable('read_set_access')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('accessed_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('read_set_access_key', ['account', 'region', 'id'])
      .execute();
    await db.schema
      .createIndex('read_set_access_time')
      .on('read_set_access')
      .columns(['accessed_at'])
      .execute();
  },
};

/** The read set was used now. */
export async function touchReadSet(tx: Transaction, scope: Scope, id: string, now: number): Promise<void> {
  await tables<IdleTables>(tx)
    .insertInto('read_set_access')
    .values({ account: scope.account, region: scope.region, id, accessed_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'region', 'id'])
        .doUpdateSet({ accessed_at: now })
        .where('read_set_access.accessed_at', '<', now - TOUCH_INTERVAL),
    )
    .execute();
}

/** The read set is not ACTIVE any more, or is gone. */
export async function forgetAccess(tx: Transaction, scope: Scope, id: string): Promise<void> {
  await tables<IdleTables>(tx)
    .deleteFrom('read_set_access')
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('id', '=', id)
    .execute();
}

/** Read sets that nobody used since `before`, the longest idle ones first. */
export async function idleReadSets(
  tx: Transaction,
  before: number,
  limit: number,
): Promise<readonly { readonly scope: Scope; readonly id: string }[]> {
  const rows = await tables<IdleTables>(tx)
    .selectFrom('read_set_access')
    .selectAll()
    .where('accessed_at', '<', before)
    .orderBy('accessed_at')
    .limit(limit)
    .execute();
  return rows.map(({ account, region, id }) => ({ scope: { account, region }, id }));
}

/** When it was last used; undefined where it is not ACTIVE. */
export async function lastAccess(tx: Transaction, scope: Scope, id: string): Promise<number | undefined> {
  const row = await tables<IdleTables>(tx)
    .selectFrom('read_set_access')
    .select('accessed_at')
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && Number(row.accessed_at);
}
