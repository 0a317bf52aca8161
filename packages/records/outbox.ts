import { type Kysely, sql } from 'kysely';
import type { Scope } from '@helicase/kernel';
import type { Database } from './database.ts';
import type { Notice } from './notice.ts';
import type { OutboxEvent, Transaction } from './records.ts';
import { tables } from './database.ts';
import type { CoreTables, OutboxRow } from './schema/tables.ts';

// Only one sequencer at a time, over all servers.
const SEQUENCER_LOCK = 4601;
const SEQUENCED_AT_ONCE = 1000;
const FORGOTTEN_AT_ONCE = 500;

export type NewEvent = Omit<OutboxEvent, 'position'>;

/** Part of the transaction that changes the resource: both happen or neither does. */
export async function appendEvents(tx: Transaction, events: readonly NewEvent[]): Promise<void> {
  if (events.length > 0)
    await tables<CoreTables>(tx).insertInto('outbox').values(events.map(rowOf)).execute();
}

function rowOf(event: NewEvent) {
  return {
    account: event.scope.account,
    region: event.scope.region,
    kind: event.kind,
    id: event.id,
    type: event.type,
    from_status: event.from ?? null,
    to_status: event.to ?? null,
    why: event.why ?? null,
    message: event.message ?? null,
    at: event.at,
    revision: event.revision,
    notice: event.notice ? JSON.stringify(event.notice) : null,
  };
}

/**
 * Events after a position. On SQLite there is one writer, so the order of insertion is the order of commits. On
 * PostgreSQL a later number may commit first; therefore positions are given after the commit, by one sequencer at
 * a time: a reader that has seen a position has seen all before it, and a long transaction holds nobody up.
 */
export async function readEvents(
  database: Database,
  after: number,
  limit: number,
): Promise<readonly OutboxEvent[]> {
  if (database.dialect === 'postgres') await sequence(database);
  const direct = database.direct as unknown as Kysely<CoreTables>;
  const position = database.dialect === 'postgres' ? 'position' : 'entry';
  const rows = await direct
    .selectFrom('outbox')
    .selectAll()
    .where(position, '>', after)
    .orderBy(position)
    .limit(limit)
    .execute();
  return rows.map(eventOf);
}

/** The newest event's position, 0 where there is none. */
export async function lastPosition(database: Database): Promise<number> {
  if (database.dialect === 'postgres') await sequence(database);
  const direct = database.direct as unknown as Kysely<CoreTables>;
  const position = database.dialect === 'postgres' ? 'position' : 'entry';
  const row = await direct
    .selectFrom('outbox')
    .select(position)
    .where(position, 'is not', null)
    .orderBy(position, 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.[position] ?? 0;
}

/** In batches, so that nobody waits for long. */
export async function forgetEvents(database: Database, upTo: number, before: number): Promise<void> {
  const direct = database.direct as unknown as Kysely<CoreTables>;
  const position = database.dialect === 'postgres' ? 'position' : 'entry';
  const end = Math.min(upTo, (await lastPosition(database)) - 1);
  for (;;) {
    const rows = await direct
      .selectFrom('outbox')
      .select('entry')
      .where(position, '<=', end)
      .where('at', '<', before)
      .orderBy(position)
      .limit(FORGOTTEN_AT_ONCE)
      .execute();
    const entries = rows.map(({ entry }) => entry);
    if (entries.length > 0) await direct.deleteFrom('outbox').where('entry', 'in', entries).execute();
    if (entries.length < FORGOTTEN_AT_ONCE) return;
  }
}

async function sequence(database: Database): Promise<void> {
  const direct = database.direct as unknown as Kysely<CoreTables>;
  const waiting = await direct
    .selectFrom('outbox')
    .select('entry')
    .where('position', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (!waiting) return;
  await database.transaction(async (db) => {
    await sql`select pg_advisory_xact_lock(${SEQUENCER_LOCK})`.execute(db);
    await sql`
      update outbox set position = numbered.position
      from (
        select entry, nextval('outbox_position') as position
        from (select entry from outbox where position is null order by entry limit ${SEQUENCED_AT_ONCE}) waiting
      ) numbered
      where outbox.entry = numbered.entry`.execute(db);
  });
}

function eventOf(row: Omit<OutboxRow, 'entry'> & { entry: number }): OutboxEvent {
  return {
    position: row.position ?? row.entry,
    scope: { account: row.account, region: row.region } satisfies Scope,
    kind: row.kind,
    id: row.id,
    type: row.type as OutboxEvent['type'],
    from: row.from_status ?? undefined,
    to: row.to_status ?? undefined,
    why: row.why ?? undefined,
    message: row.message ?? undefined,
    at: row.at,
    revision: row.revision,
    notice: row.notice === null ? undefined : (JSON.parse(row.notice) as Notice),
  };
}
