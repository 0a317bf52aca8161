import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Log, runCommand } from '@helicase/kernel';
import type { Backend, RunningTask, TaskExit, TaskLaunch } from '../backend.ts';
import type { ControlGroup, ControlGroups } from '../cgroup/control-group.ts';
import { emptyAndRemove } from '../cgroup/empty.ts';
import { signalAll } from '../cgroup/signal-all.ts';
import { lastLines } from '../process/last-lines.ts';
import { openStreams } from '../process/streams.ts';
import { Supervisor } from '../process/supervise.ts';
import { judgeExit } from '../process/task-exit.ts';
import { ImageUnavailable } from './image-source.ts';
import { ImageStore, type LocalImage } from './image-store.ts';
import { imageUser } from './image-user.ts';
import { ociSpec } from './oci-spec.ts';
import { overlayRun } from './overlay-run.ts';

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
  /** Milliseconds between SIGTERM and SIGKILL; 2,000 unless told. */
  readonly grace?: number;
  /** Processes and threads of one task; 4,096 unless told. */
  readonly processes?: number;
}

const DEFAULT_GRACE = 2_000;
const DEFAULT_PROCESSES = 4_096;
/** How runc and crun say that `run` came to nothing. */
const FAILED_RUN = /"level":"error"/;
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
      for (const program of [this.#runtime, 'skopeo', 'umoci']) await runCommand(program, ['--version']);
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `Containers cannot be run here: ${reason}. ${REMEDY}`;
    }
  }

  async start(launch: TaskLaunch): Promise<RunningTask> {
    const image = await this.#image(launch);
    if (typeof image === 'string') return failed(image, this.#options.clock.now());
    const group = this.#controlGroups().open(launch.attemptId);
    await this.#prepare(launch, image);
    return this.#spawn(launch, image, group);
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

  async #image(launch: TaskLaunch): Promise<LocalImage | string> {
    try {
      return await this.#options.images.resolve(launch.image ?? '');
    } catch (error) {
      if (error instanceof ImageUnavailable) return error.message;
      throw error;
    }
  }

  /** The container's folder: its description, and the layer into which the places for mounts are made. */
  async #prepare(launch: TaskLaunch, image: LocalImage): Promise<void> {
    const bundle = this.#bundle(launch.attemptId);
    for (const folder of ['rootfs', 'upper', 'layer-work'])
      await mkdir(join(bundle, folder), { recursive: true });
    const user = await imageUser(image.rootfs, image.config.User ?? '');
    if (user.uid !== 0) await openToAll(launch);
    const hosts = join(bundle, 'hosts');
    await writeFile(hosts, '127.0.0.1\tlocalhost\n::1\tlocalhost\n');
    const spec = ociSpec({
      ...{ launch, user, hosts },
      rootfs: join(bundle, 'rootfs'),
      imageEnvironment: image.config.Env ?? [],
      cgroupsPath: this.#controlGroups().hierarchyPath(launch.attemptId),
      processes: this.#options.processes ?? DEFAULT_PROCESSES,
    });
    await writeFile(join(bundle, 'config.json'), JSON.stringify(spec));
  }

  async #spawn(launch: TaskLaunch, image: LocalImage, group: ControlGroup): Promise<RunningTask> {
    const { clock, grace = DEFAULT_GRACE } = this.#options;
    const streams = await openStreams(launch);
    const startedAt = clock.now();
    const [program, args] = overlayRun(
      image.rootfs,
      this.#bundle(launch.attemptId),
      this.#command(launch.attemptId),
    );
    const child = spawn(program, args, {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      cwd: '/',
      stdio: [...streams.descriptors],
    });
    const { timeoutSeconds } = launch.resources;
    const supervisor = new Supervisor({
      ...{ child, clock, grace },
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      terminate: () => signalAll(group.processes(), 'SIGTERM'),
      kill: () => {
        group.kill();
        // Before its group exists the container is but the runtime's process.
        if (group.processes().length === 0) child.kill('SIGKILL');
      },
    });
    const exit = this.#finish(launch, image, group, supervisor, startedAt);
    await streams.close();
    const cancel = async () => {
      await supervisor.cancel();
      await exit;
    };
    return { exit, cancel };
  }

  async #finish(
    launch: TaskLaunch,
    image: LocalImage,
    group: ControlGroup,
    supervisor: Supervisor,
    startedAt: number,
  ): Promise<TaskExit> {
    const ending = await supervisor.ending;
    const finishedAt = this.#options.clock.now();
    // The runtime's own exit code cannot be told from the task's; its log, which the task cannot reach, tells. No log
    // at all: the runtime never began, because the image's layer could not be mounted.
    const log = await readFile(join(this.#bundle(launch.attemptId), 'log'), 'utf8').catch(() => undefined);
    const started = log !== undefined && !FAILED_RUN.test(log);
    const usage = started ? group.usage() : undefined;
    const reason =
      ending.spawnError?.message ?? lastMessage(log ?? '') ?? (await lastLines(launch.stderrPath, 1));
    await this.#removeQuietly(launch.attemptId, group);
    const exitCode = started && ending.code !== null ? ending.code : undefined;
    const exit = await judgeExit({
      ...{ ending, usage, startedAt, finishedAt, exitCode },
      complaint: async () => complaint(launch, reason),
    });
    return { ...exit, imageDigest: image.digest };
  }

  #command(attemptId: string): string[] {
    const bundle = this.#bundle(attemptId);
    const log = ['--log', join(bundle, 'log'), '--log-format', 'json'];
    return [this.#runtime, '--root', this.#state(), ...log, 'run', '--keep', '--bundle', bundle, attemptId];
  }

  async #removeQuietly(attemptId: string, group: ControlGroup): Promise<void> {
    try {
      await this.#remove(attemptId, group);
    } catch (error) {
      this.#options.log.error({ attemptId, error }, 'a container was not removed entirely');
    }
  }

  async #remove(attemptId: string, group: ControlGroup): Promise<void> {
    await killAll(group, this.#options.clock);
    if (await exists(join(this.#state(), attemptId))) {
      await runCommand(this.#runtime, ['--root', this.#state(), 'delete', '--force', attemptId]);
    }
    await emptyAndRemove(group, this.#options.clock);
    await rm(this.#bundle(attemptId), { recursive: true, force: true });
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

  #bundle(attemptId: string): string {
    return join(this.#bundles(), attemptId);
  }
}

function failed(message: string, now: number): RunningTask {
  const exit: TaskExit = { status: 'failed-to-start', message, startedAt: now, finishedAt: now };
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

/** runc's log: one JSON object a line. */
function lastMessage(lines: string): string | undefined {
  const messages = [...lines.matchAll(/"level":"error","msg":("(?:[^"\\]|\\.)*")/g)];
  const last = messages.at(-1)?.[1];
  return last === undefined ? undefined : (JSON.parse(last) as string);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function list(path: string): Promise<string[]> {
  return await readdir(path).catch(() => []);
}
