import { setImmediate as turn } from 'node:timers/promises';
import type { Scope } from '@helicase/kernel';
import type { Instances } from '../instances.ts';
import type { JobDepth, JobFacts, JobRequest, Jobs, JobWorker, WaitingLane } from '../jobs.ts';
import type { Transaction } from '../records.ts';
import { type AttemptPorts, Attempt } from './attempt.ts';
import { type Ending, endOf } from './ending.ts';
import { Served, shareOut } from './fairness.ts';
import { Finisher } from './finisher.ts';
import type { Claimed } from './job-rows.ts';

export interface JobTiming {
  /** Looking for other processes' jobs and for jobs whose time has come. */
  readonly poll: number;
  /** Before the second attempt; doubles with each. */
  readonly backOff: number;
  readonly longestBackOff: number;
  /** How long `stop` waits for attempts that do not heed their signal. */
  readonly stopGrace: number;
}

type AnyWorker = JobWorker<unknown, unknown, Transaction>;

interface Place {
  readonly worker: AnyWorker;
  readonly served: Served;
  running: number;
}

const DEFAULT_ATTEMPTS = 5;

/** Claims jobs as places become free, and sees each attempt to its end. */
export class JobRunner implements Jobs<Transaction> {
  readonly #ports: AttemptPorts;
  readonly #instances: Instances;
  readonly #timing: JobTiming;
  readonly #finisher: Finisher;
  readonly #places = new Map<string, Place>();
  readonly #attempts = new Map<string, { readonly attempt: Attempt; readonly ended: Promise<void> }>();
  #stop: AbortController | undefined;
  #loops: Promise<unknown> | undefined;
  #wanted = false;
  #pumping: Promise<void> | undefined;
  #unsure = false;

  constructor(ports: AttemptPorts, instances: Instances, timing: JobTiming) {
    this.#ports = ports;
    this.#instances = instances;
    this.#timing = timing;
    this.#finisher = new Finisher((instance, ids, status) => ports.rows.finish(instance, ids, status));
    instances.onLost(() => this.#abortAll('lease-lost'));
  }

  async enqueue<Input>(tx: Transaction, request: JobRequest<Input>): Promise<string> {
    const id = await this.#ports.rows.enqueue(tx, request);
    tx.afterCommit(() => this.#wake());
    return id;
  }

  depths(): Promise<readonly JobDepth[]> {
    return this.#ports.rows.depths();
  }

  find(tx: Transaction, scope: Scope, kind: string, subject: string): Promise<JobFacts | undefined> {
    return this.#ports.rows.find(tx, scope, kind, subject);
  }

  async cancel(tx: Transaction, scope: Scope, kind: string, subject: string): Promise<boolean> {
    const cancelled = await this.#ports.rows.cancel(tx, scope, kind, subject);
    if (cancelled === false) return false;
    const { running } = cancelled;
    if (running !== undefined) tx.afterCommit(() => this.#attempts.get(running)?.attempt.abort('cancelled'));
    return true;
  }

  register<Input, State>(worker: JobWorker<Input, State, Transaction>): void {
    if (this.#places.has(worker.kind)) throw new Error(`Two workers are registered for ${worker.kind}`);
    this.#places.set(worker.kind, {
      worker: worker as unknown as AnyWorker,
      served: new Served(),
      running: 0,
    });
    this.#wake();
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#loops = this.#poll(this.#stop.signal);
    this.#wake();
  }

  async stop(): Promise<void> {
    const stop = this.#stop;
    if (!stop) return;
    stop.abort();
    this.#abortAll('stopping');
    await this.#loops;
    await this.#pumping;
    this.#abortAll('stopping'); // those that the last claim brought
    await this.#attemptsEnded();
    // Whoever did not heed the signal loses its lease, and can commit nothing any more.
    await this.#ports.rows.giveBackUnknown(this.#instances.current, []);
    this.#abortAll('lease-lost');
    this.#stop = undefined;
  }

  #wake(): void {
    this.#wanted = true;
    if (this.#pumping || !this.#stop || this.#stop.signal.aborted) return;
    this.#pumping = this.#pump(this.#stop.signal).finally(() => {
      this.#pumping = undefined;
      if (this.#wanted) this.#wake();
    });
  }

  async #pump(stop: AbortSignal): Promise<void> {
    // One claim for all that happened in this turn.
    await turn();
    while (this.#wanted && !stop.aborted) {
      this.#wanted = false;
      try {
        if (await this.#claim()) this.#wanted = true;
      } catch (error) {
        this.#unsure = true; // the claim may have been committed and its answer lost
        this.#ports.log.error({ error }, 'jobs could not be claimed');
      }
    }
    if (stop.aborted) this.#wanted = false;
  }

  /** True where jobs were claimed: more may be waiting. */
  async #claim(): Promise<boolean> {
    const instance = this.#instances.current;
    if (this.#unsure) {
      await this.#ports.rows.giveBackUnknown(instance, [...this.#attempts.keys()]);
      this.#unsure = false;
    }
    const places = [...this.#places.values()].filter((place) => place.running < place.worker.concurrency);
    if (places.length === 0) return false;
    const waiting = await this.#ports.rows.waiting();
    let claimed = 0;
    for (const place of places)
      claimed += await this.#claimFor(instance, place, waiting.get(place.worker.kind));
    return claimed > 0;
  }

  async #claimFor(instance: string, place: Place, waiting: readonly WaitingLane[] = []): Promise<number> {
    if (waiting.length === 0) return 0;
    const { worker } = place;
    const limits = await worker.limits?.(waiting);
    let claimed = 0;
    for (const share of shareOut(waiting, worker.concurrency - place.running, place.served, limits)) {
      for (const first of ['longest', 'urgent'] as const) {
        if (share[first] === 0) continue;
        const jobs = await this.#ports.rows.claim(instance, worker.kind, share, share[first], first);
        for (const job of jobs) this.#begin(job, place);
        claimed += jobs.length;
      }
    }
    return claimed;
  }

  #begin(job: Claimed, place: Place): void {
    const attempt = new Attempt(job, this.#ports);
    if (!this.#instances.isCurrent(job.instance)) attempt.abort('lease-lost'); // lost while the claim was answered
    place.running += 1;
    const ended = this.#see(attempt, place.worker).finally(() => {
      place.running -= 1;
      if (this.#attempts.get(job.id)?.attempt === attempt) this.#attempts.delete(job.id);
      this.#wake();
    });
    this.#attempts.set(job.id, { attempt, ended });
  }

  async #see(attempt: Attempt, worker: AnyWorker): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    try {
      await worker.run(attempt);
    } catch (error) {
      failure = { error };
    }
    await attempt.flush();
    const ending = endOf(attempt, failure, worker.attempts ?? DEFAULT_ATTEMPTS);
    await this.#persist(attempt, () => this.#end(attempt, worker, ending));
  }

  async #end(attempt: Attempt, worker: AnyWorker, ending: Ending): Promise<void> {
    const { job } = attempt;
    const { rows, direct, log, clock } = this.#ports;
    switch (ending.type) {
      case 'nothing':
        return;
      case 'finish':
        return this.#finisher.finish(job.instance, job.id, ending.status);
      case 'give-back':
        await rows.change(direct, job, { status: 'queued', instance: null });
        return;
      case 'retry': {
        const { error } = ending;
        log.warn({ job: job.id, kind: job.kind, subject: job.subject, error }, 'an attempt at a job failed');
        const pause = Math.min(this.#timing.backOff * 2 ** job.failures, this.#timing.longestBackOff);
        await rows.change(direct, job, {
          status: 'queued',
          instance: null,
          failures: job.failures + 1,
          error: error.message,
          not_before: clock.now() + pause,
        });
        return;
      }
      case 'exhaust':
        return this.#exhaust(attempt, worker, ending.error);
    }
  }

  async #exhaust(attempt: Attempt, worker: AnyWorker, error: Error): Promise<void> {
    const { job } = attempt;
    const { log, clock } = this.#ports;
    log.error({ job: job.id, kind: job.kind, subject: job.subject, error }, 'a job failed for good');
    await attempt.end((tx) => worker.exhausted(tx, job, error), {
      status: 'exhausted',
      instance: null,
      failures: job.failures + 1,
      error: error.message,
      finished_at: clock.now(),
    });
  }

  /** The end of an attempt must reach the database, or the job would seem to run for as long as this process does. */
  async #persist(attempt: Attempt, end: () => Promise<void>): Promise<void> {
    for (let pause = this.#timing.backOff; attempt.stopReason !== 'lease-lost'; pause *= 2) {
      try {
        return await end();
      } catch (error) {
        this.#ports.log.error({ job: attempt.id, error }, 'the end of an attempt could not be recorded');
      }
      const aborted = this.#stop?.signal;
      if (!aborted || aborted.aborted) return; // `stop` gives all leases back
      await this.#ports.clock.sleep(Math.min(pause, this.#timing.longestBackOff), aborted).catch(() => {});
    }
  }

  async #poll(stop: AbortSignal): Promise<void> {
    while (await this.#pause(stop)) {
      this.#wake();
      // In one process alone, `cancel` has told the attempt itself.
      if (this.#ports.shared && this.#attempts.size > 0) await this.#lookForCancellations();
    }
  }

  async #lookForCancellations(): Promise<void> {
    try {
      for (const id of await this.#ports.rows.cancellations(this.#instances.current)) {
        this.#attempts.get(id)?.attempt.abort('cancelled');
      }
    } catch (error) {
      this.#ports.log.warn({ error }, 'cancellations could not be read');
    }
  }

  async #pause(stop: AbortSignal): Promise<boolean> {
    try {
      await this.#ports.clock.sleep(this.#timing.poll, stop);
      return true;
    } catch {
      return false; // stopped
    }
  }

  #abortAll(reason: 'stopping' | 'lease-lost'): void {
    for (const { attempt } of this.#attempts.values()) attempt.abort(reason);
  }

  async #attemptsEnded(): Promise<void> {
    const grace = new AbortController();
    const ended = Promise.allSettled([...this.#attempts.values()].map((each) => each.ended));
    const late = this.#ports.clock.sleep(this.#timing.stopGrace, grace.signal).catch(() => {});
    await Promise.race([ended, late]);
    grace.abort();
  }
}
