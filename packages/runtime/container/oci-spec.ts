import { existsSync } from 'node:fs';
import type { Mount, TaskLaunch } from '../backend.ts';
import { quota } from '../cgroup/v1.ts';
import { kernelFiles } from '../kernel-files.ts';
import { parentsFirst } from '../sandbox/arguments.ts';
import { GPU_LIBRARIES, GPU_PROGRAMS, withGpuPaths } from '../gpus.ts';
import type { GpuAccess } from './gpu-access.ts';
import type { ImageUser } from './image-user.ts';
import { SYSTEM_CALLS } from './system-calls.ts';

export interface SpecOptions {
  readonly launch: TaskLaunch;
  readonly rootfs: string;
  readonly imageEnvironment: readonly string[];
  /** With the image's entrypoint, where the task has it. */
  readonly command: readonly string[];
  readonly user: ImageUser;
  readonly cgroupsPath: string;
  readonly processes: number;
  /** A hosts file with the loopback alone. */
  readonly hosts: string;
  readonly gpu?: GpuAccess;
}

const PERIOD_MICROSECONDS = 100_000;
/** Host user ids keep their numbers inside, but root's powers end at the namespace. */
const IDENTITY = [{ containerID: 0, hostID: 0, size: 65_536 }];
const SWAP_ACCOUNT = '/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes';

/** The runtime specification's config.json for one task. */
export function ociSpec(options: SpecOptions): object {
  const { launch, rootfs, user, cgroupsPath } = options;
  return {
    ociVersion: '1.0.2',
    hostname: launch.network ? undefined : 'task',
    root: { path: rootfs, readonly: true },
    process: {
      terminal: false,
      user: { uid: user.uid, gid: user.gid },
      args: options.command,
      env: environment(options),
      cwd: launch.workDirectory,
      capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
      noNewPrivileges: true,
      rlimits: limits(launch),
    },
    mounts: [
      ...[...SYSTEM_MOUNTS, ...settings(options), ...gpuMounts(options.gpu)],
      ...parentsFirst(launch.mounts).map(bindMount),
    ],
    linux: {
      cgroupsPath,
      namespaces: namespaces(launch),
      uidMappings: IDENTITY,
      gidMappings: IDENTITY,
      resources: resources(options),
      maskedPaths: MASKED,
      readonlyPaths: kernelFiles(),
      seccomp: SYSTEM_CALLS,
    },
  };
}

function limits({ resources: { diskBytes } }: TaskLaunch): object[] {
  const core = { type: 'RLIMIT_CORE', hard: 0, soft: 0 };
  if (diskBytes === undefined) return [core];
  return [core, { type: 'RLIMIT_FSIZE', hard: diskBytes, soft: diskBytes }];
}

/** Of the same name the last one counts: the image's, ours, the task's. */
function environment({ gpu, launch, imageEnvironment }: SpecOptions): string[] {
  const image = imageEnvironment.map((line) => {
    const [name = '', ...value] = line.split('=');
    return [name, value.join('=')] as const;
  });
  const variables = { PATH, ...Object.fromEntries(image), HOME: '/tmp', ...launch.environment };
  const seen = gpu ? withGpuPaths(variables) : variables;
  return Object.entries(seen).map(([name, value]) => `${name}=${value}`);
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Device files are the host's own, mounted: inside a user namespace none can be made. */
function gpuMounts(gpu: GpuAccess | undefined): object[] {
  if (!gpu) return [];
  const nodes = gpu.nodes.map(({ path }) => ({
    ...{ destination: path, type: 'bind', source: path },
    options: ['bind', 'rw', 'nosuid', 'noexec', 'rprivate'],
  }));
  const libraries = Object.entries(gpu.libraries).map(([name, source]) =>
    bindMount({ source, target: `${GPU_LIBRARIES}/${name}`, readOnly: true }),
  );
  const programs =
    gpu.nvidiaSmi === undefined
      ? []
      : [bindMount({ source: gpu.nvidiaSmi, target: `${GPU_PROGRAMS}/nvidia-smi`, readOnly: true })];
  return [...nodes, ...libraries, ...programs];
}

/** With a route the runtime is started in a network namespace that was made for this container alone. */
function namespaces({ network, route }: TaskLaunch): object[] {
  const own = ['pid', 'ipc', 'mount', 'cgroup', 'user'];
  const types = network ? own : [...own, 'uts', ...(route ? [] : ['network'])];
  return types.map((type) => ({ type }));
}

function resources({ gpu, launch, processes }: SpecOptions): object {
  const { cpus, memoryBytes } = launch.resources;
  const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const swap = v2 || existsSync(SWAP_ACCOUNT) ? { swap: memoryBytes } : {};
  return {
    memory: { limit: memoryBytes, ...swap },
    cpu: { period: PERIOD_MICROSECONDS, quota: quota(cpus) },
    pids: { limit: processes },
    ...(gpu && { devices: gpu.nodes.map(allowed) }),
  };
}

function allowed({ major, minor }: GpuAccess['nodes'][number]): object {
  return { allow: true, type: 'c', major, minor, access: 'rw' };
}

function bindMount(mount: Mount): object {
  const options = ['bind', mount.readOnly ? 'ro' : 'rw', 'nosuid', 'nodev', 'rprivate'];
  return { destination: mount.target, type: 'bind', source: mount.source, options };
}

function settings({ launch, hosts }: SpecOptions): object[] {
  if (!launch.network) return [bindMount({ source: hosts, target: '/etc/hosts', readOnly: true })];
  return ['/etc/hosts', '/etc/resolv.conf']
    .filter((path) => existsSync(path))
    .map((path) => bindMount({ source: path, target: path, readOnly: true }));
}

const SYSTEM_MOUNTS = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777'],
  },
  { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] },
];

const MASKED = [
  ...['acpi', 'asound', 'kcore', 'keys', 'key-users', 'kmsg', 'kpagecount', 'kpageflags', 'latency_stats'],
  ...['mtrr', 'pressure', 'sched_debug', 'scsi', 'slabinfo', 'timer_list', 'timer_stats', 'vmallocinfo'],
].map((name) => `/proc/${name}`);
