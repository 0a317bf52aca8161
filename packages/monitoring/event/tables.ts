import { type Kysely, sql } from 'kysely';
import { type AnyDatabase, columnTypes, type Migration, tables, type Transaction } from '@helicase/records';

/** How far a target has been told. */
export interface EventCursorRow {
  account: string;
  region: string;
  /** `<bus>/<rule>`. */
  rule: string;
  target: string;
  /** Outbox position up to which everything was delivered or given up. */
  position: number;
}

export function cursorTables(tx: Transaction): Kysely<{ event_cursor: EventCursorRow }> {
  return tables<{ event_cursor: EventCursorRow }>(tx);
}

export const eventMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-monitoring-events',
    async up(database: Kysely<AnyDatabase>, dialect) {
      const text = sql.raw(columnTypes(dialect).text);
      await database.schema
        .createTable('event_cursor')
        .addColumn('account', text, (column) => column.notNull())
        .addColumn('region', text, (column) => column.notNull())
        .addColumn('rule', text, (column) => column.notNull())
        .addColumn('target', text, (column) => column.notNull())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('event_cursor_key', ['account', 'region', 'rule', 'target'])
        .execute();
    },
  },
];
