import { join } from 'node:path';
import { type Clock, type Log, runCommand } from '@helicase/kernel';
import type { Backend, RunningTask, TaskLaunch } from '../backend.ts';
import type { ControlGroups } from '../cgroup/control-group.ts';
import { lastLines } from '../process/last-lines.ts';
import type { Program } from '../process/program.ts';
import { runProgram } from '../process/run-program.ts';
import { type TaskPlace, TaskPlaces } from '../process/task-places.ts';
import { isAtOrWithin } from '../path-guard.ts';
import { onItsWay } from '../task-route.ts';
import { environmentArguments, sandboxArguments } from './arguments.ts';
import { type HostView, makeHostView, removeOldSettings } from './host-view.ts';

export interface SandboxOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The backend's own folder. */
  readonly directory: string;
  /** Folder that keeps the compiled launcher, which may be shared; `programs` in the backend's own unless told. */
  readonly programs?: string;
  /** What compiles it; `cc` unless told. */
  readonly compiler?: string;
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
const SETTINGS_LOOK_MILLISECONDS = 1_000;

/** Tasks with the host's own tools in bubblewrap: read-only, no network, private /tmp, limits by control groups. */
export function createSandboxBackend(options: SandboxOptions): Backend {
  return new Sandbox(options);
}

class Sandbox implements Backend {
  readonly name = 'sandbox';
  readonly #options: SandboxOptions;
  readonly #places: TaskPlaces;
  #view: Promise<HostView> | undefined;
  #viewedAt = 0;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#places = new TaskPlaces({
      ...options,
      // A launcher that is apart sees nothing there.
      apart: !options.expose?.some((path) => isAtOrWithin(path, '/sys') || isAtOrWithin(path, '/dev')),
      programs: options.programs ?? join(options.directory, 'programs'),
    });
  }

  async unavailable(): Promise<string | undefined> {
    try {
      await this.#places.prepare();
      return await probe(await this.#hostView());
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async start(launch: TaskLaunch): Promise<RunningTask> {
    const { clock, grace, processes = DEFAULT_PROCESSES } = this.#options;
    const view = await this.#hostView();
    const { cpus, memoryBytes } = launch.resources;
    const place = this.#places.take(launch.attemptId, { cpus, memoryBytes, processes });
    return runProgram({
      ...{ clock, launch, place },
      program: sandboxed(view, launch, place),
      ...(grace === undefined ? {} : { grace }),
      exitCode: (_ending, started) => exitCodeOf(started.status()),
      complaint: ({ spawnError }) => complaint(launch, spawnError),
      // bubblewrap would not pass the signal on; with --die-with-parent everything inside goes with it.
      terminate: (started) => started.kill(),
    });
  }

  async cleanUp(isLive: (attemptId: string) => boolean): Promise<void> {
    await this.#places.cleanUp(isLive);
    const { directory, expose = [] } = this.#options;
    const made = this.#view?.catch(() => undefined);
    // Never while a copy is being made, and whoever wants one meanwhile waits for a new one.
    const removed = (async () => {
      await made;
      await removeOldSettings(directory);
    })();
    this.#view = removed.then(() => makeHostView(directory, expose));
    this.#view.catch(() => {}); // told to whoever asks for it
    await removed;
  }

  async close(): Promise<void> {
    await this.#places.close();
  }

  /** Settings that the operator changed are seen by tasks that start a little later. */
  async #hostView(): Promise<HostView> {
    const { clock, directory, expose = [] } = this.#options;
    const now = clock.now();
    if (now - this.#viewedAt > SETTINGS_LOOK_MILLISECONDS) {
      this.#viewedAt = now;
      const view = await this.#view?.catch(() => undefined); // what failed is tried again
      if (!view?.isCurrent()) this.#view = undefined;
    }
    return (this.#view ??= makeHostView(directory, expose));
  }
}

function sandboxed(view: HostView, launch: TaskLaunch, place: TaskPlace): Program {
  const { diskBytes } = launch.resources;
  return {
    command: onItsWay(launch, [BUBBLEWRAP, ...sandboxArguments(view, launch, place)]),
    hostNetwork: launch.network,
    // Nothing of the server's own environment: it may hold secrets.
    environment: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    folder: '/',
    stdin: launch.stdin ?? '/dev/null',
    stdoutPath: launch.stdoutPath,
    stderrPath: launch.stderrPath,
    input: environmentArguments(launch),
    ...(diskBytes === undefined ? {} : { fileBytes: Math.floor(diskBytes) }),
  };
}

/** bubblewrap tells an exit code only of a task that was started; 128 and the signal's number where one ended it. */
function exitCodeOf(status: string): number | undefined {
  const match = /"exit-code"\s*:\s*(\d+)/.exec(status);
  return match ? Number(match[1]) : undefined;
}

async function complaint(launch: TaskLaunch, spawnError: Error | undefined): Promise<string> {
  if (spawnError) return `The sandbox could not be started: ${spawnError.message}.`;
  const said = (await lastLines(launch.stderrPath, 1)).replace(/^(bwrap|relay): /, '');
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
