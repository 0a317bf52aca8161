import { sql } from 'kysely';
import type { Scope } from '@helicase/kernel';
import { columnTypes, type Migration, tables, type Transaction } from '@helicase/records';

/** What a change did to a table, in Iceberg's words. */
export type SnapshotOperation = 'append' | 'replace';

/** One state of a store's table: the files added up to it and not removed by it. */
export interface Snapshot {
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly createdAt: number;
  readonly operation: SnapshotOperation;
}

interface SnapshotTables {
  analytics_snapshot: {
    account: string;
    region: string;
    store_id: string;
    sequence: number;
    created_at: number;
    operation: SnapshotOperation;
  };
}

export const snapshotMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-analytics-snapshot',
    async up(db, dialect) {
      const { text } = columnTypes(dialect);
      const statement = `create table analytics_snapshot (account ${text} not null, region ${text} not null,
        store_id ${text} not null, sequence bigint not null, created_at bigint not null, operation ${text} not null,
        primary key (account, region, store_id, sequence))`;
      await sql.raw(statement).execute(db);
    },
  },
];

/** Makes the next snapshot and answers its number. The store's row is locked by the same transaction. */
export async function nextSnapshot(
  tx: Transaction,
  { account, region }: Scope,
  storeId: string,
  now: number,
  operation: SnapshotOperation,
): Promise<number> {
  const last = await tables<SnapshotTables>(tx)
    .selectFrom('analytics_snapshot')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .where('account', '=', account)
    .where('region', '=', region)
    .where('store_id', '=', storeId)
    .executeTakeFirst();
  const sequence = Number(last?.sequence ?? 0) + 1;
  await tables<SnapshotTables>(tx)
    .insertInto('analytics_snapshot')
    .values({ account, region, store_id: storeId, sequence, created_at: now, operation })
    .execute();
  return sequence;
}

/** The store's snapshots, oldest first. */
export async function listSnapshots(
  tx: Transaction,
  { account, region }: Scope,
  storeId: string,
): Promise<readonly Snapshot[]> {
  const rows = await tables<SnapshotTables>(tx)
    .selectFrom('analytics_snapshot')
    .selectAll()
    .where('account', '=', account)
    .where('region', '=', region)
    .where('store_id', '=', storeId)
    .orderBy('sequence')
    .execute();
  return rows.map(({ sequence, created_at, operation }) => ({
    sequence: Number(sequence),
    createdAt: Number(created_at),
    operation,
  }));
}

export async function removeSnapshots(
  tx: Transaction,
  { account, region }: Scope,
  storeId: string,
): Promise<void> {
  await tables<SnapshotTables>(tx)
    .deleteFrom('analytics_snapshot')
    .where('account', '=', account)
    .where('region', '=', region)
    .where('store_id', '=', storeId)
    .execute();
}

export async function removeSnapshotsBefore(
  tx: Transaction,
  { account, region }: Scope,
  storeId: string,
  sequence: number,
): Promise<void> {
  await tables<SnapshotTables>(tx)
    .deleteFrom('analytics_snapshot')
    .where('account', '=', account)
    .where('region', '=', region)
    .where('store_id', '=', storeId)
    .where('sequence', '<', sequence)
    .execute();
}
