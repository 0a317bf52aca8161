import type { Actor, Scope } from '@helicase/kernel';

/** Durable long work: leased, heartbeaten, idempotent step by step, resumable after `kill -9`, fair between accounts. */
export interface JobRequest<Input> {
  readonly actor: Actor;
  /** What kind of work: the name its worker registered, for example `read-set-import`. */
  readonly kind: string;
  /** The resource the work is for; (kind, subject) is unique among unfinished jobs. */
  readonly subject: string;
  readonly input: Input;
  /**
   * Jobs of one account wait in lanes (a run group is one): lanes are served in turn, whoever has fewest running first.
   * The one lane '' unless told.
   */
  readonly lane?: string;
  /** Higher goes first within a lane, but for every eighth place: that goes to whoever waits longest. 0 unless told. */
  readonly priority?: number;
  /** Not before this time (milliseconds). */
  readonly notBefore?: number;
}

/** What a worker is given. Everything it commits is fenced: a worker that lost its lease can change nothing. */
export interface JobRun<Input, State, Tx> {
  readonly id: string;
  readonly actor: Actor;
  readonly subject: string;
  readonly input: Input;
  /** What the last checkpoint left; undefined on the first attempt. */
  readonly state: State | undefined;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborted when the job is cancelled, its lease is lost or the server stops; `reason` is 'cancelled' | 'lease-lost' | 'stopping'. */
  readonly signal: AbortSignal;
  readonly cancelled: () => boolean;
  /** One fenced transaction: `work` runs only while this attempt holds the lease (else LeaseLost is thrown). */
  commit<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Records how far the work is, so that the next attempt starts there; with `work`, in the same transaction. */
  checkpoint(state: State, work?: (tx: Tx) => Promise<void>): Promise<void>;
  /** A fact on the row, throttled to about one write a second. */
  progress(facts: { readonly done: number; readonly total?: number; readonly unit: string }): void;
}

/** How many jobs of a kind may run at once, on all servers together. */
export interface JobLimits {
  perAccount?(account: string): number | undefined;
  /** By account and lane; lanes without a limit are missing. */
  lane(account: string, lane: string): number | undefined;
}

/** Jobs that wait: an account's lane. */
export interface WaitingLane {
  readonly account: string;
  readonly lane: string;
  /** Of this lane, and of the whole account, on all servers. */
  readonly running: number;
  readonly accountRunning: number;
}

export interface JobWorker<Input, State, Tx> {
  readonly kind: string;
  /** How many of this kind this process works on at once. */
  readonly concurrency: number;
  /** Asked before jobs are claimed; absent: no limit but `concurrency`. */
  limits?(waiting: readonly WaitingLane[]): Promise<JobLimits>;
  /** Attempts before the job is given to `exhausted`; 5 unless told. A stop or a lost lease is not an attempt. */
  readonly attempts?: number;
  /**
   * Does the work. Returning finishes the job (do the last change with `run.commit`, finishing is idempotent).
   * Throwing has it tried again with back-off; a failure that the user shall see is not thrown but committed.
   */
  run(run: JobRun<Input, State, Tx>): Promise<void>;
  /** After the last attempt threw: tell the user (for example, transition the resource to FAILED). */
  exhausted(
    tx: Tx,
    job: { scope: Scope; actor: Actor; subject: string; input: Input },
    error: Error,
  ): Promise<void>;
}

/** An unfinished job, as lists and consoles show it. */
export interface JobFacts {
  readonly id: string;
  /** `queued` also while it waits for its next attempt. */
  readonly status: 'queued' | 'running';
  readonly progress: { readonly done: number; readonly total?: number; readonly unit: string } | undefined;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** Unfinished jobs of an account. */
export interface JobDepth {
  readonly scope: Scope;
  readonly kind: string;
  readonly status: 'queued' | 'running';
  readonly count: number;
}

export interface Jobs<Tx> {
  /** Adds a job in the caller's transaction; answers its id, or that of the unfinished one of this kind and subject. */
  enqueue<Input>(tx: Tx, request: JobRequest<Input>): Promise<string>;
  /** Asks for cancellation: a queued job ends at once, a running one sees its signal. False where none is unfinished. */
  cancel(tx: Tx, scope: Scope, kind: string, subject: string): Promise<boolean>;
  /** The unfinished job of a subject, in this transaction's view. */
  find(tx: Tx, scope: Scope, kind: string, subject: string): Promise<JobFacts | undefined>;
  /** How many jobs of each kind wait and run, on all servers. */
  depths(): Promise<readonly JobDepth[]>;
  register<Input, State>(worker: JobWorker<Input, State, Tx>): void;
  /** Starts claiming. Workers are woken at once by enqueue in this process, by polling for other processes' jobs. */
  start(): void;
  /** Stops claiming, aborts the running attempts with 'stopping', waits for them and gives their leases back. */
  stop(): Promise<void>;
}
