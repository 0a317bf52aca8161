import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Actor, type Clock, type Log } from '@helicase/kernel';
import { Admission, type Capacity, NotAdmitted } from './admission.ts';
import type { Backend, TaskExit } from './backend.ts';
import { PathGuard } from './path-guard.ts';
import { type AttemptPaths, attemptPaths, type LocalInput, stage, type Staged } from './staging.ts';
import type { StagedInput, TaskOutcome, TaskRequest } from './task.ts';
import { requestProblem } from './task-request.ts';

/** Bytes at a local path until they are released. */
export interface LocalBytes {
  readonly path: string;
  release(): Promise<void>;
}

export interface TaskRunnerOptions {
  readonly backends: readonly Backend[];
  readonly clock: Clock;
  readonly log: Log;
  /** Attempts live in `<directory>/<runId>/<attemptId>/{work,stdout,stderr}`. */
  readonly directory: string;
  /** What the host gives to tasks. */
  readonly capacity: Capacity;
  /** The bytes of a URI as the actor may see them. */
  resolve(actor: Actor, uri: string): Promise<LocalBytes>;
}

export interface RunTask {
  readonly runId: string;
  /** Unique over all runs, of letters, digits, `.`, `_` and `-`. */
  readonly attemptId: string;
  readonly request: TaskRequest;
  readonly actor: Actor;
  /** Folders and files that `path` inputs may lie in, besides the run's own attempts: the definition, for example. */
  readonly readable?: readonly string[];
  readonly signal?: AbortSignal;
  /** When the task's process started; its output appears in these files from then on. */
  onStarted?(facts: {
    readonly startedAt: number;
    readonly stdoutPath: string;
    readonly stderrPath: string;
  }): void;
}

export interface TaskRunner {
  /** Never rejects for the task's own fault: what could not start says so in its outcome. */
  run(task: RunTask): Promise<TaskOutcome>;
  /** Ends and removes what attempts of dead servers left behind; before the first run. */
  cleanUp(isLive: (attemptId: string) => boolean): Promise<void>;
  paths(runId: string, attemptId: string): AttemptPaths;
}

export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const admission = new Admission(options.capacity);
  return {
    run: (task) => new Attempt(options, admission, task).run(),
    paths: (runId, attemptId) => attemptPaths(options.directory, runId, attemptId),
    async cleanUp(isLive) {
      for (const backend of options.backends) {
        if ((await backend.unavailable()) === undefined) await backend.cleanUp(isLive);
      }
    },
  };
}

class Attempt {
  readonly #options: TaskRunnerOptions;
  readonly #admission: Admission;
  readonly #task: RunTask;
  readonly #paths: AttemptPaths;
  readonly #guard: PathGuard;
  readonly #held: LocalBytes[] = [];

  constructor(options: TaskRunnerOptions, admission: Admission, task: RunTask) {
    this.#options = options;
    this.#admission = admission;
    this.#task = task;
    this.#paths = attemptPaths(options.directory, task.runId, task.attemptId);
    this.#guard = new PathGuard([dirname(this.#paths.directory), ...(task.readable ?? [])]);
  }

  async run(): Promise<TaskOutcome> {
    const asked = this.#options.clock.now();
    try {
      return this.#outcome(await this.#admitted());
    } catch (error) {
      const status = this.#task.signal?.aborted ? 'cancelled' : 'failed-to-start';
      const message = error instanceof Error ? error.message : String(error);
      return this.#outcome({ status, message, startedAt: asked, finishedAt: this.#options.clock.now() });
    }
  }

  async #admitted(): Promise<TaskExit> {
    const { request, signal } = this.#task;
    const problem = requestProblem(this.#task.attemptId, request);
    if (problem) throw new NotAdmitted(problem);
    const leave = await this.#admission.enter(request.resources, signal);
    try {
      return await this.#staged();
    } finally {
      leave();
      await this.#release();
    }
  }

  async #staged(): Promise<TaskExit> {
    const { request } = this.#task;
    const staged = await stage(this.#paths, request, await this.#localInputs());
    try {
      return await this.#started(staged);
    } finally {
      await staged.unstage();
      await rm(this.#paths.temporary, { recursive: true, force: true });
    }
  }

  async #started(staged: Staged): Promise<TaskExit> {
    const { request, attemptId, signal } = this.#task;
    signal?.throwIfAborted();
    const running = await this.#backend().start({
      attemptId,
      argv: request.argv,
      environment: request.environment,
      workDirectory: request.workDirectory,
      mounts: staged.mounts,
      ...(request.image === undefined ? {} : { image: request.image }),
      resources: request.resources,
      network: request.network ?? false,
      ...(staged.stdin === undefined ? {} : { stdin: staged.stdin }),
      stdoutPath: this.#paths.stdout,
      stderrPath: this.#paths.stderr,
    });
    const cancel = () => void running.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    this.#tellStarted();
    try {
      return await running.exit;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #tellStarted(): void {
    const { stdout, stderr } = this.#paths;
    this.#task.onStarted?.({ startedAt: this.#options.clock.now(), stdoutPath: stdout, stderrPath: stderr });
  }

  #backend(): Backend {
    const wanted = this.#task.request.image === undefined ? 'sandbox' : 'container';
    const backend = this.#options.backends.find(({ name }) => name === wanted);
    if (backend) return backend;
    throw new NotAdmitted(
      wanted === 'container'
        ? `The task names the image ${this.#task.request.image}, and no container backend is configured here.`
        : 'The task names no image, and no sandbox backend is configured here.',
    );
  }

  async #localInputs(): Promise<LocalInput[]> {
    const locals: LocalInput[] = [];
    for (const input of this.#task.request.inputs) locals.push(await this.#localInput(input));
    return locals;
  }

  async #localInput(input: StagedInput): Promise<LocalInput> {
    if (input.kind === 'literal') return { input };
    if (input.kind === 'path') return { input, source: await this.#guard.check(input.path) };
    const bytes = await this.#options.resolve(this.#task.actor, input.uri);
    this.#held.push(bytes);
    return { input, source: bytes.path };
  }

  async #release(): Promise<void> {
    const results = await Promise.allSettled(this.#held.map((bytes) => bytes.release()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed)
      this.#options.log.warn(
        { attempt: this.#task.attemptId, error: failed.reason },
        'an input was not released',
      );
  }

  #outcome(exit: TaskExit): TaskOutcome {
    const { work, stdout, stderr } = this.#paths;
    return { ...exit, workDirectory: work, stdoutPath: stdout, stderrPath: stderr };
  }
}
