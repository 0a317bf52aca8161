import type { Actor, Clock, Log } from '@helicase/kernel';
import { LeaseLost } from '../errors.ts';
import type { JobRun } from '../jobs.ts';
import type { Transaction } from '../records.ts';
import type { Claimed, JobRows } from './job-rows.ts';

const PROGRESS_INTERVAL = 1000;

export type StopReason = 'cancelled' | 'lease-lost' | 'stopping';

export interface AttemptPorts {
  readonly rows: JobRows;
  readonly clock: Clock;
  readonly log: Log;
  /** Other processes may work on the same jobs. */
  readonly shared: boolean;
  readonly direct: Transaction;
  readonly transaction: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;
}

/** One attempt at a job: what its worker sees of it, fenced. */
export class Attempt implements JobRun<unknown, unknown, Transaction> {
  readonly job: Claimed;
  readonly #ports: AttemptPorts;
  readonly #controller = new AbortController();
  #cancelled: boolean;
  #state: unknown;
  #progress: string | undefined;
  #progressAt = 0;
  #writing: Promise<void> | undefined;

  constructor(job: Claimed, ports: AttemptPorts) {
    this.job = job;
    this.#ports = ports;
    this.#state = job.state;
    this.#cancelled = job.cancelRequested;
    if (job.cancelRequested) this.abort('cancelled');
  }

  get id(): string {
    return this.job.id;
  }
  get actor(): Actor {
    return this.job.actor;
  }
  get subject(): string {
    return this.job.subject;
  }
  get input(): unknown {
    return this.job.input;
  }
  get state(): unknown {
    return this.#state;
  }
  get attempt(): number {
    return this.job.failures + 1;
  }
  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  readonly cancelled = (): boolean => this.#cancelled;

  /** Why it was told to stop: the first reason, but a lost lease goes before all. */
  get stopReason(): StopReason | undefined {
    return this.#lost ? 'lease-lost' : (this.#controller.signal.reason as StopReason | undefined);
  }
  #lost = false;

  abort(reason: StopReason): void {
    if (reason === 'cancelled') this.#cancelled = true;
    if (reason === 'lease-lost') this.#lost = true;
    this.#controller.abort(reason);
  }

  commit<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#fenced(work, (tx) => this.#ports.rows.isHeld(tx, this.job, true));
  }

  async checkpoint(state: unknown, work?: (tx: Transaction) => Promise<void>): Promise<void> {
    const json = JSON.stringify(state ?? null);
    await this.#fenced(
      async (tx) => work?.(tx),
      (tx) => this.#ports.rows.change(tx, this.job, { state: json }),
    );
    this.#state = state;
  }

  /** A last transaction that also ends the job. */
  end(work: (tx: Transaction) => Promise<void>, set: Parameters<JobRows['change']>[2]): Promise<void> {
    return this.#fenced(work, (tx) => this.#ports.rows.change(tx, this.job, set));
  }

  progress(facts: { readonly done: number; readonly total?: number; readonly unit: string }): void {
    this.#progress = JSON.stringify(facts);
    if (this.#writing || this.#ports.clock.now() - this.#progressAt < PROGRESS_INTERVAL) return;
    this.#writing = this.#writeProgress();
  }

  /** Writes what `progress` was told last. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#progress !== undefined && !this.#lost) await this.#writeProgress();
  }

  /**
   * The work, then the fence: whoever holds the job's row until the commit cannot be overtaken, and the row is
   * locked last and briefly, so that attempts and cancellations lock resources and jobs in the same order.
   */
  async #fenced<T>(
    work: (tx: Transaction) => Promise<T>,
    fence: (tx: Transaction) => Promise<boolean>,
  ): Promise<T> {
    return this.#ports.transaction(async (tx) => {
      if (!(await this.#ports.rows.isHeld(tx, this.job, false))) throw this.#leaseLost();
      const result = await work(tx);
      if (!(await fence(tx))) throw this.#leaseLost();
      return result;
    });
  }

  #leaseLost(): LeaseLost {
    this.abort('lease-lost');
    return new LeaseLost(this.job.kind, this.job.id);
  }

  async #writeProgress(): Promise<void> {
    const progress = this.#progress ?? null;
    this.#progress = undefined;
    this.#progressAt = this.#ports.clock.now();
    try {
      await this.#ports.rows.change(this.#ports.direct, this.job, { progress });
    } catch (error) {
      this.#ports.log.warn({ error, job: this.job.id }, 'progress could not be written');
    } finally {
      this.#writing = undefined;
    }
  }
}
