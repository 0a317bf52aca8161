import type { Transaction } from '@helicase/records';
import type { EventRoom } from './event-room.ts';
import { deliveryJob } from './dispatch.ts';
import { cursorTables, type EventCursorRow } from './tables.ts';

/** Milliseconds between looks at the outbox. */
const INTERVAL = 250;

type PumpRoom = Pick<EventRoom, 'records' | 'clock' | 'log'>;

/** Has every target told that is behind the outbox: here, or on another server. */
export class EventPump {
  readonly #room: PumpRoom;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #seen = -1;

  constructor(room: PumpRoom) {
    this.#room = room;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#room;
    while (!this.#stopping.signal.aborted) {
      await this.#look().catch((error: unknown) =>
        log.warn({ error }, 'events wait: the outbox cannot be read'),
      );
      await clock.sleep(INTERVAL, this.#stopping.signal).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const { records } = this.#room;
    const last = await records.lastPosition();
    if (last === this.#seen) return;
    const behind = await cursorTables(records.direct)
      .selectFrom('event_cursor')
      .selectAll()
      .where('position', '<', last)
      .execute();
    if (behind.length === 0) this.#seen = last;
    // Also where it was done before: the job may have been at its end when the event came.
    else await records.transaction((tx) => this.#enqueue(tx, behind));
  }

  async #enqueue(tx: Transaction, behind: readonly EventCursorRow[]): Promise<void> {
    for (const { account, region, rule, target } of behind)
      await this.#room.records.jobs.enqueue(tx, deliveryJob({ account, region }, { rule, target }));
  }
}
