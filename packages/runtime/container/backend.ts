import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Actor, type Clock, type Log, runCommand } from '@helicase/kernel';
import type { Backend, RunningTask, TaskExit, TaskLaunch } from '../backend.ts';
import type { ControlGroup, ControlGroups } from '../cgroup/control-group.ts';
import { emptyAndRemove } from '../cgroup/empty.ts';
import { signalAll } from '../cgroup/signal-all.ts';
import { lastLines } from '../process/last-lines.ts';
import { openStreams } from '../process/streams.ts';
import { childEnding, DEFAULT_GRACE, type Ending, Supervisor } from '../process/supervise.ts';
import { judgeExit } from '../process/task-exit.ts';
import { onItsWay } from '../task-route.ts';
import { bootId, Bundle, type ContainerFacts } from './bundle.ts';
import { gpuAccess } from './gpu-access.ts';
import { ImageUnavailable } from './image-source.ts';
import { ImageStore, type LocalImage } from './image-store.ts';
import { imageUser } from './image-user.ts';
import { ociSpec } from './oci-spec.ts';
import { overlayRun } from './overlay-run.ts';
import { readRuntimeLog } from './runtime-log.ts';

export interface ContainerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The backend's own folder: the runtime's state and what each container needs while it runs. */
  readonly directory: string;
  readonly images: ImageStore;
  /** Called at first use. Throws ControlGroupsUnavailable. Not the sandbox's: another owner. */
  readonly groups: () => ControlGroups;
  /** `runc` unless told. */
  readonly runtime?: string;
  /** Milliseconds between SIGTERM and SIGKILL; DEFAULT_GRACE unless told. */
  readonly grace?: number;
  /** Processes and threads of one task; 4,096 unless told. */
  readonly processes?: number;
}

const DEFAULT_PROCESSES = 4_096;
const REMEDY =
  'Install them (apt-get install runc skopeo umoci) and run the server as root with writable control groups.';

/** Tasks in OCI images, by runc itself: no daemon, exact limits, an exact answer about memory. */
export function createContainerBackend(options: ContainerOptions): Backend {
  return new Containers(options);
}

class Containers implements Backend {
  readonly name = 'container';
  readonly #options: ContainerOptions;
  readonly #runtime: string;
  #groups: ControlGroups | undefined;

  constructor(options: ContainerOptions) {
    this.#options = options;
    this.#runtime = options.runtime ?? 'runc';
  }

  async unavailable(): Promise<string | undefined> {
    if (process.platform !== 'linux') return 'Containers are run by runc, which needs Linux.';
    if (process.getuid?.() !== 0) return `Images are unpacked and mounted by root. ${REMEDY}`;
    try {
      this.#controlGroups();
      for (const program of [this.#runtime, 'skopeo', 'umoci', 'flock'])
        await runCommand(program, ['--version']);
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `Containers cannot be run here: ${reason}. ${REMEDY}`;
    }
  }

  async imageDigest(actor: Actor, image: string): Promise<string> {
    return (await this.#options.images.resolve(actor, image)).digest;
  }

  async start(launch: TaskLaunch): Promise<RunningTask> {
    const image = await this.#image(launch);
    if (image instanceof ImageUnavailable) return failed(image, this.#options.clock.now());
    const bundle = await this.#prepare(launch, image);
    const facts = {
      startedAt: this.#options.clock.now(),
      imageDigest: image.digest,
      boot: await bootId(),
    };
    await bundle.record(facts);
    const streams = await openStreams(launch);
    try {
      return this.#watch(launch, bundle, facts, this.#spawn(launch, image, bundle, streams.descriptors));
    } finally {
      await streams.close();
    }
  }

  imageProblem(actor: Actor, image: string): Promise<string | undefined> {
    return this.#options.images.problem(actor, image);
  }

  async find(launch: TaskLaunch): Promise<RunningTask | undefined> {
    const bundle = this.#bundle(launch.attemptId);
    const facts = await bundle.facts();
    const lost = facts
      ? await this.#whyLost(bundle, facts)
      : 'nothing of it is recorded that this server reads';
    if (facts && lost === undefined) {
      const ended = await bundle.ended();
      return ended
        ? this.#alreadyEnded(launch, bundle, facts, ended.at)
        : this.#watch(launch, bundle, facts, bundle.watch());
    }
    this.#options.log.warn({ attemptId: launch.attemptId, reason: lost }, 'a container was not found again');
    await this.discard(launch.attemptId);
    return undefined;
  }

  async discard(attemptId: string): Promise<void> {
    if (!(await exists(this.#bundle(attemptId).directory))) return;
    const group = this.#controlGroups().open(attemptId);
    try {
      await this.#remove(attemptId, group);
    } catch (error) {
      this.#options.log.error({ attemptId, error }, 'a container was not removed entirely');
    }
  }

  async cleanUp(isLive: (attemptId: string) => boolean): Promise<void> {
    const groups = this.#controlGroups();
    const names = new Set([
      ...groups.list(),
      ...(await list(this.#state())),
      ...(await list(this.#bundles())),
    ]);
    for (const name of names) {
      if (!isLive(name)) await this.#remove(name, groups.open(name));
    }
  }

  /** Why a recorded container can tell no exit any more; undefined where it can. */
  async #whyLost(bundle: Bundle, facts: ContainerFacts): Promise<string | undefined> {
    if (facts.boot !== (await bootId())) return 'the machine was started anew';
    if ((await bundle.ended()) || !(await bundle.revoke()) || (await bundle.ended())) return undefined;
    return 'its supervisor is gone and left no exit code';
  }

  async #image(launch: TaskLaunch): Promise<LocalImage | ImageUnavailable> {
    try {
      return await this.#options.images.resolve(launch.actor, launch.image ?? '');
    } catch (error) {
      if (error instanceof ImageUnavailable) return error;
      throw error;
    }
  }

  /** The container's folder: its description, and the layer into which the places for mounts are made. */
  async #prepare(launch: TaskLaunch, image: LocalImage): Promise<Bundle> {
    const bundle = this.#bundle(launch.attemptId);
    await bundle.make();
    const user = await imageUser(image.rootfs, image.config.User ?? '');
    if (user.uid !== 0) await openToAll(launch);
    const gpu = await gpuAccess(launch.devices ?? []);
    await writeFile(bundle.hosts, '127.0.0.1\tlocalhost\n::1\tlocalhost\n');
    const spec = ociSpec({
      ...{ launch, user, hosts: bundle.hosts, rootfs: bundle.rootfs },
      ...(gpu && { gpu }),
      imageEnvironment: image.config.Env ?? [],
      command: commandOf(launch, image),
      cgroupsPath: this.#controlGroups().hierarchyPath(launch.attemptId),
      processes: this.#options.processes ?? DEFAULT_PROCESSES,
    });
    await writeFile(bundle.config, JSON.stringify(spec));
    return bundle;
  }

  #spawn(
    launch: TaskLaunch,
    image: LocalImage,
    bundle: Bundle,
    descriptors: readonly number[],
  ): ChildProcess {
    const command = onItsWay(launch, this.#command(launch.attemptId, bundle));
    const [program, args] = overlayRun(image.rootfs, bundle, command);
    return spawn(program, args, {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      cwd: '/',
      detached: true, // a session of its own: it outlives the server
      stdio: [...descriptors],
    });
  }

  /** Follows a container to its end through a process that ends with it: its supervisor, or one that waits for that. */
  #watch(launch: TaskLaunch, bundle: Bundle, facts: ContainerFacts, child: ChildProcess): RunningTask {
    const { clock, grace = DEFAULT_GRACE } = this.#options;
    const group = this.#controlGroups().open(launch.attemptId);
    const { timeoutSeconds } = launch.resources;
    const passed = (clock.now() - facts.startedAt) / 1000;
    const supervisor = new Supervisor({
      ...{ ended: childEnding(child), clock, grace },
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds: Math.max(0, timeoutSeconds - passed) }),
      terminate: () => signalAll(group.processes(), 'SIGTERM'),
      kill: () => {
        group.kill();
        // Before its group exists the container is but the runtime's process.
        if (group.processes().length === 0) void bundle.killSupervisor();
      },
    });
    const exit = supervisor.ending.then((ending) => this.#judge(launch, bundle, facts, ending));
    const cancel: RunningTask['cancel'] = async (how) => {
      await supervisor.cancel(how);
      await exit;
    };
    return { startedAt: facts.startedAt, exit, cancel };
  }

  /** Nobody was there to end it at its limit: what came later came too late. */
  #alreadyEnded(launch: TaskLaunch, bundle: Bundle, facts: ContainerFacts, at: number): RunningTask {
    const { timeoutSeconds = Infinity } = launch.resources;
    const late = at - facts.startedAt > timeoutSeconds * 1000;
    const ending: Ending = { code: null, signal: null, ...(late ? { reason: 'timed-out' } : {}) };
    const exit = this.#judge(launch, bundle, facts, ending);
    return { startedAt: facts.startedAt, exit, cancel: async () => void (await exit) };
  }

  async #judge(
    launch: TaskLaunch,
    bundle: Bundle,
    { startedAt, imageDigest }: ContainerFacts,
    ending: Ending,
  ): Promise<TaskExit> {
    const ended = await bundle.ended();
    // The runtime's own exit code cannot be told from the task's; its log, which the task cannot reach, tells. No log
    // at all: the runtime never began, because the image's layer could not be mounted.
    const log = await readRuntimeLog(bundle.log);
    const started = log?.error === undefined && log !== undefined;
    const group = this.#controlGroups().open(launch.attemptId);
    const usage = started ? group.usage() : undefined;
    const reason = ending.spawnError?.message ?? log?.error ?? (await lastLines(launch.stderrPath, 1));
    // Without its supervisor the container's end can never be told.
    if (!ended) await killAll(group, this.#options.clock);
    const exit = await judgeExit({
      ending: ended || !started ? ending : { ...ending, signal: 'SIGKILL' },
      ...{ usage, startedAt, finishedAt: Math.max(startedAt, ended?.at ?? this.#options.clock.now()) },
      exitCode: started ? ended?.code : undefined,
      complaint: async () => complaint(launch, reason),
    });
    return { ...exit, imageDigest };
  }

  #command(attemptId: string, { directory, log }: Bundle): string[] {
    const logging = ['--log', log, '--log-format', 'json'];
    const run = ['run', '--keep', '--bundle', directory, attemptId];
    return [this.#runtime, '--root', this.#state(), ...logging, ...run];
  }

  async #remove(attemptId: string, group: ControlGroup): Promise<void> {
    const bundle = this.#bundle(attemptId);
    const waiting = !(await bundle.revoke());
    await killAll(group, this.#options.clock);
    if (waiting) await this.#endSupervisor(bundle, group);
    if (await exists(join(this.#state(), attemptId))) {
      await runCommand(this.#runtime, ['--root', this.#state(), 'delete', '--force', attemptId]);
    }
    await emptyAndRemove(group, this.#options.clock);
    await bundle.remove();
  }

  /** It ends by itself right after its container, unless there was none yet. */
  async #endSupervisor(bundle: Bundle, group: ControlGroup): Promise<void> {
    for (let tries = 0; tries < 10 && !(await bundle.revoke()); tries++) await this.#options.clock.sleep(50);
    await bundle.killSupervisor();
    await killAll(group, this.#options.clock);
  }

  #controlGroups(): ControlGroups {
    return (this.#groups ??= this.#options.groups());
  }

  #state(): string {
    return join(this.#options.directory, 'state');
  }

  #bundles(): string {
    return join(this.#options.directory, 'bundles');
  }

  #bundle(attemptId: string): Bundle {
    return new Bundle(join(this.#bundles(), attemptId));
  }
}

function failed({ fault, message }: ImageUnavailable, now: number): RunningTask {
  const times = { startedAt: now, finishedAt: now };
  const exit: TaskExit = { status: 'failed-to-start', message, fault, ...times };
  return { exit: Promise.resolve(exit), cancel: async () => {} };
}

/** An image with a user of its own writes as that user. The folders lie inside the server's private ones. */
async function openToAll(launch: TaskLaunch): Promise<void> {
  for (const mount of launch.mounts) if (!mount.readOnly) await chmod(mount.source, 0o777);
}

async function killAll(group: ControlGroup, clock: Clock): Promise<void> {
  for (let attempt = 0; attempt < 100 && group.processes().length > 0; attempt++) {
    group.kill();
    await clock.sleep(Math.min(2 ** attempt, 100));
  }
}

function complaint(launch: TaskLaunch, reason: string): string {
  const what = `${launch.argv[0] ?? 'the task'} in ${launch.image}`;
  return `The container could not start ${what}: ${reason || 'the runtime gave no reason'}.`;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function list(path: string): Promise<string[]> {
  return await readdir(path).catch(() => []);
}

/** "Arguments are appended to ENTRYPOINT and override CMD", for a task that has the image's entrypoint. */
function commandOf({ argv, entrypoint }: TaskLaunch, { config }: LocalImage): readonly string[] {
  if (!entrypoint) return argv;
  return [...(config.Entrypoint ?? []), ...(argv.length > 0 ? argv : (config.Cmd ?? []))];
}
