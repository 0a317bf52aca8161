import { type Kysely, sql } from 'kysely';
import type { Clock, Ids, Log } from '@helicase/kernel';
import type { Database } from './database.ts';
import type { CoreTables } from './schema/tables.ts';
import { isAmong } from './sql-helpers.ts';

/** Milliseconds of the database's clock: servers' clocks differ. */
const databaseNow = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

export interface InstanceTiming {
  /** An instance that was silent for this long is dead; its jobs and unfinished blobs are up for others. */
  readonly lease: number;
  readonly heartbeat: number;
}

/**
 * Which server processes live. A job's lease and an unfinished blob belong to an instance and last as long as it
 * does. SQLite belongs to one process: whoever opens it is the only one, and all before are dead. On PostgreSQL
 * each shows its heart beating, and each buries those that stopped.
 */
export class Instances {
  readonly #database: Database;
  readonly #core: Kysely<CoreTables>;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #timing: InstanceTiming;
  readonly #lost: (() => void)[] = [];
  readonly #stop = new AbortController();
  #current = '';
  #gaveUp = false;
  #beating: Promise<void> | undefined;

  constructor(database: Database, clock: Clock, ids: Ids, log: Log, timing: InstanceTiming) {
    this.#database = database;
    this.#core = database.direct as unknown as Kysely<CoreTables>;
    this.#clock = clock;
    this.#ids = ids;
    this.#log = log;
    this.#timing = timing;
  }

  /** This process, while others believe that it lives. Another one after it was given up for dead. */
  get current(): string {
    if (this.#current === '') throw new Error('The records are not open');
    return this.#current;
  }

  isCurrent(id: string): boolean {
    return this.#current === id;
  }

  /** Told when this process was given up for dead: what it leased belongs to others. */
  onLost(action: () => void): void {
    this.#lost.push(action);
  }

  async start(): Promise<void> {
    if (this.#database.dialect === 'sqlite') return this.#startAlone();
    await this.#register();
    await this.bury();
    this.#beating = this.#beat();
  }

  /** Gives back whatever this instance still holds. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#beating;
    if (this.#current === '') return;
    const last = this.#current;
    this.#current = '';
    await this.#remove([last]);
  }

  /** Removes instances that stopped beating and puts their jobs back into the queue. */
  async bury(): Promise<void> {
    if (this.#database.dialect === 'sqlite') return;
    const dead = await this.#core
      .selectFrom('instance')
      .select('id')
      .where(sql<boolean>`heartbeat < ${databaseNow} - ${this.#timing.lease}`)
      .execute();
    if (dead.length === 0) return;
    this.#log.warn(
      { instances: dead.map(({ id }) => id) },
      'instances stopped beating; taking over their jobs',
    );
    await this.#remove(dead.map(({ id }) => id));
  }

  async #startAlone(): Promise<void> {
    const id = this.#ids.uuid();
    await this.#database.transaction(async (db) => {
      const core = db as unknown as Kysely<CoreTables>;
      await core.deleteFrom('instance').execute();
      await core
        .updateTable('job')
        .set({ status: 'queued', instance: null })
        .where('status', '=', 'running')
        .execute();
      await core.insertInto('instance').values({ id, heartbeat: this.#clock.now() }).execute();
    });
    this.#current = id;
  }

  async #register(): Promise<void> {
    const id = this.#ids.uuid();
    await this.#core.insertInto('instance').values({ id, heartbeat: databaseNow }).execute();
    this.#current = id;
  }

  async #remove(ids: readonly string[]): Promise<void> {
    const { dialect } = this.#database;
    await this.#database.transaction(async (db) => {
      const core = db as unknown as Kysely<CoreTables>;
      await core
        .deleteFrom('instance')
        .where(isAmong(dialect, 'id', ids))
        .execute();
      await core
        .updateTable('job')
        .set({ status: 'queued', instance: null })
        .where('status', '=', 'running')
        .where(isAmong(dialect, 'instance', ids))
        .execute();
    });
  }

  async #beat(): Promise<void> {
    let beaten = this.#clock.now();
    while (await this.#pause()) {
      try {
        const alive = !this.#gaveUp && (await this.#touch());
        if (!alive) await this.#beginAnew();
        beaten = this.#clock.now();
        await this.bury();
      } catch (error) {
        this.#log.error({ error }, 'the heartbeat failed');
        if (!this.#gaveUp && this.#clock.now() - beaten > this.#timing.lease) this.#giveUp();
      }
    }
  }

  async #touch(): Promise<boolean> {
    const { numUpdatedRows } = await this.#core
      .updateTable('instance')
      .set({ heartbeat: databaseNow })
      .where('id', '=', this.#current)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** A new life under a new id: nothing of the former one may be committed any more. */
  async #beginAnew(): Promise<void> {
    this.#log.error({ instance: this.#current }, 'this instance was silent for too long and begins anew');
    this.#giveUp();
    await this.#remove([this.#current]);
    await this.#register();
    this.#gaveUp = false;
  }

  #giveUp(): void {
    this.#gaveUp = true;
    for (const action of this.#lost) action();
  }

  /** False once stopped. */
  async #pause(): Promise<boolean> {
    try {
      await this.#clock.sleep(this.#timing.heartbeat, this.#stop.signal);
      return true;
    } catch {
      return false; // aborted: the records are closing
    }
  }
}
