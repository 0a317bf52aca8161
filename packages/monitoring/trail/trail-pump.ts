import { deliveryJob } from './delivery.ts';
import type { TrailRoom } from './trail-room.ts';

/** Milliseconds between deliveries: "CloudTrail publishes log files about every five minutes". */
const INTERVAL = 5 * 60_000;

/** Has every trail delivered now and then: here, or on another server. */
export class TrailPump {
  readonly #room: TrailRoom;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(room: TrailRoom) {
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
      await clock.sleep(INTERVAL, this.#stopping.signal).catch(() => {});
      if (this.#stopping.signal.aborted) return;
      await this.#enqueue().catch((error: unknown) => log.warn({ error }, 'trails wait for their delivery'));
    }
  }

  async #enqueue(): Promise<void> {
    const { records, trails } = this.#room;
    for await (const { id, scope, status } of trails.scan(records.direct)) {
      if (status === 'STOPPED') continue;
      await records.transaction((tx) => records.jobs.enqueue(tx, deliveryJob(scope, id)));
    }
  }
}
