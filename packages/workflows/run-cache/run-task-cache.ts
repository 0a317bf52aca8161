import { rm } from 'node:fs/promises';
import type { Objects } from '@helicase/blobs';
import { type Actor, type Clock, ServiceError } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { inputTargets, type KeptTask, type TaskCache, type TaskOutcome } from '@helicase/runtime';
import { entriesOfCall, findEntry, saveEntry } from './cache-entry.ts';
import type { CacheBehavior } from './model.ts';
import { NotKept, restoreFiles, storeFiles } from './stored-files.ts';

export interface RunTaskCacheOptions {
  readonly records: Records;
  readonly objects: Objects;
  readonly clock: Clock;
  /** The run's role: cached data is read and written in its name. */
  readonly actor: Actor;
  readonly runId: string;
  readonly cacheId: string;
  readonly behavior: CacheBehavior;
  /** Where cached files lie. */
  readonly s3Uri: string;
  /** One transaction, fenced by the run's lease. */
  readonly commit: (work: (tx: Transaction) => Promise<void>) => Promise<void>;
  /** A line of the engine's log. */
  readonly say: (line: string) => void;
}

/** The task that an attempt belongs to: `<task id>-<start>` is the runner's name of an attempt. */
export interface KeepableTask extends KeptTask {
  readonly taskId: string;
}

/**
 * One run's view of its run cache: tasks are taken from it as they are asked for, and kept in it while the run goes on
 * (CACHE_ALWAYS) or once it has failed (CACHE_ON_FAILURE).
 */
export class RunTaskCache {
  readonly #options: RunTaskCacheOptions;
  readonly #keeping = new Set<Promise<void>>();
  readonly #kept = new Set<string>();
  /** Digests of entries that were found to be no longer whole: told of once. */
  readonly #spoiled = new Set<string>();

  constructor(options: RunTaskCacheOptions) {
    this.#options = options;
  }

  /** For one task: the cache as the runner asks it. `onHit` is told where the result comes from. */
  forTask(taskId: string, onHit: (uri: string) => void): TaskCache {
    return {
      take: async (digest, { directory, stderr, stdout, work }) => {
        const places = { stderrPath: stderr, stdoutPath: stdout, workDirectory: work };
        const found = await this.#take(digest, places);
        if (found) onHit(found.uri);
        // What was brought back of one that is not whole is in the way of the task.
        else await rm(directory, { recursive: true, force: true });
        return found?.outcome;
      },
      keep: async (kept) => {
        if (this.#options.behavior === 'CACHE_ALWAYS') this.#keepSoon({ ...kept, taskId });
      },
      keysOf: async (call) => {
        const { cacheId: id, records } = this.#options;
        return (await entriesOfCall(records.direct, this.#key(id), call)).map(({ key }) => key);
      },
    };
  }

  /** Before the run ends: of CACHE_ALWAYS every task, of CACHE_ON_FAILURE those of a run that failed. */
  async finish(failed: boolean, tasks: () => AsyncIterable<KeepableTask>): Promise<void> {
    await Promise.all(this.#keeping);
    if (!failed && this.#options.behavior !== 'CACHE_ALWAYS') return;
    for await (const task of tasks()) if (!this.#kept.has(task.taskId)) await this.#keep(task);
  }

  async #take(
    digest: string,
    places: Pick<TaskOutcome, 'workDirectory' | 'stdoutPath' | 'stderrPath'>,
  ): Promise<{ readonly outcome: TaskOutcome; readonly uri: string } | undefined> {
    const { actor, cacheId, objects, records, say } = this.#options;
    if (this.#spoiled.has(digest)) return undefined;
    const entry = await findEntry(records.direct, this.#key(cacheId), digest);
    if (!entry) return undefined;
    try {
      const whole = await restoreFiles(objects, actor, entry.uri, entry.files, places);
      if (whole) return { outcome: { ...entry.outcome, ...places }, uri: entry.uri };
      say(`[warn] ${entry.call}: what the run cache has at ${entry.uri} was changed since: it runs`);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      say(`[warn] ${entry.call}: what the run cache has at ${entry.uri} cannot be read: ${error.message}`);
    }
    this.#spoiled.add(digest);
    return undefined;
  }

  #keepSoon(task: KeepableTask): void {
    const keeping = this.#keep(task).finally(() => this.#keeping.delete(keeping));
    this.#keeping.add(keeping);
    keeping.catch(() => {}); // waited for by `finish`
  }

  /** A task that cannot be kept is told, and the run goes on. */
  async #keep({ call, key, outcome, taskId }: KeepableTask): Promise<void> {
    const { actor, cacheId, clock, commit, objects, runId, s3Uri, say } = this.#options;
    this.#kept.add(taskId);
    const uri = `${s3Uri}/${runId}/${taskId}`;
    try {
      const files = await storeFiles(objects, actor, uri, outcome, inputTargets(key));
      const entry = { call, files, key, outcome, runId, taskId, uri, keptAt: clock.now() };
      await commit((tx) => saveEntry(tx, this.#key(cacheId), entry));
    } catch (error) {
      if (!(error instanceof ServiceError || error instanceof NotKept)) throw error;
      say(`[warn] ${call}: not kept in the run cache: ${error.message}`);
    }
  }

  #key(id: string) {
    return { scope: this.#options.actor.scope, id };
  }
}
