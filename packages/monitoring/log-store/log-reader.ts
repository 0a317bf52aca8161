import { setImmediate as turn } from 'node:timers/promises';
import type { SelectQueryBuilder } from 'kysely';
import type { KeyRing } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import { countFilters } from '../log-filter/filter-store.ts';
import { openChunk, type OpenedChunk } from './chunk.ts';
import type { StoredLogEvent } from './log-event.ts';
import {
  type LogChunkRow,
  type LogGroupRow,
  type LogStreamRow,
  type LogTables,
  logTables,
} from './tables.ts';

/** A place between two events: before event `index` of `chunk`. `''` is the beginning, undefined the end. */
export interface Place {
  readonly chunk: string;
  readonly index: number;
}

export interface EventQuery {
  readonly group: string;
  /** Absent: every stream of the group. */
  readonly streams?: readonly string[];
  readonly streamPrefix?: string;
  /** Inclusive, milliseconds. */
  readonly startTime?: number;
  /** Exclusive. */
  readonly endTime?: number;
  /** Where reading starts and in which direction it goes; a backward reading from undefined starts at the end. */
  readonly from: Place | undefined;
  readonly backward: boolean;
  /** Chunks that are passed over. */
  readonly without?: { has(chunk: string): boolean };
}

const CHUNKS_AT_ONCE = 16;

/** Reads groups, streams and events back. */
export class LogReader {
  readonly #records: Records;
  readonly #keyring: KeyRing;

  constructor(records: Records, keyring: KeyRing) {
    this.#records = records;
    this.#keyring = keyring;
  }

  async group(scope: Scope, name: string): Promise<LogGroupRow | undefined> {
    const [group] = await this.groups(scope, { from: name, limit: 1 });
    return group?.name === name ? group : undefined;
  }

  /** By name, from `from` on or after `after`. */
  async groups(
    scope: Scope,
    query: {
      readonly from?: string;
      readonly after?: string;
      readonly prefix?: string;
      readonly limit: number;
    },
  ): Promise<readonly LogGroupRow[]> {
    let rows = logTables(this.#records.direct)
      .selectFrom('log_group')
      .selectAll()
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .orderBy('name')
      .limit(query.limit);
    if (query.from !== undefined) rows = rows.where('name', '>=', query.from);
    if (query.after !== undefined) rows = rows.where('name', '>', query.after);
    if (query.prefix) rows = rows.where('name', '>=', query.prefix).where('name', '<', beyond(query.prefix));
    return (await rows.execute()).map((row) => ({ ...row, created_at: Number(row.created_at) }));
  }

  metricFilters(scope: Scope, group: string): Promise<number> {
    return countFilters(this.#records.direct, scope, group, 'metric');
  }

  async stream(scope: Scope, group: string, name: string): Promise<LogStreamRow | undefined> {
    const row = await this.#streams(scope, group).where('name', '=', name).executeTakeFirst();
    return row && numbers(row);
  }

  async streamsByName(
    scope: Scope,
    group: string,
    query: {
      readonly prefix?: string;
      readonly after?: string;
      readonly descending: boolean;
      readonly limit: number;
    },
  ): Promise<readonly LogStreamRow[]> {
    let rows = this.#streams(scope, group)
      .orderBy('name', query.descending ? 'desc' : 'asc')
      .limit(query.limit);
    if (query.prefix) rows = rows.where('name', '>=', query.prefix).where('name', '<', beyond(query.prefix));
    if (query.after !== undefined) rows = rows.where('name', query.descending ? '<' : '>', query.after);
    return (await rows.execute()).map(numbers);
  }

  async streamsByLastEvent(
    scope: Scope,
    group: string,
    query: {
      readonly after?: readonly [number, string];
      readonly descending: boolean;
      readonly limit: number;
    },
  ): Promise<readonly LogStreamRow[]> {
    const direction = query.descending ? 'desc' : 'asc';
    const beyondSign = query.descending ? '<' : '>';
    let rows = this.#streams(scope, group)
      .orderBy('last_event_at', direction)
      .orderBy('name', direction)
      .limit(query.limit);
    const { after } = query;
    if (after) {
      rows = rows.where((where) =>
        where.or([
          where('last_event_at', beyondSign, after[0]),
          where.and([where('last_event_at', '=', after[0]), where('name', beyondSign, after[1])]),
        ]),
      );
    }
    return (await rows.execute()).map(numbers);
  }

  /** Events in order of arrival (or against it), a few chunks at a time. */
  async *events(scope: Scope, query: EventQuery): AsyncGenerator<StoredLogEvent> {
    for await (const chunk of this.chunks(scope, query)) yield* eventsOf(chunk, query);
  }

  /** The chunks that hold them: whoever searches looks at their text before their lines. */
  async *chunks(scope: Scope, query: EventQuery): AsyncGenerator<OpenedChunk> {
    let after: string | undefined;
    for (;;) {
      const rows = await this.#chunks(scope, query, after);
      const wanted = rows.filter(({ id }) => !query.without?.has(id));
      yield* await Promise.all(
        wanted.map((row) => openChunk(this.#keyring, { ...row, ingested_at: Number(row.ingested_at) })),
      );
      if (rows.length < CHUNKS_AT_ONCE) return;
      after = rows.at(-1)!.id;
      // Nothing above waits for the outside where the database is a file: other requests get their turn.
      await turn();
    }
  }

  /** Those of them that are still there, in the order of their ids. */
  async chunksById(ids: readonly string[]): Promise<readonly OpenedChunk[]> {
    const rows = await logTables(this.#records.direct)
      .selectFrom('log_chunk')
      .selectAll()
      .where('id', 'in', ids)
      .orderBy('id')
      .execute();
    return Promise.all(
      rows.map((row) => openChunk(this.#keyring, { ...row, ingested_at: Number(row.ingested_at) })),
    );
  }

  /** One chunk of the account's, and the group that it is of. */
  async chunk(
    { account, region }: Scope,
    id: string,
  ): Promise<{ readonly group: string; readonly chunk: OpenedChunk } | undefined> {
    const row = await logTables(this.#records.direct)
      .selectFrom('log_chunk')
      .selectAll()
      .where('id', '=', id)
      .where('account', '=', account)
      .where('region', '=', region)
      .executeTakeFirst();
    if (!row) return undefined;
    const chunk = await openChunk(this.#keyring, { ...row, ingested_at: Number(row.ingested_at) });
    return { group: row.group_name, chunk };
  }

  /** The id of a group's last chunk; '' where it has none. */
  async lastChunk(scope: Scope, group: string): Promise<string> {
    const row = await logTables(this.#records.direct)
      .selectFrom('log_chunk')
      .select('id')
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('group_name', '=', group)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.id ?? '';
  }

  #streams(scope: Scope, group: string): SelectQueryBuilder<LogTables, 'log_stream', LogStreamRow> {
    return logTables(this.#records.direct)
      .selectFrom('log_stream')
      .selectAll()
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('group_name', '=', group);
  }

  #chunks(scope: Scope, query: EventQuery, after: string | undefined): Promise<readonly LogChunkRow[]> {
    const { backward, from, streamPrefix, streams } = query;
    let rows = logTables(this.#records.direct)
      .selectFrom('log_chunk')
      .selectAll()
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('group_name', '=', query.group)
      .orderBy('id', backward ? 'desc' : 'asc')
      .limit(CHUNKS_AT_ONCE);
    if (after !== undefined) rows = rows.where('id', backward ? '<' : '>', after);
    else if (from) rows = rows.where('id', backward ? '<=' : '>=', from.chunk);
    if (streams) rows = rows.where('stream_name', 'in', streams);
    if (streamPrefix) {
      rows = rows.where('stream_name', '>=', streamPrefix).where('stream_name', '<', beyond(streamPrefix));
    }
    if (query.startTime !== undefined) rows = rows.where('last_at', '>=', query.startTime);
    if (query.endTime !== undefined) rows = rows.where('first_at', '<', query.endTime);
    return rows.execute();
  }
}

/** Those of a chunk that the query asks for, in its order. */
export function eventsOf(chunk: OpenedChunk, query: EventQuery): readonly StoredLogEvent[] {
  const wanted = chunk.events().filter((event) => isWanted(event, query));
  return query.backward ? wanted.toReversed() : wanted;
}

function isWanted(event: StoredLogEvent, query: EventQuery): boolean {
  if (query.startTime !== undefined && event.timestamp < query.startTime) return false;
  if (query.endTime !== undefined && event.timestamp >= query.endTime) return false;
  const { from } = query;
  if (from?.chunk !== event.chunk) return true;
  return query.backward ? event.index < from.index : event.index >= from.index;
}

/** Above every text that begins with the prefix, byte by byte. */
function beyond(prefix: string): string {
  return `${prefix}\u{10FFFF}`;
}

/** PostgreSQL gives 64-bit integers as text. */
function numbers(row: LogStreamRow): LogStreamRow {
  return {
    ...row,
    created_at: Number(row.created_at),
    first_event_at: Number(row.first_event_at),
    last_event_at: Number(row.last_event_at),
    last_ingestion_at: Number(row.last_ingestion_at),
  };
}
