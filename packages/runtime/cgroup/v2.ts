import { dirname } from 'node:path';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { ControlGroup, ControlGroups, GroupLimits, GroupUsage } from './control-group.ts';
import {
  childDirectories,
  errorCode,
  known,
  makeDirectory,
  readKey,
  readNumber,
  readProcesses,
  readSum,
  readText,
  removeDirectory,
  removeIfEmpty,
  writeValue,
  writeValueIfThere,
} from './files.ts';
import { signalAll } from './signal-all.ts';
import { quota } from './v1.ts';

export const V2_CONTROLLERS = ['cpu', 'memory', 'pids'] as const;
const PERIOD_MICROSECONDS = 100_000;

export interface V2Options {
  /** Where the hierarchy is mounted: `/sys/fs/cgroup`. */
  readonly mount: string;
  /** An existing group that we may make children in: '' at the root, `/user.slice/...` where it was delegated. */
  readonly base: string;
  /** Our folder below it: `/helicase/<owner>`. */
  readonly parent: string;
}

/** Makes the folders down to ours, each handing the controllers to its children (cgroup-v2.rst, "Enabling and Disabling"). */
export function controlGroupsV2(options: V2Options): ControlGroups {
  const hierarchy = options.base + options.parent;
  const directory = options.mount + hierarchy;
  enableControllers(options.mount + options.base, options.parent);
  return {
    version: 2,
    reusable: false, // memory.peak counts from the group's beginning; a group is cheap here, with one hierarchy
    create(name, limits) {
      enableControllers(options.mount + options.base, options.parent);
      makeDirectory(`${directory}/${name}`);
      limit(`${directory}/${name}`, limits);
      return open(`${directory}/${name}`, name);
    },
    open: (name) => open(`${directory}/${name}`, name),
    list: () => childDirectories(directory),
    hierarchyPath: (name) => `${hierarchy}/${name}`,
  };
}

function enableControllers(base: string, parent: string): void {
  let directory = base;
  handDown(directory);
  for (const step of parent.split('/').filter(Boolean)) {
    directory += `/${step}`;
    makeDirectory(directory);
    handDown(directory);
  }
}

function handDown(directory: string): void {
  const words = (file: string) => (readText(`${directory}/${file}`) ?? '').trim().split(/\s+/);
  const enabled = words('cgroup.subtree_control');
  // Without `io` tasks are limited all the same; only what they read and wrote is not told.
  const wanted = words('cgroup.controllers').includes('io') ? [...V2_CONTROLLERS, 'io'] : V2_CONTROLLERS;
  const missing = wanted.filter((controller) => !enabled.includes(controller));
  if (missing.length === 0) return;
  writeValue(`${directory}/cgroup.subtree_control`, missing.map((controller) => `+${controller}`).join(' '));
}

function limit(directory: string, limits: GroupLimits): void {
  writeValue(`${directory}/memory.max`, limits.memoryBytes);
  writeValueIfThere(`${directory}/memory.swap.max`, 0);
  writeValue(`${directory}/cpu.max`, `${quota(limits.cpus)} ${PERIOD_MICROSECONDS}`);
  writeValue(`${directory}/pids.max`, limits.processes);
}

function open(directory: string, name: string): ControlGroup {
  const processes = () => readProcesses(directory);
  return {
    name,
    entrances: [`${directory}/cgroup.procs`],
    processes,
    usage: () => usage(directory),
    kill() {
      writeValueIfThere(`${directory}/pids.max`, 0);
      // Dying takes processor time and memory too: thousands of processes would wait for their share of a small one.
      writeValueIfThere(`${directory}/cpu.max`, 'max');
      writeValueIfThere(`${directory}/memory.max`, 'max');
      writeKill(directory);
      signalAll(processes(), 'SIGKILL'); // kernels before 5.14 have no cgroup.kill
    },
    remove() {
      removeDirectory(directory);
      removeIfEmpty(dirname(directory));
    },
  };
}

// cgroup.kill is write-only and missing before Linux 5.14; O_CREAT fails in a control group's folder.
function writeKill(directory: string): void {
  try {
    const descriptor = openSync(`${directory}/cgroup.kill`, constants.O_WRONLY);
    writeSync(descriptor, '1');
    closeSync(descriptor);
  } catch (error) {
    if (!['ENOENT', 'EACCES', 'EOPNOTSUPP'].includes(errorCode(error) ?? '')) throw error;
  }
}

function usage(directory: string): GroupUsage {
  const microseconds = readKey(`${directory}/cpu.stat`, 'usage_usec');
  return {
    oomKills: readKey(`${directory}/memory.events`, 'oom_kill') ?? 0,
    ...known({
      peakMemoryBytes: readNumber(`${directory}/memory.peak`),
      cpuSeconds: microseconds === undefined ? undefined : microseconds / 1e6,
      readBytes: readSum(`${directory}/io.stat`, /\brbytes=(\d+)/g),
      writtenBytes: readSum(`${directory}/io.stat`, /\bwbytes=(\d+)/g),
    }),
  };
}
