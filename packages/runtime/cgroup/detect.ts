import { readFileSync } from 'node:fs';
import { type ControlGroups, ControlGroupsUnavailable } from './control-group.ts';
import { errorCode, makeDirectory, readProcesses, readText, writeValue } from './files.ts';
import { controlGroupsV1, V1_CONTROLLERS, type V1Controller } from './v1.ts';
import { controlGroupsV2, V2_CONTROLLERS, type V2Options } from './v2.ts';

export interface DetectOptions {
  /** Names our part of the hierarchies, so that two servers on one host leave each other's groups alone. */
  readonly owner: string;
  /** Where the kernel tells about mounts and the own group; `/proc/self` unless a test says otherwise. */
  readonly proc?: string;
}

const REMEDY =
  'Start the server as root, or as a systemd unit or scope with Delegate=yes ' +
  '(systemd-run --user --scope -p Delegate=yes ...), or inside a container with a writable /sys/fs/cgroup.';

interface Hierarchy {
  readonly mount: string;
  /** What of the hierarchy is mounted there; '/' unless a container shows only its own part. */
  readonly root: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** The machine's control groups, ready to use. Throws ControlGroupsUnavailable with reason and remedy. */
export function detectControlGroups(options: DetectOptions): ControlGroups {
  const proc = options.proc ?? '/proc/self';
  const hierarchies = parseMounts(readFileSync(`${proc}/mountinfo`, 'utf8'));
  const own = parseOwnGroups(readFileSync(`${proc}/cgroup`, 'utf8'));
  const parent = `/helicase/${options.owner}`;
  const unified = hierarchies.find((hierarchy) => hierarchy.type === 'cgroup2' && hasControllers(hierarchy));
  if (unified) return openV2(unified, own.get('') ?? '/', parent);
  const mounts = v1Mounts(hierarchies);
  if (mounts) return attempt(() => controlGroupsV1({ mounts, parent }));
  throw new ControlGroupsUnavailable(
    'No control group hierarchy with the controllers memory, cpu and pids is mounted below /sys/fs/cgroup, ' +
      `so that tasks cannot be limited. ${REMEDY}`,
  );
}

// Where the process may write at the root (the host's root, or a container's private one), that is where the groups
// go: they must be found again by the next server, which will have another group of its own.
function openV2(unified: Hierarchy, own: string, parent: string): ControlGroups {
  const options = { mount: unified.mount, parent };
  try {
    return controlGroupsV2({ ...options, base: '' });
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
  return attempt(() => openDelegated({ ...options, base: aboveLeaf(relativeTo(unified.root, own)) }));
}

/** Where a server moves itself, so that the group that it was given can hold the tasks' groups. */
const LEAF = 'helicase-server';
const TRIES = 20;

/** Who was started by a server is in its leaf: what was delegated is the group above. */
function aboveLeaf(group: string): string {
  return group.endsWith(`/${LEAF}`) ? group.slice(0, -LEAF.length - 1) : group;
}

function openDelegated(options: V2Options): ControlGroups {
  for (let tries = 1; ; tries++) {
    moveAside(`${options.mount}${options.base}`);
    try {
      return controlGroupsV2(options);
    } catch (error) {
      // Somebody in the group started a program meanwhile.
      if (errorCode(error) !== 'EBUSY' || tries === TRIES) throw error;
    }
  }
}

/**
 * A group with processes of its own cannot hand controllers to children ("no internal process constraint"), so that
 * everything in the delegated group, the server itself included, moves into a leaf beside the tasks.
 */
function moveAside(directory: string): void {
  const leaf = `${directory}/${LEAF}`;
  const processes = readProcesses(directory);
  if (processes.length === 0) return;
  makeDirectory(leaf);
  for (const id of processes) moveInto(leaf, id);
}

function moveInto(group: string, id: number): void {
  try {
    writeValue(`${group}/cgroup.procs`, id);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error; // it has ended by now
  }
}

function attempt(make: () => ControlGroups): ControlGroups {
  try {
    return make();
  } catch (error) {
    if (errorCode(error) === undefined || !(error instanceof Error)) throw error;
    throw new ControlGroupsUnavailable(
      `The control groups of this machine cannot be written (${error.message}), so that tasks cannot be limited. ${REMEDY}`,
      { cause: error },
    );
  }
}

function hasControllers(hierarchy: Hierarchy): boolean {
  const there = (readText(`${hierarchy.mount}/cgroup.controllers`) ?? '').trim().split(/\s+/);
  return V2_CONTROLLERS.every((controller) => there.includes(controller));
}

function v1Mounts(hierarchies: readonly Hierarchy[]): Record<V1Controller, string> | undefined {
  const entries = V1_CONTROLLERS.map((controller) => [
    controller,
    hierarchies.find((hierarchy) => hierarchy.type === 'cgroup' && hierarchy.options.includes(controller))
      ?.mount,
  ]);
  if (entries.some(([, mount]) => mount === undefined)) return undefined;
  return Object.fromEntries(entries) as Record<V1Controller, string>;
}

/** proc(5): `36 35 98:0 /root /mount/point options - type source super-options`. */
function parseMounts(text: string): Hierarchy[] {
  return text
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => {
      const [before, after] = line.split(' - ') as [string, string];
      const fields = before.split(' ');
      const [type, , options] = after.split(' ');
      return { root: fields[3]!, mount: fields[4]!, type: type!, options: (options ?? '').split(',') };
    });
}

/** proc(5): `4:memory:/path` on v1, `0::/path` on v2; keyed by the controllers' names. */
function parseOwnGroups(text: string): Map<string, string> {
  const lines = text.split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [, controllers, ...path] = line.split(':');
      return [controllers ?? '', path.join(':')] as const;
    }),
  );
}

function relativeTo(root: string, path: string): string {
  const relative = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
  return relative === '/' ? '' : relative;
}
