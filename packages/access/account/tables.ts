import type { Kysely } from 'kysely';
import { type AnyDatabase, type Migration, tables, type Transaction } from '@helicase/records';

/**
 * Access keys are found by id alone, before anything is known of the account: a table, not a resource. No region: IAM
 * has none.
 */
export interface AccessKeyRow {
  readonly id: string;
  readonly account: string;
  /** `root`, or the id of a user. */
  readonly owner: string;
  /** Sealed under the account's key for secrets. */
  readonly sealed_secret: string;
  readonly status: 'Active' | 'Inactive';
  readonly created_at: number;
  readonly last_used_at?: number | null;
  readonly last_used_service?: string | null;
  readonly last_used_region?: string | null;
}
export interface AccountRow {
  readonly id: string;
  readonly created_at: number;
}
interface AccessTables {
  account: AccountRow;
  access_key: AccessKeyRow;
}

export const migrations: readonly Migration[] = [
  {
    name: '2026-11-23-access-accounts-and-keys',
    async up(sql: Kysely<AnyDatabase>) {
      await sql.schema
        .createTable('account')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await sql.schema
        .createTable('access_key')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('account', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('sealed_secret', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await sql.schema
        .createIndex('access_key_by_account')
        .on('access_key')
        .columns(['account', 'owner'])
        .execute();
    },
  },
  {
    name: '2026-11-25-access-key-last-used',
    async up(sql: Kysely<AnyDatabase>) {
      for (const [column, type] of [
        ['last_used_at', 'bigint'],
        ['last_used_service', 'text'],
        ['last_used_region', 'text'],
      ] as const) {
        await sql.schema.alterTable('access_key').addColumn(column, type).execute();
      }
    },
  },
];

/** The transaction's database with this room's tables. */
export const accessTables = (tx: Transaction) => tables<AccessTables>(tx);
