import { type Kysely, sql } from 'kysely';
import {
  type AnyDatabase,
  columnTypes,
  type Migration,
  type OutboxEvent,
  tables,
  type Transaction,
} from '@helicase/records';
import type { FigureRoom } from './figures.ts';
import { type Measurement, merged } from './metric.ts';

/** How far changes of status were counted, on whatever server. */
interface CursorTables {
  metric_cursor: { name: string; position: number };
}

export const figureMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-monitoring-metric-cursor',
    async up(database: Kysely<AnyDatabase>, dialect) {
      await database.schema
        .createTable('metric_cursor')
        .addColumn('name', sql.raw(columnTypes(dialect).text), (column) => column.primaryKey())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
];

/** Kinds whose changes are counted, as metrics name them. */
const COUNTED: Readonly<Record<string, string>> = {
  ...{ run: 'Run', task: 'Task', 'read-set-import-job': 'ReadSetImportJob' },
  ...{ 'reference-import-job': 'ReferenceImportJob', 'read-set-export-job': 'ReadSetExportJob' },
  ...{ 'read-set-activation-job': 'ReadSetActivationJob', 'variant-import-job': 'VariantImportJob' },
  ...{ 'annotation-import-job': 'AnnotationImportJob', 'query-execution': 'QueryExecution' },
};
const NAME = 'status-changes';
const AT_ONCE = 500;
const MINUTE = 60_000;

/** Counts runs, tasks and jobs by the status that they came to: each change once, however many servers count. */
export async function countStatusChanges({ metrics, records }: FigureRoom): Promise<void> {
  for (;;) {
    const from = await positionOf(records.direct);
    const events = await records.events(from, AT_ONCE);
    const last = events.at(-1);
    if (!last) return;
    await records.transaction(async (tx) => {
      // Another server was first: it counted them.
      if (await move(tx, from, last.position)) await metrics.addWithin(tx, countsOf(events));
    });
    if (events.length < AT_ONCE) return;
  }
}

function countsOf(events: readonly OutboxEvent[]): readonly Measurement[] {
  const counts = new Map<string, Measurement>();
  for (const { at, kind, scope, to, type } of events) {
    const name = COUNTED[kind];
    if (name === undefined || to === undefined || (type !== 'created' && type !== 'transition')) continue;
    const minute = Math.floor(at / MINUTE) * MINUTE;
    const one: Measurement = {
      ...{ scope, namespace: 'Helicase', name: 'StatusChanges', dimensions: { Kind: name, Status: to } },
      ...{ unit: 'Count', at: minute, resolution: 60, count: 1, sum: 1, min: 1, max: 1 },
    };
    const key = `${scope.account} ${scope.region} ${name} ${to} ${minute}`;
    const before = counts.get(key);
    counts.set(key, before ? { ...before, ...merged(before, one) } : one);
  }
  return [...counts.values()];
}

/** Outbox position up to which all was counted: none of it may be forgotten before. */
export async function positionOf(tx: Transaction): Promise<number> {
  const row = await tables<CursorTables>(tx)
    .selectFrom('metric_cursor')
    .select('position')
    .where('name', '=', NAME)
    .executeTakeFirst();
  return Number(row?.position ?? 0);
}

async function move(tx: Transaction, from: number, to: number): Promise<boolean> {
  const cursors = tables<CursorTables>(tx);
  if (from === 0)
    await cursors
      .insertInto('metric_cursor')
      .values({ name: NAME, position: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  const moved = await cursors
    .updateTable('metric_cursor')
    .set({ position: to })
    .where('name', '=', NAME)
    .where('position', '=', from)
    .executeTakeFirst();
  return Number(moved.numUpdatedRows) > 0;
}
