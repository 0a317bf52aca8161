import type { Clock, Log, Scope, Tags } from '@helicase/kernel';
import { Housekeeping, type Records, type Transaction } from '@helicase/records';
import { deleteFiltersOf } from '../log-filter/filter-store.ts';
import { logTables } from './tables.ts';

/** Chunks deleted in one transaction: others shall not wait for a large group. */
const AT_ONCE = 500;
const DAY = 24 * 60 * 60 * 1000;
/** Milliseconds between sweeps. */
const INTERVAL = 60 * 60 * 1000;

/** Makes and removes groups and streams, and what got older than its group keeps. */
export class LogKeeper {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** False where there was one of that name. */
  async createGroup({ account, region }: Scope, name: string, now: number, tags: Tags): Promise<boolean> {
    const made = await logTables(this.#records.direct)
      .insertInto('log_group')
      .values({
        ...{ account, region, name, created_at: now, retention_days: null },
        tags: JSON.stringify(tags),
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return Number(made.numInsertedOrUpdatedRows) > 0;
  }

  /** False where there was one of that name. The group must be there. */
  async createStream({ account, region }: Scope, group: string, name: string, now: number): Promise<boolean> {
    const made = await logTables(this.#records.direct)
      .insertInto('log_stream')
      .values({
        ...{ account, region, group_name: group, name, created_at: now },
        ...{ first_event_at: 0, last_event_at: 0, last_ingestion_at: 0 },
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return Number(made.numInsertedOrUpdatedRows) > 0;
  }

  /** `days`: null for ever. */
  async setRetention({ account, region }: Scope, name: string, days: number | null): Promise<void> {
    await logTables(this.#records.direct)
      .updateTable('log_group')
      .set({ retention_days: days })
      .where('account', '=', account)
      .where('region', '=', region)
      .where('name', '=', name)
      .execute();
  }

  async deleteGroup(scope: Scope, name: string): Promise<void> {
    await this.#deleteChunks(scope, name, {});
    await this.#records.transaction(async (tx) => {
      await deleteRows(tx, scope, name);
      await deleteFiltersOf(tx, scope, name);
      await logTables(tx)
        .deleteFrom('log_group')
        .where('account', '=', scope.account)
        .where('region', '=', scope.region)
        .where('name', '=', name)
        .execute();
    });
  }

  async deleteStream(scope: Scope, group: string, stream: string): Promise<void> {
    await this.#deleteChunks(scope, group, { stream });
    await this.#records.transaction(async (tx) => {
      await deleteRows(tx, scope, group, stream);
    });
  }

  /** Chunks all of whose events are older than their group keeps. */
  async sweep(now: number): Promise<void> {
    const groups = await logTables(this.#records.direct)
      .selectFrom('log_group')
      .selectAll()
      .where('retention_days', 'is not', null)
      .execute();
    for (const { account, name, region, retention_days } of groups) {
      await this.#deleteChunks({ account, region }, name, { before: now - Number(retention_days) * DAY });
    }
  }

  async #deleteChunks(
    { account, region }: Scope,
    group: string,
    which: { readonly stream?: string; readonly before?: number },
  ): Promise<void> {
    for (;;) {
      let rows = logTables(this.#records.direct)
        .selectFrom('log_chunk')
        .select('id')
        .where('account', '=', account)
        .where('region', '=', region)
        .where('group_name', '=', group)
        .limit(AT_ONCE);
      if (which.stream !== undefined) rows = rows.where('stream_name', '=', which.stream);
      if (which.before !== undefined) rows = rows.where('last_at', '<', which.before);
      const ids = (await rows.execute()).map(({ id }) => id);
      if (ids.length > 0)
        await logTables(this.#records.direct).deleteFrom('log_chunk').where('id', 'in', ids).execute();
      if (ids.length < AT_ONCE) return;
    }
  }
}

/** The rows of a group's streams, or of one of them. */
async function deleteRows(
  tx: Transaction,
  { account, region }: Scope,
  group: string,
  stream?: string,
): Promise<void> {
  let chunks = logTables(tx)
    .deleteFrom('log_chunk')
    .where('account', '=', account)
    .where('region', '=', region)
    .where('group_name', '=', group);
  let streams = logTables(tx)
    .deleteFrom('log_stream')
    .where('account', '=', account)
    .where('region', '=', region)
    .where('group_name', '=', group);
  if (stream !== undefined) {
    chunks = chunks.where('stream_name', '=', stream);
    streams = streams.where('name', '=', stream);
  }
  await chunks.execute();
  await streams.execute();
}

export function logSweep(keeper: LogKeeper, clock: Clock, log: Log): Housekeeping {
  return new Housekeeping(clock, log, INTERVAL, () => keeper.sweep(clock.now()));
}
