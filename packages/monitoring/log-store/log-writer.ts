import { sql } from 'kysely';
import type { KeyRing } from '@helicase/blobs';
import { type Actor, type Clock, type Ids, type Log, type Scope, ServiceError } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { errors } from '../errors.ts';
import { queueChunk } from '../log-filter/filter-queue.ts';
import { sealChunk } from './chunk.ts';
import { eventBytes, type LogEvent } from './log-event.ts';
import { logTables } from './tables.ts';

/** Where other rooms write their lines. */
export interface LogWriter {
  /**
   * Takes lines for a stream; group and stream are made on first use. Resolves at once while little is waiting, and
   * only after a commit when much is, so that whoever awaits it cannot flood the server. Readers see the lines
   * within about 250 ms.
   */
  append(actor: Actor, group: string, stream: string, events: readonly LogEvent[]): Promise<void>;
  /** Everything taken before is committed when it resolves. */
  flush(): Promise<void>;
}

/** Where clients write theirs. */
export interface LogReceiver {
  /** Lines of a stream that is there: committed when it resolves, and not at all when it rejects. */
  put(scope: Scope, group: string, stream: string, events: readonly LogEvent[]): Promise<void>;
}

export interface LogWriterOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Milliseconds that lines wait for company: one commit serves every stream that wrote in the meantime. */
const PATIENCE = 200;
/** Bytes of one stream that make a chunk of their own. */
const CHUNK_BYTES = 64 * 1024;
/** Bytes waiting in all streams from which on `append` waits for the commit. */
const WAITING_LIMIT = 4 * 1024 * 1024;
/** CloudWatch's largest event; longer lines are cut into several. */
const EVENT_CHARACTERS = 256 * 1024;
const ATTEMPTS = 8;

interface Waiting {
  readonly scope: Scope;
  readonly group: string;
  readonly stream: string;
  readonly events: LogEvent[];
  bytes: number;
}

interface Chunk extends Waiting {
  readonly id: string;
  readonly keyId: string;
  readonly sealed: Uint8Array;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Gathers lines of all streams and commits them together. */
export class GroupingLogWriter implements LogWriter, LogReceiver {
  readonly #options: LogWriterOptions;
  #waiting = new Map<string, Waiting>();
  #waitingBytes = 0;
  #scheduled = false;
  #wake: AbortController | undefined;
  #commits: Promise<void> = Promise.resolve();
  /** By stream: how many lines could not be stored since the last that could. */
  readonly #lost = new Map<string, number>();

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  async append(actor: Actor, group: string, stream: string, events: readonly LogEvent[]): Promise<void> {
    if (events.length === 0) return;
    const waiting = this.#entry(actor.scope, group, stream);
    for (const event of events.flatMap(cut)) {
      waiting.events.push(event);
      const bytes = eventBytes(event);
      waiting.bytes += bytes;
      this.#waitingBytes += bytes;
    }
    if (this.#waitingBytes >= WAITING_LIMIT) return this.flush();
    if (waiting.bytes >= CHUNK_BYTES) this.#wake?.abort();
    this.#schedule();
  }

  flush(): Promise<void> {
    const batch = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#waitingBytes = 0;
    if (batch.length > 0) this.#commits = this.#commits.then(() => this.#commit(batch));
    return this.#commits;
  }

  async put(scope: Scope, group: string, stream: string, events: readonly LogEvent[]): Promise<void> {
    const chunk = await this.#chunk({ scope, group, stream, events: [...events], bytes: 0 });
    const now = this.#options.clock.now();
    const { log, records } = this.#options;
    try {
      await records.transaction(async (tx) => {
        await requireStream(tx, chunk);
        await insertChunk(tx, chunk, now);
      });
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      log.warn({ error, group, stream }, 'log lines could not be stored');
      throw errors.linesNotStored({ reason: (error as Error).message });
    }
  }

  #entry(scope: Scope, group: string, stream: string): Waiting {
    const key = keyOf(scope, group, stream);
    let entry = this.#waiting.get(key);
    if (!entry) {
      entry = { scope, group, stream, events: [], bytes: 0 };
      this.#waiting.set(key, entry);
    }
    return entry;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#wake = new AbortController();
    const soon = () => {
      this.#scheduled = false;
      void this.flush();
    };
    this.#options.clock.sleep(PATIENCE, this.#wake.signal).then(soon, soon);
  }

  /**
   * Lines are not worth failing a run for: after the last attempt they are dropped, aloud, and the stream says so before
   * its next line. Until then whoever writes much waits: a full disk does not become a full memory.
   */
  async #commit(batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#store(batch);
      } catch (error) {
        const streams = batch.map(({ stream }) => stream);
        this.#options.log.warn({ error, attempt, streams }, 'log lines could not be stored');
        if (attempt === ATTEMPTS) return this.#countLost(batch);
        await this.#options.clock.sleep(50 * 2 ** attempt);
      }
    }
  }

  #countLost(batch: readonly Waiting[]): void {
    for (const { events, group, scope, stream } of batch) {
      const key = keyOf(scope, group, stream);
      this.#lost.set(key, (this.#lost.get(key) ?? 0) + events.length);
    }
  }

  async #store(batch: readonly Waiting[]): Promise<void> {
    const { records, clock } = this.#options;
    const chunks: Chunk[] = [];
    for (const waiting of batch) chunks.push(await this.#chunk(waiting));
    const now = clock.now();
    await records.transaction(async (tx) => {
      for (const chunk of chunks) await insertChunk(tx, chunk, now);
    });
    for (const { group, scope, stream } of batch) this.#lost.delete(keyOf(scope, group, stream));
  }

  async #chunk(waiting: Waiting): Promise<Chunk> {
    const events = waiting.events.toSorted((a, b) => a.timestamp - b.timestamp);
    const lost = this.#lost.get(keyOf(waiting.scope, waiting.group, waiting.stream));
    if (lost !== undefined)
      events.unshift({
        timestamp: events[0]!.timestamp,
        message: `[helicase] ${lost} lines before this one could not be stored, and are lost.`,
      });
    const { keyId, sealed } = await sealChunk(this.#options.keyring, waiting.scope, events);
    return {
      ...waiting,
      id: this.#options.ids.numeric(),
      keyId,
      sealed,
      firstAt: events[0]!.timestamp,
      lastAt: events.at(-1)!.timestamp,
    };
  }
}

function keyOf({ account, region }: Scope, group: string, stream: string): string {
  return JSON.stringify([account, region, group, stream]);
}

/** Whoever deletes a stream while lines come to it must not find it again. */
async function requireStream(tx: Transaction, { group, scope, stream }: Chunk): Promise<void> {
  const there = await logTables(tx)
    .updateTable('log_stream')
    .set({ group_name: group })
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('group_name', '=', group)
    .where('name', '=', stream)
    .executeTakeFirst();
  if (Number(there.numUpdatedRows) === 0) throw errors.streamNotFound({});
}

async function insertChunk(tx: Transaction, chunk: Chunk, now: number): Promise<void> {
  const { account, region } = chunk.scope;
  const database = logTables(tx);
  await database
    .insertInto('log_group')
    .values({ account, region, name: chunk.group, created_at: now, retention_days: null, tags: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await database
    .insertInto('log_stream')
    .values({
      account,
      region,
      group_name: chunk.group,
      name: chunk.stream,
      created_at: now,
      first_event_at: chunk.firstAt,
      last_event_at: chunk.lastAt,
      last_ingestion_at: now,
    })
    .onConflict((conflict) =>
      conflict.columns(['account', 'region', 'group_name', 'name']).doUpdateSet({
        // A stream that was made without lines has its first one now.
        first_event_at: sql<number>`case when log_stream.first_event_at = 0 then ${chunk.firstAt} else log_stream.first_event_at end`,
        last_event_at: chunk.lastAt,
        last_ingestion_at: now,
      }),
    )
    .execute();
  await database
    .insertInto('log_chunk')
    .values({
      id: chunk.id,
      account,
      region,
      group_name: chunk.group,
      stream_name: chunk.stream,
      first_at: chunk.firstAt,
      last_at: chunk.lastAt,
      ingested_at: now,
      key_id: chunk.keyId,
      sealed: chunk.sealed,
    })
    .execute();
  await queueChunk(tx, chunk.scope, chunk.group, chunk.id);
}

function cut(event: LogEvent): LogEvent[] {
  if (event.message.length <= EVENT_CHARACTERS) return [event];
  const pieces = Math.ceil(event.message.length / EVENT_CHARACTERS);
  return Array.from({ length: pieces }, (_, piece) => ({
    timestamp: event.timestamp,
    message: event.message.slice(piece * EVENT_CHARACTERS, (piece + 1) * EVENT_CHARACTERS),
  }));
}
