import type { TaskHost } from '@helicase/runtime';
import { EvaluationError } from '../evaluate/value.ts';
import { NestedInputs } from './nested-inputs.ts';
import type { RunFiles } from './run-files.ts';

/** Of all scatters of a run together: one takes about 5 KB of the engine's 512 MB. */
const SHARD_LIMIT = 50_000;

/** What everything in one run shares. */
export class RunContext {
  readonly host: TaskHost;
  readonly files: RunFiles;
  readonly nested: NestedInputs;
  readonly #stop = new AbortController();
  #shards = 0;
  readonly #tasks = new Set<Promise<unknown>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(host: TaskHost, files: RunFiles, nested: NestedInputs, signal: AbortSignal) {
    this.host = host;
    this.files = files;
    this.nested = nested;
    const abort = () => this.fail(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  }

  /** Aborted when the run is cancelled or anything in it has failed. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Counts shards, which live as long as the run, and refuses more than the engine's memory holds. */
  startShards(count: number): void {
    this.#shards += count;
    if (this.#shards > SHARD_LIMIT)
      throw new EvaluationError(`The run would have ${this.#shards} shards; ${SHARD_LIMIT} is the most.`);
  }

  /** Keeps the first failure, which is the run's, and ends everything else. */
  fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    this.#stop.abort(error);
  }

  /** Follows a task until it has ended, so that a failed run does not leave any behind. */
  async track<T>(task: Promise<T>): Promise<T> {
    this.#tasks.add(task);
    try {
      return await task;
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      this.#tasks.delete(task);
    }
  }

  /** Resolves when no task is running any more, then throws the run's failure if it has one. */
  async settle(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.allSettled(this.#tasks);
    if (this.#failure) throw this.#failure.error;
  }
}
