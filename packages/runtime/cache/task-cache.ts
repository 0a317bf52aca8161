import type { AttemptPaths } from '../staging.ts';
import { succeeded, type TaskOutcome } from '../task.ts';
import type { RunTask, TaskRunner } from '../task-runner.ts';
import type { TaskKey } from './task-key.ts';
import { whyMissed } from './why-missed.ts';

/** A success with all that is known of it. */
export interface KeptTask {
  readonly key: TaskKey;
  /** Where in its workflow it ran. */
  readonly call: string;
  readonly outcome: TaskOutcome;
}

/** Where results of tasks are looked up and kept. Failing to keep one is not the task's failure: say it, and go on. */
export interface TaskCache {
  /**
   * What is kept under a key's digest; undefined where there is nothing, or its files are gone. Its files lie where
   * the outcome says: at `paths`, where the cache had to fetch them.
   */
  take(digest: string, paths: AttemptPaths): Promise<TaskOutcome | undefined>;
  keep(kept: KeptTask): Promise<void>;
  /** Keys of what is kept of a call, newest first: what a miss is told apart by. */
  keysOf(call: string): Promise<readonly TaskKey[]>;
  /** An outcome that had to be made says why nothing of the cache was it. */
  readonly tellsMisses?: boolean;
}

export interface Reused {
  readonly outcome: TaskOutcome;
  /** Absent where the task may not be reused, or its key could not be had. */
  readonly key?: TaskKey;
  readonly hit: boolean;
}

/** Answers with what is kept of the same task, or runs it and keeps its success. */
export async function runReusing(runner: TaskRunner, cache: TaskCache, task: RunTask): Promise<Reused> {
  const { key, outcome: kept } = await findReusable(runner, cache, task);
  if (!key) return { outcome: await runner.run(task), hit: false };
  if (kept) return { outcome: kept, key, hit: true };
  const { request } = task;
  const missed = cache.tellsMisses
    ? whyMissed(await cache.keysOf(request.call), key, request.call)
    : undefined;
  const outcome = await runner.run(task);
  if (succeeded(request, outcome)) await cache.keep({ key, call: request.call, outcome });
  return { outcome: missed === undefined ? outcome : { ...outcome, missed }, key, hit: false };
}

/** What is kept of the same task: nothing is run, so that it needs no place. */
export async function findReusable(
  runner: TaskRunner,
  cache: Pick<TaskCache, 'take'>,
  task: RunTask,
): Promise<Partial<Pick<Reused, 'key' | 'outcome'>>> {
  const key = await keyOf(runner, task);
  if (!key) return {};
  const kept = await cache.take(key.digest, runner.paths(task.runId, task.attemptId));
  return kept ? { key, outcome: { ...kept, recorded: true } } : { key };
}

/** A task whose inputs or image cannot be had says so when it is run: in its outcome, and in its own words. */
async function keyOf(runner: TaskRunner, task: RunTask): Promise<TaskKey | undefined> {
  if (task.request.reuse === false) return undefined;
  return await runner.key(task).catch(() => undefined);
}
