import { type Kysely, sql } from 'kysely';
import { type AnyDatabase, columnTypes, type Migration, tables, type Transaction } from '@helicase/records';

export interface BucketRow {
  account: string;
  region: string;
  code: string;
  tokens: number;
  at: number;
}

/** What an operator approved for an account in a region. */
interface ValueRow {
  account: string;
  region: string;
  code: string;
  value: number;
}

export function valueTables(tx: Transaction): Kysely<{ quota_value: ValueRow }> {
  return tables<{ quota_value: ValueRow }>(tx);
}

export function bucketTables(tx: Transaction): Kysely<{ quota_bucket: BucketRow }> {
  return tables<{ quota_bucket: BucketRow }>(tx);
}

export const quotaMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-monitoring-quotas',
    async up(database: Kysely<AnyDatabase>, dialect) {
      const text = sql.raw(columnTypes(dialect).text);
      await database.schema
        .createTable('quota_bucket')
        .addColumn('account', text, (column) => column.notNull())
        .addColumn('region', text, (column) => column.notNull())
        .addColumn('code', text, (column) => column.notNull())
        .addColumn('tokens', 'double precision', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('quota_bucket_key', ['account', 'region', 'code'])
        .execute();
    },
  },
  {
    name: '2026-11-26-monitoring-approved-quotas',
    async up(database: Kysely<AnyDatabase>, dialect) {
      const text = sql.raw(columnTypes(dialect).text);
      await database.schema
        .createTable('quota_value')
        .addColumn('account', text, (column) => column.notNull())
        .addColumn('region', text, (column) => column.notNull())
        .addColumn('code', text, (column) => column.notNull())
        .addColumn('value', 'double precision', (column) => column.notNull())
        .addPrimaryKeyConstraint('quota_value_key', ['account', 'region', 'code'])
        .execute();
    },
  },
];
