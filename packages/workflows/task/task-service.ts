import { rm } from 'node:fs/promises';
import type { Actor, Clock, Log } from '@helicase/kernel';
import {
  type AttemptPaths,
  findReusable,
  followLog,
  Gate,
  type LogFollower,
  runReusing,
  type RunTask,
  type StagedInput,
  type TaskOutcome,
  type TaskRequest,
  type TaskRunner,
} from '@helicase/runtime';
import { given } from '../given.ts';
import type { RunTaskCache } from '../run-cache/run-task-cache.ts';
import { RunFailure } from '../run/run-failure.ts';
import type { RunInputs } from '../run/run-inputs.ts';
import type { RunLog } from '../run/run-log.ts';
import type { RunPaths } from '../run/run-paths.ts';
import type { RunPlaces } from '../scheduling/task-queue.ts';
import { usageWords } from './task-usage.ts';
import { attemptIdOf, type EndFacts, type TaskLedger, type TaskStart } from './task-ledger.ts';

export interface TaskServiceOptions {
  readonly runner: TaskRunner;
  readonly ledger: TaskLedger;
  readonly inputs: RunInputs;
  readonly runLog: RunLog;
  readonly places: RunPlaces;
  /** Where an image is, by the workflow's container registry map. */
  readonly mapImage: (image: string) => string;
  /** Present where the run has a cache. */
  readonly cache?: RunTaskCache;
  readonly paths: RunPaths;
  /** What all tasks of the run may hold together; absent with DYNAMIC storage. */
  readonly storageBytes?: number;
  /** Of runs with networkingMode VPC. */
  readonly networkNamespace?: string;
  readonly clock: Clock;
  readonly actor: Actor;
  readonly log: Log;
}

/** After that many starts that were lost, the loss is the outcome. */
const STARTS_AFTER_LOSS = 3;

/** Tasks of a run that are looked for in its cache at once. */
const LOOK_UPS = 16;

/** Runs the tasks that a run's engine asks for: rows, recorded outcomes, places, staging, logs. */
export class TaskService {
  readonly #options: TaskServiceOptions;
  readonly #lookUps = new Gate(LOOK_UPS);

  constructor(options: TaskServiceOptions) {
    this.#options = options;
  }

  /** Rejects only where the run cannot go on: the lease is lost, or its rows cannot be written. */
  async perform(asked: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { ledger, mapImage, places } = this.#options;
    const request = asked.image === undefined ? asked : { ...asked, image: mapImage(asked.image) };
    const recorded = ledger.recorded(request);
    if (recorded) return recorded;
    const found = await this.#resume(request, signal);
    if (found) return found;
    const next = ledger.next(request);
    const reused = await this.#reused(request, next, signal);
    if (reused) return reused;
    const start = ledger.begin(request, next);
    const refused = places.refusal(request.resources);
    if (refused) return this.#refused(request, start, refused.reason, refused.message);
    let leave: () => void;
    try {
      leave = await places.enter(request.resources, signal);
    } catch {
      return this.#cancelledBeforeStart(request, start);
    }
    try {
      return await this.#runUntilKnown(request, start, signal, leave);
    } finally {
      leave();
    }
  }

  /** From the run cache: nothing runs, so it asks for no place and its row is written once. */
  async #reused(
    request: TaskRequest,
    next: Omit<TaskStart, 'recorded'>,
    signal: AbortSignal,
  ): Promise<TaskOutcome | undefined> {
    const { cache, ledger, runLog } = this.#options;
    if (!cache) return undefined;
    const found = await this.#lookUps.pass(() => this.#find(cache, request, next, signal));
    if (!found) return undefined;
    const { outcome, ...facts } = found;
    void runLog.engine(
      `[info] ${request.call}: task ${next.taskId} is in the run cache, at ${facts.cachedAt}`,
    );
    await ledger.reused(request, next, outcome, facts);
    return outcome;
  }

  async #find(
    cache: RunTaskCache,
    request: TaskRequest,
    next: Omit<TaskStart, 'recorded'>,
    signal: AbortSignal,
  ): Promise<Required<Pick<EndFacts, 'key' | 'cachedAt'> & { readonly outcome: TaskOutcome }> | undefined> {
    if (signal.aborted) return undefined;
    const { inputs: runInputs, paths, runner } = this.#options;
    // Inputs that cannot be had are told of when the task begins.
    const inputs = await this.#localInputs(request.inputs).catch(() => undefined);
    if (!inputs) return undefined;
    const task = this.#attempt({ ...request, inputs }, next, signal);
    // A server that died may have begun to bring it back.
    if (next.start > 1) await removeFolder(runner.paths(paths.name, task.attemptId));
    let cachedAt: string | undefined;
    const taskCache = cache.forTask(next.taskId, (uri) => (cachedAt = uri));
    const digestOf = (path: string) => runInputs.digestOf(path);
    const { key, outcome } = await findReusable(runner, taskCache, { ...task, digestOf });
    return key && outcome && cachedAt !== undefined ? { key, outcome, cachedAt } : undefined;
  }

  /** The same start goes on, or has ended, where it outlived the server that started it. */
  async #resume(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome | undefined> {
    const { ledger, places, runner } = this.#options;
    const start = ledger.unfinished(request);
    if (!start) return undefined;
    const leave = places.enterRunning(request.resources);
    try {
      const outcome = await this.#followed(request, start, (onStarted) =>
        runner.resume({ ...this.#attempt(request, start, signal), onStarted }),
      );
      return outcome && outcome.status !== 'lost' ? await this.#finished(request, start, outcome) : undefined;
    } finally {
      leave();
    }
  }

  /** A task that was lost through no fault of its own starts again. */
  async #runUntilKnown(
    request: TaskRequest,
    first: TaskStart,
    signal: AbortSignal,
    leave: () => void,
  ): Promise<TaskOutcome> {
    const { ledger, runLog } = this.#options;
    let start = first;
    for (let left = STARTS_AFTER_LOSS; left > 0; left -= 1) {
      const outcome = await this.#run(request, start, signal, leave, 'starts again');
      if (outcome) return outcome;
      void runLog.engine(`[warn] ${request.call}: task ${start.taskId} was lost; it starts again`);
      start = ledger.begin(request);
    }
    return await this.#run(request, start, signal, leave);
  }

  async #run(
    request: TaskRequest,
    start: TaskStart,
    signal: AbortSignal,
    leave: () => void,
  ): Promise<TaskOutcome>;
  async #run(
    request: TaskRequest,
    start: TaskStart,
    signal: AbortSignal,
    leave: () => void,
    lost: 'starts again',
  ): Promise<TaskOutcome | undefined>;
  async #run(
    request: TaskRequest,
    start: TaskStart,
    signal: AbortSignal,
    leave: () => void,
    lost?: 'starts again',
  ): Promise<TaskOutcome | undefined> {
    const { ledger, paths, runner } = this.#options;
    ledger.starting(request);
    let local: TaskRequest;
    try {
      local = { ...request, inputs: await this.#localInputs(request.inputs) };
    } catch (error) {
      this.#options.log.warn({ error, task: start.taskId }, 'a task’s inputs could not be staged');
      if (error instanceof RunFailure) return this.#refused(request, start, error.reason, error.message);
      const message = `The import failed: ${(error as Error).message} Check that the input file exists and the run role can access the input.`;
      return this.#refused(request, start, 'IMPORT_FAILED', message);
    }
    // What can be found again must be known by its row, whatever dies when.
    if (request.image !== undefined) await start.recorded;
    const attempt = this.#attempt(local, start, signal);
    // A start that a crash cut off may have left its folder.
    await removeFolder(runner.paths(paths.name, attempt.attemptId));
    const { outcome, ...facts } = await this.#followed(request, start, async (onStarted) => {
      const ended = await this.#reusing({ ...attempt, onStarted }, start);
      // Its last lines and its durable end need no place: the next task begins meanwhile.
      if (ended.outcome.status !== 'lost') leave();
      return ended;
    });
    if (lost && outcome.status === 'lost') return undefined;
    return this.#finished(request, start, outcome, facts);
  }

  /** From the run cache where the run has one and it has the task. */
  async #reusing(
    task: RunTask,
    { taskId }: TaskStart,
  ): Promise<EndFacts & { readonly outcome: TaskOutcome }> {
    const { cache, inputs, runner } = this.#options;
    if (!cache) return { outcome: await runner.run(task) };
    let cachedAt: string | undefined;
    const taskCache = cache.forTask(taskId, (uri) => (cachedAt = uri));
    const digestOf = (path: string) => inputs.digestOf(path);
    const { key, outcome } = await runReusing(runner, taskCache, { ...task, digestOf });
    return { outcome, ...given({ key, cachedAt }) };
  }

  #attempt(request: TaskRequest, start: Omit<TaskStart, 'recorded'>, signal: AbortSignal): RunTask {
    const { actor, networkNamespace, paths, storageBytes } = this.#options;
    const readable = this.#readable(request.inputs);
    const attemptId = attemptIdOf(start);
    const ofRun = given({ networkNamespace, storageBytes });
    return { runId: paths.name, attemptId, request, readable, actor, signal, ...ofRun };
  }

  /** While it runs its row says so, and its output is followed. */
  async #followed<T>(
    request: TaskRequest,
    { taskId }: TaskStart,
    run: (onStarted: Required<RunTask>['onStarted']) => Promise<T>,
  ): Promise<T> {
    const { ledger, runLog } = this.#options;
    let followers: readonly LogFollower[] = [];
    try {
      return await run(({ startedAt, stderrPath, stdoutPath }) => {
        ledger.running(request, startedAt);
        void runLog.engine(`[info] ${request.call}: task ${taskId} is running`);
        const { logsStreams = false, stderr, stdout } = request;
        followers = this.#follow(taskId, [
          ...(logsStreams || stdout === undefined ? [stdoutPath] : []),
          ...(logsStreams || stderr === undefined ? [stderrPath] : []),
        ]);
      });
    } finally {
      await Promise.all(followers.map((follower) => follower.finish()));
    }
  }

  async #finished(
    request: TaskRequest,
    { taskId }: TaskStart,
    outcome: TaskOutcome,
    facts: EndFacts = {},
  ): Promise<TaskOutcome> {
    const { ledger, runLog } = this.#options;
    if (facts.cachedAt !== undefined) {
      void runLog.engine(`[info] ${request.call}: task ${taskId} is in the run cache, at ${facts.cachedAt}`);
      await ledger.finished(request, outcome, facts);
      return outcome;
    }
    if (outcome.status !== 'exited' || outcome.exitCode !== 0) {
      await runLog.failedTask(taskId, [outcome.stdoutPath, outcome.stderrPath]);
    }
    const usage = usageWords(outcome, ledger.askedAt(request));
    void runLog.engine(`[info] ${request.call}: task ${taskId} ${endWords(outcome)}${usage}`);
    await ledger.finished(request, outcome, facts);
    return outcome;
  }

  #follow(taskId: string, paths: readonly string[]): readonly LogFollower[] {
    const { clock, runLog } = this.#options;
    if (!runLog.followsTasks) return [];
    return paths.map((path) => followLog({ path, clock, onLines: (lines) => runLog.task(taskId, lines) }));
  }

  /** URIs as the run's local copies, fetched once however many tasks read them. */
  async #localInputs(inputs: readonly StagedInput[]): Promise<readonly StagedInput[]> {
    return Promise.all(
      inputs.map(async (input): Promise<StagedInput> => {
        if (input.kind !== 'uri') return input;
        const path = await this.#options.inputs.localize(input.uri);
        return { kind: 'path', path, target: input.target, ...(input.writable ? { writable: true } : {}) };
      }),
    );
  }

  /** Of the staged paths, those outside of the run's folder that this run was given; the runner refuses the rest. */
  #readable(inputs: readonly StagedInput[]): readonly string[] {
    const paths = inputs.flatMap((input) => (input.kind === 'path' ? [input.path] : []));
    return paths.filter((path) => this.#options.inputs.handedOut(path));
  }

  async #refused(
    request: TaskRequest,
    start: TaskStart,
    reason: string,
    message: string,
  ): Promise<TaskOutcome> {
    const outcome = this.#withoutProcess(start, 'failed-to-start', message);
    await this.#options.ledger.finished(request, outcome, { reason });
    return outcome;
  }

  async #cancelledBeforeStart(request: TaskRequest, start: TaskStart): Promise<TaskOutcome> {
    const outcome = this.#withoutProcess(start, 'cancelled');
    await this.#options.ledger.finished(request, outcome);
    return outcome;
  }

  #withoutProcess(start: TaskStart, status: TaskOutcome['status'], message?: string): TaskOutcome {
    const {
      directory: _,
      stderr,
      stdout,
      work,
    } = this.#options.runner.paths(this.#options.paths.name, attemptIdOf(start));
    const now = this.#options.clock.now();
    return {
      status,
      workDirectory: work,
      stdoutPath: stdout,
      stderrPath: stderr,
      startedAt: now,
      finishedAt: now,
      ...(message === undefined ? {} : { message }),
    };
  }
}

function removeFolder({ directory }: AttemptPaths): Promise<void> {
  return rm(directory, { recursive: true, force: true });
}

function endWords({ exitCode, message, signal, status }: TaskOutcome): string {
  const how = signal === undefined ? `with code ${exitCode}` : `by signal ${signal}`;
  return status === 'exited' ? `exited ${how}` : `ended: ${status}${message ? ` (${message})` : ''}`;
}
