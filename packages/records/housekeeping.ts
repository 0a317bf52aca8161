import type { Clock, Log } from '@helicase/kernel';

/** Runs `work` now and then until stopped; a failure is logged and the next turn tries again. */
export class Housekeeping {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #interval: number;
  readonly #work: () => Promise<void>;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(clock: Clock, log: Log, interval: number, work: () => Promise<void>) {
    this.#clock = clock;
    this.#log = log;
    this.#interval = interval;
    this.#work = work;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#work().catch((error: unknown) => this.#log.warn({ error }, 'housekeeping failed'));
      await this.#clock.sleep(this.#interval, this.#stop.signal).catch(() => {}); // aborted: the loop ends
    }
  }
}
