import { type Kysely, sql } from 'kysely';
import { type AnyDatabase, columnTypes, type Migration, tables, type Transaction } from '@helicase/records';

export interface LogGroupRow {
  account: string;
  region: string;
  name: string;
  created_at: number;
  /** Null: kept for ever. */
  retention_days: number | null;
  /** JSON: the group's tags; null where there are none. */
  tags: string | null;
}

export interface LogStreamRow {
  account: string;
  region: string;
  group_name: string;
  name: string;
  created_at: number;
  first_event_at: number;
  last_event_at: number;
  last_ingestion_at: number;
}

/** A run of events of one stream as they arrived; `id` orders the chunks of a stream. */
export interface LogChunkRow {
  id: string;
  account: string;
  region: string;
  group_name: string;
  stream_name: string;
  first_at: number;
  last_at: number;
  ingested_at: number;
  key_id: string;
  sealed: Uint8Array;
}

export interface LogTables {
  log_group: LogGroupRow;
  log_stream: LogStreamRow;
  log_chunk: LogChunkRow;
}

/** The room's own tables on a transaction. */
export function logTables(tx: Transaction): Kysely<LogTables> {
  return tables<LogTables>(tx);
}

export const migrations: readonly Migration[] = [
  { name: '2026-11-23-monitoring-logs', up: createTables },
  { name: '2026-11-25-monitoring-log-retention', up: addRetention },
  { name: '2026-11-25-monitoring-log-chunks-of-group', up: indexChunksOfGroup },
  { name: '2026-11-25-monitoring-log-group-tags', up: addTags },
];

/** A search walks a group's chunks by id, a few at a time: without it, each step would sort them all. */
async function indexChunksOfGroup(database: Kysely<AnyDatabase>): Promise<void> {
  await database.schema
    .createIndex('log_chunk_by_group')
    .on('log_chunk')
    .columns(['account', 'region', 'group_name', 'id'])
    .execute();
}

async function addRetention(database: Kysely<AnyDatabase>): Promise<void> {
  await database.schema.alterTable('log_group').addColumn('retention_days', 'integer').execute();
}

async function addTags(database: Kysely<AnyDatabase>): Promise<void> {
  await database.schema.alterTable('log_group').addColumn('tags', 'text').execute();
}

async function createTables(database: Kysely<AnyDatabase>, dialect: 'sqlite' | 'postgres'): Promise<void> {
  // Names and ids are compared byte by byte, whatever the database's collation: prefixes are ranges.
  const text = sql.raw(columnTypes(dialect).text);
  const bytes = sql.raw(columnTypes(dialect).bytes);
  await database.schema
    .createTable('log_group')
    .addColumn('account', text, (column) => column.notNull())
    .addColumn('region', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('log_group_key', ['account', 'region', 'name'])
    .execute();
  await database.schema
    .createTable('log_stream')
    .addColumn('account', text, (column) => column.notNull())
    .addColumn('region', text, (column) => column.notNull())
    .addColumn('group_name', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('first_event_at', 'bigint', (column) => column.notNull())
    .addColumn('last_event_at', 'bigint', (column) => column.notNull())
    .addColumn('last_ingestion_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('log_stream_key', ['account', 'region', 'group_name', 'name'])
    .execute();
  await database.schema
    .createIndex('log_stream_by_last_event')
    .on('log_stream')
    .columns(['account', 'region', 'group_name', 'last_event_at', 'name'])
    .execute();
  await database.schema
    .createTable('log_chunk')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('account', text, (column) => column.notNull())
    .addColumn('region', text, (column) => column.notNull())
    .addColumn('group_name', text, (column) => column.notNull())
    .addColumn('stream_name', text, (column) => column.notNull())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('ingested_at', 'bigint', (column) => column.notNull())
    .addColumn('key_id', text, (column) => column.notNull())
    .addColumn('sealed', bytes, (column) => column.notNull())
    .execute();
  await database.schema
    .createIndex('log_chunk_by_stream')
    .on('log_chunk')
    .columns(['account', 'region', 'group_name', 'stream_name', 'id'])
    .execute();
  await database.schema
    .createIndex('log_chunk_by_time')
    .on('log_chunk')
    .columns(['account', 'region', 'group_name', 'last_at', 'id'])
    .execute();
}
