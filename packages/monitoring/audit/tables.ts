import { type Kysely, sql } from 'kysely';
import { type AnyDatabase, columnTypes, type Migration, tables, type Transaction } from '@helicase/records';

/** Consecutive records of one server's chain for one account and region. */
export interface AuditChunkRow {
  server: string;
  account: string;
  region: string;
  /** Records of the chain before the first of this chunk. */
  first: number;
  /** And with its last. */
  next: number;
  from_hash: string;
  to_hash: string;
  last_at: number;
  key_id: string;
  sealed: Uint8Array;
}

/** How far a server's journal has been taken over. */
export interface AuditJournalRow {
  server: string;
  file: number;
  position: number;
}

interface AuditTables {
  audit_chunk: AuditChunkRow;
  audit_journal: AuditJournalRow;
}

export function auditTables(tx: Transaction): Kysely<AuditTables> {
  return tables<AuditTables>(tx);
}

export const auditMigrations: readonly Migration[] = [
  { name: '2026-11-25-monitoring-audit', up: createTables },
];

async function createTables(database: Kysely<AnyDatabase>, dialect: 'sqlite' | 'postgres'): Promise<void> {
  const text = sql.raw(columnTypes(dialect).text);
  const bytes = sql.raw(columnTypes(dialect).bytes);
  await database.schema
    .createTable('audit_chunk')
    .addColumn('server', text, (column) => column.notNull())
    .addColumn('account', text, (column) => column.notNull())
    .addColumn('region', text, (column) => column.notNull())
    .addColumn('first', 'bigint', (column) => column.notNull())
    .addColumn('next', 'bigint', (column) => column.notNull())
    .addColumn('from_hash', text, (column) => column.notNull())
    .addColumn('to_hash', text, (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('key_id', text, (column) => column.notNull())
    .addColumn('sealed', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_chunk_key', ['server', 'account', 'region', 'first'])
    .execute();
  await database.schema
    .createIndex('audit_chunk_by_time')
    .on('audit_chunk')
    .columns(['account', 'region', 'last_at', 'server', 'first'])
    .execute();
  await database.schema
    .createTable('audit_journal')
    .addColumn('server', text, (column) => column.primaryKey())
    .addColumn('file', 'bigint', (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .execute();
}
