import type { InlineSetting } from '@aws-sdk/client-omics';
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type { Scope } from '@helicase/kernel';
import { columnTypes, type Migration, tables, type Transaction } from '@helicase/records';

/** What became of one run setting. Each column is written once, by the job that asked: start, cancel, delete. */
export interface BatchItem {
  /** From 0, as the settings came. */
  readonly position: number;
  readonly setting: InlineSetting;
  readonly run?: { readonly id: string; readonly uuid: string };
  readonly start?: 'SUCCESS' | 'FAILED';
  readonly cancel?: 'CANCEL_SUCCESS' | 'CANCEL_FAILED';
  readonly delete?: 'DELETE_SUCCESS' | 'DELETE_FAILED';
  /** Of the last that failed. */
  readonly failure?: { readonly reason: string; readonly message: string };
}

interface ItemRow {
  account: string;
  region: string;
  batch_id: string;
  position: number;
  setting_id: string;
  setting: string;
  run_id: string | null;
  run_uuid: string | null;
  start_status: string | null;
  cancel_status: string | null;
  delete_status: string | null;
  failure: string | null;
}

interface ItemTables {
  run_batch_item: ItemRow;
}

export const batchItemMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-run-batch-item',
    async up(db, dialect) {
      const { text } = columnTypes(dialect);
      const statements = [
        `create table run_batch_item (account ${text} not null, region ${text} not null, batch_id ${text} not null,
          position bigint not null, setting_id ${text} not null, setting ${text} not null, run_id ${text},
          run_uuid ${text}, start_status ${text}, cancel_status ${text}, delete_status ${text}, failure ${text},
          primary key (account, region, batch_id, position))`,
        `create index run_batch_item_by_setting on run_batch_item (account, region, batch_id, setting_id)`,
        `create index run_batch_item_by_run on run_batch_item (account, region, batch_id, run_id)`,
      ];
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  },
];

/** A batch by its scope and id. */
export interface BatchKey {
  readonly scope: Scope;
  readonly id: string;
}

/** Rows of one statement: SQLite binds 32,766 values at most. */
const ROWS_AT_ONCE = 500;

export async function addItems(
  tx: Transaction,
  { id, scope }: BatchKey,
  first: number,
  settings: readonly InlineSetting[],
): Promise<void> {
  const rows = settings.map((setting, index) => ({
    ...scope,
    batch_id: id,
    position: first + index,
    setting_id: setting.runSettingId!,
    setting: JSON.stringify(setting),
  }));
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    await items(tx)
      .insertInto('run_batch_item')
      .values(rows.slice(at, at + ROWS_AT_ONCE) as ItemRow[])
      .execute();
  }
}

export async function removeItems(tx: Transaction, key: BatchKey): Promise<void> {
  await items(tx).deleteFrom('run_batch_item').where(ofBatch(key)).execute();
}

/** Which items are listed. */
export interface ItemFilter {
  /** As ListRunsInBatch shows it: of the last request. */
  readonly status?: string | undefined;
  readonly settingId?: string | undefined;
  readonly runId?: string | undefined;
  /** Those that this has not been asked for yet. */
  readonly without?: 'start' | 'cancel' | 'delete';
  readonly after?: number;
}

const COLUMN = { start: 'start_status', cancel: 'cancel_status', delete: 'delete_status' } as const;
const LAST_STATUS = sql<string>`coalesce(delete_status, cancel_status, start_status)`;

export async function listItems(
  tx: Transaction,
  key: BatchKey,
  { after, runId, settingId, status, without }: ItemFilter,
  limit: number,
): Promise<readonly BatchItem[]> {
  let query = items(tx).selectFrom('run_batch_item').selectAll().where(ofBatch(key));
  if (status !== undefined) query = query.where(LAST_STATUS, '=', status);
  if (settingId !== undefined) query = query.where('setting_id', '=', settingId);
  if (runId !== undefined) query = query.where('run_id', '=', runId);
  if (without) query = query.where(COLUMN[without], 'is', null);
  if (after !== undefined) query = query.where('position', '>', after);
  return (await query.orderBy('position').limit(limit).execute()).map(itemOf);
}

/** What is known anew of an item. */
export async function updateItem(
  tx: Transaction,
  key: BatchKey,
  position: number,
  facts: Pick<BatchItem, 'run' | 'start' | 'cancel' | 'delete' | 'failure'>,
): Promise<void> {
  await items(tx)
    .updateTable('run_batch_item')
    .set({
      ...(facts.run && { run_id: facts.run.id, run_uuid: facts.run.uuid }),
      ...(facts.start && { start_status: facts.start }),
      ...(facts.cancel && { cancel_status: facts.cancel }),
      ...(facts.delete && { delete_status: facts.delete }),
      failure: facts.failure ? JSON.stringify(facts.failure) : null,
    })
    .where(ofBatch(key))
    .where('position', '=', position)
    .execute();
}

/** How many items there are of each outcome. */
export interface ItemCounts {
  readonly start: string | null;
  readonly cancel: string | null;
  readonly delete: string | null;
  readonly count: number;
}

export async function countItems(tx: Transaction, key: BatchKey): Promise<readonly ItemCounts[]> {
  const found = await items(tx)
    .selectFrom('run_batch_item')
    .select(['start_status', 'cancel_status', 'delete_status'])
    .select((expressions) => expressions.fn.countAll<number>().as('count'))
    .where(ofBatch(key))
    .groupBy(['start_status', 'cancel_status', 'delete_status'])
    .execute();
  return found.map((row) => ({
    ...{ start: row.start_status, cancel: row.cancel_status, delete: row.delete_status },
    count: Number(row.count),
  }));
}

function items(tx: Transaction): Kysely<ItemTables> {
  return tables<ItemTables>(tx);
}

function ofBatch({ id, scope: { account, region } }: BatchKey) {
  return (where: ExpressionBuilder<ItemTables, 'run_batch_item'>) =>
    where.and({ account, region, batch_id: id });
}

function itemOf(row: ItemRow): BatchItem {
  return {
    position: Number(row.position),
    setting: JSON.parse(row.setting) as InlineSetting,
    ...(row.run_id !== null && { run: { id: row.run_id, uuid: row.run_uuid! } }),
    ...(row.start_status !== null && { start: row.start_status as 'SUCCESS' }),
    ...(row.cancel_status !== null && { cancel: row.cancel_status as 'CANCEL_SUCCESS' }),
    ...(row.delete_status !== null && { delete: row.delete_status as 'DELETE_SUCCESS' }),
    ...(row.failure !== null && { failure: JSON.parse(row.failure) as { reason: string; message: string } }),
  };
}
