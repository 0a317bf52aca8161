import type { ChildProcess } from 'node:child_process';
import type { Clock } from '@helicase/kernel';

/** Milliseconds between SIGTERM and SIGKILL unless told: a cancelled run is to be gone within five seconds. */
export const DEFAULT_GRACE = 1_000;
/** Nobody reads it: one for all instead of an error made for each. */
const OVER = new Error('the program has ended');

export interface Supervision {
  readonly ended: Promise<Ending>;
  readonly clock: Clock;
  readonly timeoutSeconds?: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly grace: number;
  /** Asks the task's own processes to end. */
  terminate(): void;
  /** Ends them. */
  kill(): void;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why we ended it; absent where it ended by itself. */
  readonly reason?: 'timed-out' | 'cancelled';
  /** Why it could not be spawned at all. */
  readonly spawnError?: Error;
}

/** Waits for a task's process, and ends it when its time is over or when asked. */
export class Supervisor {
  readonly ending: Promise<Ending>;
  readonly #options: Supervision;
  readonly #over = new AbortController();
  #reason: Ending['reason'];

  constructor(options: Supervision) {
    this.#options = options;
    this.ending = this.#wait();
    const { timeoutSeconds } = options;
    if (timeoutSeconds !== undefined) void this.#limit(timeoutSeconds * 1000);
  }

  async cancel({ atOnce = false } = {}): Promise<void> {
    await this.#end('cancelled', atOnce ? 0 : this.#options.grace);
  }

  async #wait(): Promise<Ending> {
    const ending = await this.#options.ended;
    this.#over.abort(OVER);
    return this.#reason ? { ...ending, reason: this.#reason } : ending;
  }

  async #limit(milliseconds: number): Promise<void> {
    if (await this.#sleep(milliseconds)) await this.#end('timed-out', this.#options.grace);
  }

  async #end(reason: 'timed-out' | 'cancelled', grace: number): Promise<void> {
    if (this.#reason !== undefined || this.#over.signal.aborted) {
      await this.ending;
      return;
    }
    this.#reason = reason;
    if (grace > 0) this.#options.terminate();
    if (await this.#sleep(grace)) this.#options.kill();
    await this.ending;
  }

  /** True when the time passed, false when the child ended before. */
  async #sleep(milliseconds: number): Promise<boolean> {
    const { clock } = this.#options;
    const until = clock.now() + milliseconds;
    try {
      // Timers hold 31 bits of milliseconds (25 days): longer waits go in pieces.
      for (let left = milliseconds; left > 0; left = until - clock.now()) {
        await clock.sleep(Math.min(left, 2 ** 31 - 1), this.#over.signal);
      }
      return !this.#over.signal.aborted;
    } catch (error) {
      if (this.#over.signal.aborted) return false;
      throw error;
    }
  }
}

/** How a child of Node's ended; never rejects. */
export function childEnding(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (spawnError) => {
      // 'error' also tells of a signal that could not be sent; only a child without an id was never there.
      if (child.pid === undefined) resolve({ code: null, signal: null, spawnError });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}
