import { constants } from 'node:os';
import type { Clock, Log } from '@helicase/kernel';
import type { Backend, RunningTask, TaskLaunch } from '../backend.ts';
import { signalProcessGroup } from '../cgroup/signal-all.ts';
import type { Program } from '../process/program.ts';
import { runProgram } from '../process/run-program.ts';
import type { Ending } from '../process/supervise.ts';
import { TaskPlaces } from '../process/task-places.ts';
import { linkMounts, unlinkMounts } from './links.ts';

export interface UnsandboxedOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Folder that keeps the compiled launcher, which may be shared. */
  readonly programs: string;
  /** Where tasks look for programs: the user's PATH. */
  readonly path: string;
  /** Milliseconds between SIGTERM and SIGKILL; DEFAULT_GRACE unless told. */
  readonly grace?: number;
}

/**
 * Tasks as plain processes of the user, who asked for it on the command line: nothing keeps them from any file that the
 * user may read or write, from the network or from the machine's memory. A server never has this backend.
 */
export function createUnsandboxedBackend(options: UnsandboxedOptions): Backend {
  const { clock, grace, log, programs } = options;
  const places = new TaskPlaces({ clock, log, programs, groups: () => 'unlimited' });
  return {
    name: 'unsandboxed',
    unavailable: async () => undefined,
    async start(launch) {
      // The launcher ends whatever a task leaves running; a shell would not.
      await places.prepare();
      const links = await linkMounts(launch);
      const running = await runProgram({
        ...{ clock, launch, program: plainProgram(launch, options.path) },
        place: places.take(launch.attemptId, { ...launch.resources, processes: Infinity }),
        ...(grace === undefined ? {} : { grace }),
        exitCode,
        complaint: async ({ spawnError }) =>
          `${launch.argv[0] ?? 'The task'} could not be started: ${spawnError?.message ?? 'no reason was given'}.`,
        terminate: (started) => {
          const id = started.id();
          if (id !== undefined) signalProcessGroup(id, 'SIGTERM');
        },
      });
      return withoutLinks(running, links);
    },
    cleanUp: async () => {},
    close: () => places.close(),
  };
}

function withoutLinks(running: RunningTask, links: readonly string[]): RunningTask {
  const exit = running.exit.finally(() => unlinkMounts(links));
  return {
    exit,
    async cancel(how) {
      await running.cancel(how);
      await exit;
    },
  };
}

function plainProgram(launch: TaskLaunch, path: string): Program {
  const { argv, environment, resources, stderrPath, stdin = '/dev/null', stdoutPath, workDirectory } = launch;
  const { diskBytes } = resources;
  return {
    command: argv,
    environment: { PATH: path, LANG: 'C.UTF-8', ...environment },
    folder: workDirectory,
    ...{ stdin, stdoutPath, stderrPath },
    ...(diskBytes === undefined ? {} : { fileBytes: Math.floor(diskBytes) }),
  };
}

/** As a shell tells it: 128 and the signal's number where one ended it. */
function exitCode({ code, signal }: Ending): number | undefined {
  return signal === null ? (code ?? undefined) : 128 + constants.signals[signal];
}
