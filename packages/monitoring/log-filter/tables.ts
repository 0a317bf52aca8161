import { type Kysely, sql } from 'kysely';
import { type AnyDatabase, columnTypes, type Migration, tables, type Transaction } from '@helicase/records';

export type FilterKind = 'metric' | 'subscription';

/** What watches the lines that come to a group. */
export interface LogFilterRow {
  account: string;
  region: string;
  group_name: string;
  kind: FilterKind;
  name: string;
  created_at: number;
  /** JSON. */
  doc: string;
}

/** A chunk that a filter has not looked at yet: written with the chunk, so that none is missed or seen twice. */
export interface LogFilterQueueRow {
  account: string;
  region: string;
  group_name: string;
  kind: FilterKind;
  name: string;
  chunk: string;
}

interface FilterTables {
  log_filter: LogFilterRow;
  log_filter_queue: LogFilterQueueRow;
}

export function filterTables(tx: Transaction): Kysely<FilterTables> {
  return tables<FilterTables>(tx);
}

export const filterMigrations: readonly Migration[] = [
  { name: '2026-11-25-monitoring-log-filters', up: createTables },
];

async function createTables(database: Kysely<AnyDatabase>, dialect: 'sqlite' | 'postgres'): Promise<void> {
  const text = sql.raw(columnTypes(dialect).text);
  const keyed = (name: string) =>
    database.schema
      .createTable(name)
      .addColumn('account', text, (column) => column.notNull())
      .addColumn('region', text, (column) => column.notNull())
      .addColumn('group_name', text, (column) => column.notNull())
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull());
  await keyed('log_filter')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('doc', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('log_filter_key', ['account', 'region', 'group_name', 'kind', 'name'])
    .execute();
  await keyed('log_filter_queue')
    .addColumn('chunk', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('log_filter_queue_key', [
      'account',
      'region',
      'group_name',
      'kind',
      'name',
      'chunk',
    ])
    .execute();
}
