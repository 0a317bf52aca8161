import type { ControlGroup, ControlGroups, GroupLimits, GroupUsage } from './control-group.ts';
import {
  childDirectories,
  makeDirectory,
  readKey,
  readNumber,
  readProcesses,
  removeDirectory,
  removeIfEmpty,
  writeValue,
  writeValueIfThere,
} from './files.ts';
import { signalAll } from './signal-all.ts';

/** The controllers that a task is placed in. cpu and cpuacct are often mounted together. */
export const V1_CONTROLLERS = ['memory', 'cpu', 'cpuacct', 'pids'] as const;
export type V1Controller = (typeof V1_CONTROLLERS)[number];

const PERIOD_MICROSECONDS = 100_000;
/** The kernel refuses a quota below one millisecond. */
const SMALLEST_QUOTA_MICROSECONDS = 1_000;

export interface V1Options {
  /** Where each controller's hierarchy is mounted: `/sys/fs/cgroup/memory`. */
  readonly mounts: Readonly<Record<V1Controller, string>>;
  /** Our folder inside each hierarchy: `/helicase/<owner>`. */
  readonly parent: string;
}

export function controlGroupsV1(options: V1Options): ControlGroups {
  const parents = parentsOf(options);
  for (const parent of parents) makeDirectory(parent);
  return {
    version: 1,
    reusable: true,
    create(name, limits) {
      const group = open(options, name);
      for (const parent of parents) makeDirectory(`${parent}/${name}`);
      limit(options, name, limits);
      return group;
    },
    open: (name) => open(options, name),
    list: () => [...new Set(parents.flatMap(childDirectories))],
    hierarchyPath: (name) => `${options.parent}/${name}`,
  };
}

function parentsOf(options: V1Options): string[] {
  return [...new Set(V1_CONTROLLERS.map((controller) => options.mounts[controller] + options.parent))];
}

function limit(options: V1Options, name: string, limits: GroupLimits): void {
  const at = (controller: V1Controller) => `${options.mounts[controller]}${options.parent}/${name}`;
  // The limit with swap is never below the one without.
  writeValueIfThere(`${at('memory')}/memory.memsw.limit_in_bytes`, -1);
  writeValue(`${at('memory')}/memory.limit_in_bytes`, limits.memoryBytes);
  // Memory and swap together: without it a task would swap instead of ending (only where swap is accounted).
  writeValueIfThere(`${at('memory')}/memory.memsw.limit_in_bytes`, limits.memoryBytes);
  writeValue(`${at('cpu')}/cpu.cfs_period_us`, PERIOD_MICROSECONDS);
  writeValue(`${at('cpu')}/cpu.cfs_quota_us`, quota(limits.cpus));
  writeValue(`${at('pids')}/pids.max`, limits.processes);
}

/** A launcher needs some hundred KiB; what is above this is files that the last attempt left in memory. */
const LEFT_BEHIND_BYTES = 2 * 2 ** 20;

/** Whether the next attempt would be measured as in a new group, as far as the kernel can tell. */
function isLikeNew(at: (controller: V1Controller) => string): boolean {
  const held = readNumber(`${at('memory')}/memory.usage_in_bytes`) ?? Infinity;
  return held <= LEFT_BEHIND_BYTES && usage(at).oomKills === 0;
}

export function quota(cpus: number): number {
  return Math.max(SMALLEST_QUOTA_MICROSECONDS, Math.round(cpus * PERIOD_MICROSECONDS));
}

function open(options: V1Options, name: string): ControlGroup {
  const at = (controller: V1Controller) => `${options.mounts[controller]}${options.parent}/${name}`;
  const directories = [...new Set(V1_CONTROLLERS.map(at))];
  const processes = () => [...new Set(directories.flatMap(readProcesses))];
  let last: GroupLimits | undefined; // most attempts have those of the one before
  return {
    name,
    entrances: directories.map((directory) => `${directory}/cgroup.procs`),
    processes,
    residences: V1_CONTROLLERS.map((controller) => ({
      entrance: `${at(controller)}/cgroup.procs`,
      home: `${options.mounts[controller]}/cgroup.procs`,
    })),
    usage: () => usage(at),
    reuse(limits) {
      if (!isLikeNew(at)) return false;
      if (!areSame(limits, last)) limit(options, name, limits);
      last = limits;
      writeValue(`${at('memory')}/memory.max_usage_in_bytes`, 0);
      writeValue(`${at('cpuacct')}/cpuacct.usage`, 0);
      return true;
    },
    kill() {
      last = undefined;
      writeValueIfThere(`${at('pids')}/pids.max`, 0); // every further fork fails, so that killing ends
      // Dying takes processor time and memory too: thousands of processes would wait for their share of a small one.
      writeValueIfThere(`${at('cpu')}/cpu.cfs_quota_us`, -1);
      writeValueIfThere(`${at('memory')}/memory.memsw.limit_in_bytes`, -1);
      writeValueIfThere(`${at('memory')}/memory.limit_in_bytes`, -1);
      signalAll(processes(), 'SIGKILL');
    },
    remove() {
      directories.forEach(removeDirectory);
      parentsOf(options).forEach(removeIfEmpty);
    },
  };
}

function areSame(some: GroupLimits, others: GroupLimits | undefined): boolean {
  return (
    some.cpus === others?.cpus &&
    some.memoryBytes === others.memoryBytes &&
    some.processes === others.processes
  );
}

function usage(at: (controller: V1Controller) => string): GroupUsage {
  const peak = readNumber(`${at('memory')}/memory.max_usage_in_bytes`);
  const nanoseconds = readNumber(`${at('cpuacct')}/cpuacct.usage`);
  return {
    oomKills: readKey(`${at('memory')}/memory.oom_control`, 'oom_kill') ?? 0,
    ...(peak === undefined ? {} : { peakMemoryBytes: peak }),
    ...(nanoseconds === undefined ? {} : { cpuSeconds: nanoseconds / 1e9 }),
  };
}
