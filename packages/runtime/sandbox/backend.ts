import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { type Clock, type Log, runCommand } from '@helicase/kernel';
import type { Backend, RunningTask, TaskExit, TaskLaunch } from '../backend.ts';
import type { ControlGroup, ControlGroups } from '../cgroup/control-group.ts';
import { emptyAndRemove } from '../cgroup/empty.ts';
import { signalAll } from '../cgroup/signal-all.ts';
import { enterGroup, SHELL } from '../process/enter-group.ts';
import { lastLines } from '../process/last-lines.ts';
import { openStreams } from '../process/streams.ts';
import { DEFAULT_GRACE, Supervisor } from '../process/supervise.ts';
import { judgeExit } from '../process/task-exit.ts';
import {
  ENVIRONMENT_DESCRIPTOR,
  environmentArguments,
  sandboxArguments,
  STATUS_DESCRIPTOR,
} from './arguments.ts';
import { type HostView, makeHostView } from './host-view.ts';

export interface SandboxOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The backend's own folder. */
  readonly directory: string;
  /** Called at first use. Throws ControlGroupsUnavailable; answers 'unlimited' where the operator gave up limits. */
  readonly groups: () => ControlGroups | 'unlimited';
  /** Further host folders that tasks see, read-only: `/nix`, `/sw`. */
  readonly expose?: readonly string[];
  /** Milliseconds between SIGTERM and SIGKILL; DEFAULT_GRACE unless told. */
  readonly grace?: number;
  /** Processes and threads of one task; 4,096 unless told. */
  readonly processes?: number;
}

const BUBBLEWRAP = 'bwrap';
const DEFAULT_PROCESSES = 4_096;

/** Tasks with the host's own tools in bubblewrap: read-only, no network, private /tmp, limits by control groups. */
export function createSandboxBackend(options: SandboxOptions): Backend {
  return new Sandbox(options);
}

class Sandbox implements Backend {
  readonly name = 'sandbox';
  readonly #options: SandboxOptions;
  #view: Promise<HostView> | undefined;
  #groups: ControlGroups | 'unlimited' | undefined;

  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  async unavailable(): Promise<string | undefined> {
    try {
      this.#controlGroups();
      return await probe(await this.#hostView());
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async start(launch: TaskLaunch): Promise<RunningTask> {
    const { clock, grace = DEFAULT_GRACE } = this.#options;
    const view = await this.#hostView();
    const streams = await openStreams(launch);
    const group = this.#createGroup(launch);
    const startedAt = clock.now();
    const child = spawnInside(group, view, launch, streams.descriptors);
    const status = gatherStatus(child);
    const { timeoutSeconds } = launch.resources;
    const supervisor = new Supervisor({
      child,
      clock,
      grace,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      terminate: () => terminate(group, child),
      kill: () => (group ? group.kill() : child.kill('SIGKILL')),
    });
    const exit = this.#finish(launch, supervisor, status, group, startedAt);
    await streams.close();
    return {
      exit,
      cancel: async (how) => {
        await supervisor.cancel(how);
        await exit;
      },
    };
  }

  async cleanUp(isLive: (attemptId: string) => boolean): Promise<void> {
    const groups = this.#controlGroups();
    if (groups === 'unlimited') return;
    const dead = groups.list().filter((name) => !isLive(name));
    await Promise.all(dead.map((name) => emptyAndRemove(groups.open(name), this.#options.clock)));
    if (dead.length > 0)
      this.#options.log.info({ attempts: dead }, 'removed control groups of dead attempts');
  }

  async #finish(
    launch: TaskLaunch,
    supervisor: Supervisor,
    status: () => string,
    group: ControlGroup | undefined,
    startedAt: number,
  ): Promise<TaskExit> {
    const ending = await supervisor.ending;
    const finishedAt = this.#options.clock.now();
    const usage = group?.usage();
    if (group) await this.#remove(group);
    return judgeExit({
      ending,
      usage,
      startedAt,
      finishedAt,
      exitCode: exitCodeOf(status()),
      complaint: () => complaint(launch, ending.spawnError),
    });
  }

  /** A group that cannot be emptied is left to the next clean-up: the task's own result stands. */
  async #remove(group: ControlGroup): Promise<void> {
    try {
      await emptyAndRemove(group, this.#options.clock);
    } catch (error) {
      this.#options.log.error({ group: group.name, error }, 'a control group could not be removed');
    }
  }

  #createGroup(launch: TaskLaunch): ControlGroup | undefined {
    const groups = this.#controlGroups();
    if (groups === 'unlimited') return undefined;
    const { cpus, memoryBytes } = launch.resources;
    return groups.create(launch.attemptId, {
      cpus,
      memoryBytes,
      processes: this.#options.processes ?? DEFAULT_PROCESSES,
    });
  }

  #controlGroups(): ControlGroups | 'unlimited' {
    return (this.#groups ??= this.#options.groups());
  }

  #hostView(): Promise<HostView> {
    return (this.#view ??= makeHostView(this.#options.directory, this.#options.expose ?? []));
  }
}

function spawnInside(
  group: ControlGroup | undefined,
  view: HostView,
  launch: TaskLaunch,
  streams: readonly [number, number, number],
): ChildProcess {
  const command = [BUBBLEWRAP, ...sandboxArguments(view, launch)];
  const child = spawn(SHELL, enterGroup(group?.entrances ?? [], command, launch.resources.diskBytes), {
    // Nothing of the server's own environment: it may hold secrets.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    cwd: '/',
    stdio: [...streams, 'pipe', 'pipe'],
  });
  const environment = child.stdio[ENVIRONMENT_DESCRIPTOR] as Writable | undefined;
  environment?.on('error', () => {}); // it ended before it read it: its exit tells
  environment?.end(environmentArguments(launch));
  return child;
}

/** bubblewrap itself must live on to tell how the task ended, and would not pass the signal on. */
function terminate(group: ControlGroup | undefined, child: ChildProcess): void {
  if (!group) {
    child.kill('SIGKILL'); // with --die-with-parent everything inside goes with it
    return;
  }
  signalAll(
    group.processes().filter((id) => id !== child.pid),
    'SIGTERM',
  );
}

function gatherStatus(child: ChildProcess): () => string {
  let text = '';
  child.stdio[STATUS_DESCRIPTOR]?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return () => text;
}

/** bubblewrap tells an exit code only of a task that was started; 128 and the signal's number where one ended it. */
function exitCodeOf(status: string): number | undefined {
  const match = /"exit-code"\s*:\s*(\d+)/.exec(status);
  return match ? Number(match[1]) : undefined;
}

async function complaint(launch: TaskLaunch, spawnError: Error | undefined): Promise<string> {
  if (spawnError) return `The sandbox could not be started: ${spawnError.message}.`;
  const said = (await lastLines(launch.stderrPath, 1)).replace(/^bwrap: /, '');
  return `The sandbox could not start ${launch.argv[0] ?? 'the task'}: ${said || 'no reason was given'}.`;
}

async function probe(view: HostView): Promise<string | undefined> {
  const remedy = 'Install bubblewrap (apt-get install bubblewrap) and allow unprivileged user namespaces.';
  const args = ['--unshare-all', '--unshare-user', '--disable-userns', ...view.base, '--', 'true'];
  try {
    const { code, stderr } = await runCommand(BUBBLEWRAP, args, { timeout: 10_000 });
    return code === 0 ? undefined : `bubblewrap does not work here: ${stderr.trim()}. ${remedy}`;
  } catch (error) {
    return `bubblewrap cannot be run: ${error instanceof Error ? error.message : String(error)}. ${remedy}`;
  }
}
