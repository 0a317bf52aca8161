import { dirname, join } from 'node:path';
import { type Actor, type Clock, type Log } from '@helicase/kernel';
import { Admission, type Capacity, NotAdmitted, type Place } from './admission.ts';
import { AttemptRecord, type LaunchRecord, recordedAttempts } from './attempt-record.ts';
import type { Backend, RunningTask, TaskExit, TaskLaunch } from './backend.ts';
import { Contents } from './cache/contents.ts';
import { type KeyFacts, type TaskKey, taskKey } from './cache/task-key.ts';
import { DiskGuard, overLimit } from './disk-guard.ts';
import { bothToOne, makeFolders, namedStreams, placeStreams } from './named-streams.ts';
import { onAbort } from './on-abort.ts';
import { PathGuard } from './path-guard.ts';
import {
  type AttemptPaths,
  attemptPaths,
  type LocalInput,
  removeStands,
  stage,
  type Staged,
} from './staging.ts';
import type { StagedInput, StartFault, TaskOutcome, TaskPhases, TaskRequest, TaskResources } from './task.ts';
import { removeFolder, SpareFolders } from './spare-folders.ts';
import { requestProblem } from './task-request.ts';
import { type OpenRoute, type TaskRoute, TaskRoutes } from './task-route.ts';

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
  /** What of the disk tasks must leave; see DiskGuard. */
  readonly diskReserveBytes?: number;
  /** Whether tasks that ask for the network get it; false unless told. */
  readonly network?: boolean;
  /** What tasks without network may reach of this host; nothing unless told. `programs` keeps the compiled relay. */
  readonly route?: TaskRoute & { readonly programs: string };
  /** The value of a secret that the actor may use. Absent: there are none, and tasks that ask for one are refused. */
  secret?(actor: Actor, name: string): Promise<string | undefined>;
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
  /** Of the run: each of its tasks has the network of this namespace. */
  readonly networkNamespace?: string;
  /** What the run's folder may hold in all, of this and all other tasks; absent: no bound of its own. */
  readonly storageBytes?: number;
  /** What is known of an input's bytes already, so that they are not read for the task's key: an entity tag. */
  digestOf?(path: string): string | undefined;
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
  /**
   * The outcome of an attempt that a dead server started and that can be found again, running or ended; waits for its
   * end. Undefined where it has to run again, as another attempt. The request's inputs are not looked at.
   */
  resume(task: RunTask): Promise<TaskOutcome | undefined>;
  /** Everything that determines the task's result: reads its inputs where their digests are not known yet. */
  key(task: RunTask): Promise<TaskKey>;
  /** Ends and removes what is left of a run's attempts, for a run that is over. Its folder stays. */
  discard(runId: string): Promise<void>;
  /** Ends and removes what attempts of dead servers left behind; before the first run. */
  cleanUp(isLive: (attemptId: string) => boolean): Promise<void>;
  paths(runId: string, attemptId: string): AttemptPaths;
  /** Why an image cannot be had, looked for before any task needs it; undefined where it can. */
  imageProblem(actor: Actor, image: string): Promise<string | undefined>;
  /** What tasks share here. */
  readonly capacity: Capacity;
  /** Why this machine can never run a task that needs so much; undefined where it can. */
  refusal(resources: TaskResources): string | undefined;
}

export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const admission = new Admission(options.capacity);
  const contents = new Contents();
  const { clock, directory, diskReserveBytes: reserveBytes, log } = options;
  const disk = new DiskGuard({
    clock,
    log,
    directory,
    ...(reserveBytes === undefined ? {} : { reserveBytes }),
  });
  const { route } = options;
  const routes = route && new TaskRoutes(route, { cache: route.programs });
  const shared = { ...options, spare: new SpareFolders(), ...(routes && { routes }) };
  const attempt = (task: RunTask) => new Attempt(shared, admission, disk, task);
  return {
    run: (task) => attempt(task).run(),
    resume: (task) => attempt(task).resume(),
    key: (task) => attempt(task).key(contents),
    async discard(runId) {
      for (const attemptId of (await recordedAttempts(join(options.directory, runId))).keys()) {
        for (const backend of options.backends) await backend.discard?.(attemptId);
      }
    },
    capacity: options.capacity,
    refusal: (resources) => admission.refusal(resources),
    paths: (runId, attemptId) => attemptPaths(options.directory, runId, attemptId),
    async imageProblem(actor, image) {
      const backend = options.backends.find(({ name }) => name === 'container');
      return backend?.imageProblem?.(actor, image);
    },
    async cleanUp(isLive) {
      for (const backend of options.backends) {
        if ((await backend.unavailable()) === undefined) await backend.cleanUp(isLive);
      }
    },
  };
}

/** The kernel lets a file grow to the limit and no further: a failure there is the limit's doing. */
function isFull(held = 0, limit = Infinity): boolean {
  return held + 8_192 >= limit;
}

interface AttemptOptions extends TaskRunnerOptions {
  readonly routes?: TaskRoutes;
  readonly spare: SpareFolders;
}

class Attempt {
  readonly #options: AttemptOptions;
  readonly #admission: Admission;
  readonly #disk: DiskGuard;
  readonly #task: RunTask;
  readonly #paths: AttemptPaths;
  readonly #guard: PathGuard;
  readonly #record: AttemptRecord;
  readonly #held: LocalBytes[] = [];
  readonly #times: { asked: number; admitted?: number; ended?: number };

  constructor(options: AttemptOptions, admission: Admission, disk: DiskGuard, task: RunTask) {
    this.#options = options;
    this.#admission = admission;
    this.#disk = disk;
    this.#task = task;
    this.#times = { asked: options.clock.now() };
    this.#paths = attemptPaths(options.directory, task.runId, task.attemptId);
    this.#record = new AttemptRecord(this.#paths.directory);
    this.#guard = new PathGuard([dirname(this.#paths.directory), ...(task.readable ?? [])]);
  }

  async run(): Promise<TaskOutcome> {
    const { asked } = this.#times;
    try {
      return this.#outcome(await this.#admitted());
    } catch (error) {
      const status = this.#task.signal?.aborted ? 'cancelled' : 'failed-to-start';
      const message = error instanceof Error ? error.message : String(error);
      const { fault } = error as { readonly fault?: StartFault };
      const times = { startedAt: asked, finishedAt: this.#options.clock.now() };
      return this.#outcome({ status, message, ...times, ...(fault && { fault }) });
    }
  }

  async #admitted(): Promise<TaskExit> {
    const { request, signal } = this.#task;
    const problem = this.#problem() ?? this.#refusal();
    if (problem) throw new NotAdmitted(problem);
    const place = await this.#admission.enter(request.resources, signal);
    this.#times.admitted = this.#options.clock.now();
    try {
      return await this.#staged(place);
    } finally {
      place.leave();
      await this.#release();
    }
  }

  #problem(): string | undefined {
    return requestProblem(this.#task.attemptId, this.#task.request, this.#ownFolder);
  }

  /** Where no task has a sandbox, this one sees its folder where that is. Whatever an engine names: in none does it. */
  get #ownFolder(): string | undefined {
    const isPlain = this.#options.backends.every(({ name }) => name === 'unsandboxed');
    return isPlain ? this.#paths.directory : undefined;
  }

  #refusal(): string | undefined {
    const { network, secrets = {} } = this.#task.request;
    const isOffered = this.#options.network ?? this.#task.networkNamespace !== undefined;
    if (network && !isOffered) {
      return 'The task asks for the network, and tasks of this run have none. On a server, runs with networkingMode VPC have one, where the operator offers it.';
    }
    if (Object.keys(secrets).length > 0 && !this.#options.secret)
      return `The task asks for the secret ${Object.values(secrets)[0]}, and no secrets are configured here.`;
    return undefined;
  }

  async key(contents: Contents): Promise<TaskKey> {
    const { request } = this.#task;
    const problem = this.#problem();
    if (problem) throw new NotAdmitted(problem);
    try {
      return await taskKey(request, { ...(await this.#imageDigest()), digestOf: this.#digester(contents) });
    } finally {
      await this.#release();
    }
  }

  #digester(contents: Contents): KeyFacts['digestOf'] {
    return async (input) => {
      const { source } = await this.#localInput(input);
      const named = input.kind === 'path' ? this.#task.digestOf?.(input.path) : undefined;
      return named ?? (await contents.digest(source!));
    };
  }

  async #imageDigest(): Promise<Pick<KeyFacts, 'imageDigest'>> {
    const { actor, request } = this.#task;
    if (request.image === undefined) return {};
    const backend = this.#backend();
    if (!backend.imageDigest) throw new NotAdmitted(`The backend ${backend.name} has no images.`);
    return { imageDigest: await backend.imageDigest(actor, request.image) };
  }

  async resume(): Promise<TaskOutcome | undefined> {
    const record = await this.#record.launch();
    const backend = this.#options.backends.find(
      (each) => record !== 'newer' && each.name === record?.backend,
    );
    if (record === undefined) return undefined;
    if (record === 'newer' || !backend?.find) {
      const reason =
        record === 'newer' ? 'a newer server recorded it' : `there is no backend ${record.backend}`;
      return await this.#runsAgain(reason);
    }
    const recorded = await this.#record.exit();
    if (recorded) await backend.discard?.(this.#task.attemptId);
    if (recorded?.status === 'cancelled')
      return await this.#runsAgain('it was cancelled when its server stopped');
    const exit = recorded ?? (await this.#found(backend, record));
    return exit && this.#outcome(exit);
  }

  async #runsAgain(reason: string): Promise<undefined> {
    const { attemptId } = this.#task;
    this.#options.log.warn(
      { attempt: attemptId, reason },
      'an attempt is not found again: the task runs anew',
    );
    for (const backend of this.#options.backends) await backend.discard?.(attemptId);
    return undefined;
  }

  async #found(backend: Backend, record: LaunchRecord): Promise<TaskExit | undefined> {
    const { devices, resources, route: way } = record.launch;
    const place = this.#admission.enterRunning(resources, devices);
    const route = way && (await this.#openRoute());
    try {
      const running = await backend.find?.(record.launch);
      return running && (await this.#followed(backend, running, record, place));
    } finally {
      await route?.close();
      place.leave();
    }
  }

  async #staged(place: Place): Promise<TaskExit> {
    const { request } = this.#task;
    const secrets = await this.#secrets();
    const staged = await stage(this.#paths, request, await this.#localInputs(), this.#ownFolder);
    this.#options.spare.make(this.#paths.temporary);
    const backend = this.#backend();
    const { stands } = staged;
    let route: OpenRoute | undefined;
    try {
      route = this.#hasNetwork ? undefined : await this.#openRoute();
      const launch = this.#launch(staged, place, route);
      const streams = namedStreams(request, this.#paths);
      const record = { backend: backend.name, launch, stands, streams };
      this.#task.signal?.throwIfAborted();
      await makeFolders(this.#paths.work, streams);
      if (backend.find) await this.#record.writeLaunch(record);
      // Values of secrets go to the backend alone, into no record.
      const running = await backend.start({ ...launch, environment: { ...launch.environment, ...secrets } });
      return await this.#followed(backend, running, record, place);
    } catch (error) {
      await this.#unstage(stands);
      await backend.discard?.(this.#task.attemptId);
      throw error;
    } finally {
      await route?.close();
    }
  }

  /** A task that does not say has the network of its run, where that has one. */
  get #hasNetwork(): boolean {
    const { networkNamespace, request } = this.#task;
    return request.network ?? networkNamespace !== undefined;
  }

  async #openRoute(): Promise<OpenRoute | undefined> {
    const { actor, attemptId, runId } = this.#task;
    return await this.#options.routes?.open({ actor, runId, attemptId }, this.#paths.directory);
  }

  async #secrets(): Promise<Record<string, string>> {
    const values: Record<string, string> = {};
    for (const [variable, name] of Object.entries(this.#task.request.secrets ?? {})) {
      const value = await this.#options.secret?.(this.#task.actor, name);
      if (value === undefined) throw new NotAdmitted(`There is no secret ${name} for this task.`);
      values[variable] = value;
    }
    return values;
  }

  #launch(staged: Staged, { gpus }: Place, route?: OpenRoute): TaskLaunch {
    const { actor, attemptId, networkNamespace, request } = this.#task;
    return {
      attemptId,
      actor,
      argv: request.argv,
      environment: { ...route?.environment, ...request.environment },
      workDirectory: request.workDirectory,
      mounts: staged.mounts,
      ...(request.image === undefined ? {} : { image: request.image }),
      ...(request.entrypoint ? { entrypoint: true } : {}),
      resources: request.resources,
      network: this.#hasNetwork,
      ...(this.#hasNetwork && networkNamespace !== undefined && { networkNamespace }),
      ...(route && { route: route.way }),
      ...(gpus.length === 0 ? {} : { devices: gpus }),
      ...(staged.stdin === undefined ? {} : { stdin: staged.stdin }),
      stdoutPath: this.#paths.stdout,
      stderrPath: bothToOne(request) ? this.#paths.stdout : this.#paths.stderr,
    };
  }

  /**
   * To the end; the next task has its place while this one is put in order. What a backend keeps so that a later server
   * finds the task goes after the end is recorded.
   */
  async #followed(
    backend: Backend,
    running: RunningTask,
    record: LaunchRecord,
    place: Place,
  ): Promise<TaskExit> {
    const { attemptId, signal } = this.#task;
    const cancel = () => void running.cancel();
    const unheard = signal && onAbort(signal, cancel);
    if (signal?.aborted) cancel();
    this.#tellStarted(running.startedAt);
    try {
      const ended = await this.#watched(running, record.launch);
      place.leave();
      this.#times.ended = this.#options.clock.now();
      const exit = await this.#placed(ended, record);
      await this.#unstage(record.stands);
      if (backend.find) await this.#record.writeExit(exit);
      await backend.discard?.(attemptId);
      return exit;
    } finally {
      unheard?.();
    }
  }

  /** While its files are looked at. */
  async #watched(running: RunningTask, { resources: { diskBytes } }: TaskLaunch): Promise<TaskExit> {
    const { directory, stderr, stdout, temporary, volumes, work } = this.#paths;
    const { storageBytes } = this.#task;
    const watch = this.#disk.watch({
      roots: [work, temporary, volumes, stdout, stderr],
      ...(diskBytes === undefined ? {} : { limitBytes: diskBytes }),
      ...(storageBytes === undefined
        ? {}
        : { run: { folder: dirname(directory), limitBytes: storageBytes } }),
      end: () => void running.cancel({ atOnce: true }),
    });
    const exit = await running.exit;
    const { peakBytes, reason } = await watch.stop();
    const seen = peakBytes === undefined ? exit : { ...exit, peakDiskBytes: peakBytes };
    if (reason !== undefined) return { ...seen, status: 'out-of-disk', message: reason };
    const full = exit.status === 'exited' && exit.exitCode !== 0 && isFull(peakBytes, diskBytes);
    return full ? { ...seen, status: 'out-of-disk', message: overLimit(peakBytes!, diskBytes!) } : seen;
  }

  /** A task that leads its own output astray has no result. */
  async #placed(exit: TaskExit, { streams = [] }: LaunchRecord): Promise<TaskExit> {
    if (exit.status === 'failed-to-start') return exit;
    try {
      await placeStreams(this.#paths.work, streams);
      return exit;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `The task's output could not be put into its work directory: ${reason}`;
      return { ...exit, status: 'failed-to-start', message };
    }
  }

  async #unstage(stands: readonly string[]): Promise<void> {
    await removeStands(this.#paths.work, stands);
    await this.#options.spare.leave(this.#paths.temporary);
    if (this.#task.request.volumes?.length) await removeFolder(this.#paths.volumes);
  }

  #tellStarted(startedAt = this.#options.clock.now()): void {
    const { stdout, stderr } = this.#paths;
    this.#task.onStarted?.({ startedAt, stdoutPath: stdout, stderrPath: stderr });
  }

  #backend(): Backend {
    const { image } = this.#task.request;
    const wanted = image === undefined ? ['sandbox', 'unsandboxed'] : ['container'];
    const backend = this.#options.backends.find(({ name }) => wanted.includes(name));
    if (backend) return backend;
    throw new NotAdmitted(
      image !== undefined
        ? `The task names the image ${image}, and no container backend is configured here.`
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
    return { ...exit, ...this.#phases(exit), workDirectory: work, stdoutPath: stdout, stderrPath: stderr };
  }

  /** Nothing where it never ran, or where another server saw its beginning. */
  #phases({ startedAt }: TaskExit): { readonly phases?: TaskPhases } {
    const { admitted, asked, ended } = this.#times;
    if (admitted === undefined || ended === undefined) return {};
    const stageOut = Math.max(0, this.#options.clock.now() - ended);
    const stageIn = Math.max(0, startedAt - admitted);
    return { phases: { queue: admitted - asked, stageIn, run: Math.max(0, ended - startedAt), stageOut } };
  }
}
