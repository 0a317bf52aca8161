import { existsSync } from 'node:fs';
import type { Mount, TaskLaunch } from '../backend.ts';
import { GPU_PROGRAMS, gpuNodes, withGpuPaths } from '../gpus.ts';
import type { HostView } from './host-view.ts';

const TASK_USER = '1000';

/** The descriptor on which bubblewrap tells, as lines of JSON, that the task started and how it ended. */
export const STATUS_DESCRIPTOR = 3;

/**
 * New namespaces of every kind, no capability, no further user namespace (with one a task could mount the control
 * groups' file system and lift its own limits), a session of its own so that it cannot type into our terminal, and an
 * end with the server's: a sandboxed attempt whose server died is run again as a new one.
 */
const ISOLATION = [
  ...['--unshare-all', '--unshare-user', '--disable-userns'],
  ...['--uid', TASK_USER, '--gid', TASK_USER, '--hostname', 'task'],
  ...['--cap-drop', 'ALL', '--new-session', '--die-with-parent'],
  ...['--json-status-fd', String(STATUS_DESCRIPTOR)],
];

const DEFAULT_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/tmp',
  LANG: 'C.UTF-8',
};

/** The descriptor from which bubblewrap reads the task's environment: its arguments can be seen by everyone on the host. */
export const ENVIRONMENT_DESCRIPTOR = 4;

/**
 * bubblewrap's arguments for one task, the task's own command last. `apart`: it starts with the mounts and the network of
 * a launcher that is apart. Its devices are read-only: a task with GPUs has a /dev of its own.
 */
export function sandboxArguments(view: HostView, launch: TaskLaunch, { apart = false } = {}): string[] {
  const gpus = gpuNodes(launch.devices ?? []);
  return [
    ...ISOLATION,
    // With a route, too, it is started in a network namespace of its own already, made for it alone.
    ...(launch.network || launch.route || apart ? ['--share-net'] : []),
    ...(gpus.length > 0 ? view.gpu() : apart ? view.apart : view.base),
    ...(launch.network ? view.network : []),
    ...gpus.flatMap((path) => ['--dev-bind', path, path]),
    ...parentsFirst(launch.mounts).flatMap(bind),
    ...['--remount-ro', '/', '--chdir', launch.workDirectory, '--clearenv'],
    ...['--args', String(ENVIRONMENT_DESCRIPTOR)],
    '--',
    ...launch.argv,
  ];
}

function bind(mount: Mount): string[] {
  return [mount.readOnly ? '--ro-bind' : '--bind', mount.source, mount.target];
}

/** What bubblewrap reads from `ENVIRONMENT_DESCRIPTOR`. */
export function environmentArguments({ devices = [], environment }: TaskLaunch): string {
  const variables = { ...DEFAULT_ENVIRONMENT, ...environment };
  const seen = devices.length > 0 && existsSync(GPU_PROGRAMS) ? withGpuPaths(variables) : variables;
  return Object.entries(seen)
    .map(([name, value]) => `--setenv\0${name}\0${value}\0`)
    .join('');
}

/** A mount would hide what was mounted below it before. */
export function parentsFirst(mounts: readonly Mount[]): Mount[] {
  const depth = (mount: Mount) => mount.target.split('/').filter(Boolean).length;
  return mounts.toSorted((a, b) => depth(a) - depth(b));
}
