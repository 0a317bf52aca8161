import { type Kysely, sql } from 'kysely';
import { columnTypes, type Migration, type Transaction } from '@helicase/records';

/**
 * Buckets' own tables. Times are milliseconds; `doc` is JSON. A bucket's name is unique over all accounts and regions,
 * as AWS's are: its row says whose it is, and what lies in it hangs on the name.
 */
export interface BucketTables {
  bucket: {
    name: string;
    account: string;
    region: string;
    created_at: number;
    policy: string | null;
    encryption: string | null;
  };
  bucket_object: {
    bucket: string;
    key: string;
    etag: string;
    size: number;
    modified_at: number;
    doc: string;
  };
  bucket_upload: { id: string; bucket: string; key: string; initiated_at: number; doc: string };
  bucket_part: {
    upload: string;
    number: number;
    etag: string;
    size: number;
    modified_at: number;
    doc: string;
  };
}

/** The transaction's queries on buckets' tables. */
export function tablesOf(tx: Transaction): Kysely<BucketTables> {
  return tx.sql as unknown as Kysely<BucketTables>;
}

export const migrations: readonly Migration[] = [
  {
    name: '2026-11-23-buckets',
    async up(db, dialect) {
      // S3 lists keys in the order of their UTF-8 bytes, which PostgreSQL's default collation is not.
      const key = sql.raw(columnTypes(dialect).text);
      await db.schema
        .createTable('bucket')
        .addColumn('name', key, (column) => column.primaryKey())
        .addColumn('account', 'text', (column) => column.notNull())
        .addColumn('region', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('bucket_owner').on('bucket').columns(['account', 'name']).execute();
      await db.schema
        .createTable('bucket_object')
        .addColumn('bucket', key, (column) => column.notNull())
        .addColumn('key', key, (column) => column.notNull())
        .addColumn('etag', 'text', (column) => column.notNull())
        .addColumn('size', 'bigint', (column) => column.notNull())
        .addColumn('modified_at', 'bigint', (column) => column.notNull())
        .addColumn('doc', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('bucket_object_key', ['bucket', 'key'])
        .execute();
      await db.schema
        .createTable('bucket_upload')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('bucket', key, (column) => column.notNull())
        .addColumn('key', key, (column) => column.notNull())
        .addColumn('initiated_at', 'bigint', (column) => column.notNull())
        .addColumn('doc', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('bucket_upload_key')
        .on('bucket_upload')
        .columns(['bucket', 'key', 'id'])
        .execute();
      await db.schema
        .createTable('bucket_part')
        .addColumn('upload', 'text', (column) => column.notNull())
        .addColumn('number', 'integer', (column) => column.notNull())
        .addColumn('etag', 'text', (column) => column.notNull())
        .addColumn('size', 'bigint', (column) => column.notNull())
        .addColumn('modified_at', 'bigint', (column) => column.notNull())
        .addColumn('doc', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('bucket_part_number', ['upload', 'number'])
        .execute();
    },
  },
  {
    name: '2026-11-25-bucket-policies',
    async up(db) {
      await db.schema.alterTable('bucket').addColumn('policy', 'text').execute();
    },
  },
  {
    name: '2026-11-25-bucket-encryption',
    async up(db) {
      await db.schema.alterTable('bucket').addColumn('encryption', 'text').execute();
    },
  },
];
