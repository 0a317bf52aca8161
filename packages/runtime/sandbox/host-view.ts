import { createHash } from 'node:crypto';
import { constants, statSync } from 'node:fs';
import { access, lstat, mkdir, mkdtemp, readdir, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '@helicase/kernel';
import { errorCode } from '../cgroup/files.ts';
import { kernelFiles } from '../kernel-files.ts';

/**
 * What a sandboxed task sees of the host: programs, libraries and the harmless part of /etc, read-only. Never /home,
 * /root, /run, /var, /sys, /srv, the data directory or anything of /etc that is not named here.
 */
const PROGRAMS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt'];

/** Small files and folders, of which tasks see a copy. */
const SETTINGS = [
  'alternatives',
  'ca-certificates',
  'debian_version',
  'fastqc',
  'fonts',
  'java-11-openjdk',
  'java-17-openjdk',
  'java-21-openjdk',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'magic',
  'matplotlibrc',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'perl',
  'protocols',
  'python3',
  'R',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'timezone',
].map((name) => `/etc/${name}`);

/** Written in place, below a folder that is copied. */
const CHANGING = ['/etc/ssl/certs/ca-certificates.crt', '/etc/ssl/certs/java/cacerts'];

const NETWORK_SETTINGS = ['/etc/resolv.conf', '/etc/hosts'];

/** Kernel files that tell of, or reach beyond, the task: the list that container runtimes mask. */
const MASKED = [
  '/proc/kcore',
  '/proc/keys',
  '/proc/key-users',
  '/proc/kmsg',
  '/proc/kpagecount',
  '/proc/kpageflags',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/slabinfo',
  '/proc/timer_list',
  '/proc/vmallocinfo',
];

export interface HostView {
  /** bubblewrap arguments for every task. */
  readonly base: readonly string[];
  /** Those instead of them for tasks of a launcher that is apart. */
  readonly apart: readonly string[];
  /** Those instead of them for a task with GPUs that starts now. */
  gpu(): readonly string[];
  /** Further ones for tasks that may use the network. */
  readonly network: readonly string[];
  /** Whether the host's settings are still those that were copied. */
  isCurrent(): boolean;
}

/**
 * `directory` receives a copy of the settings, which is one mount instead of one for each: bubblewrap reads the list of
 * all mounts with every mount that it makes. `expose` are further host folders, read-only (`/nix`, `/sw`).
 */
export async function makeHostView(directory: string, expose: readonly string[]): Promise<HostView> {
  const copied = [...SETTINGS, ...expose.filter((path) => path.startsWith('/etc/'))];
  const watched = [...copied, ...CHANGING];
  const stamp = stampOf(watched);
  const [programs, network, masked, exposed] = await Promise.all([
    bindings(PROGRAMS),
    bindings(NETWORK_SETTINGS),
    readable(MASKED),
    bindings(expose.filter((path) => !copied.includes(path))),
  ]);
  const settings = join(
    directory,
    `settings-${createHash('sha256').update(stamp).digest('hex').slice(0, 16)}`,
  );
  if (!(await lstatIfThere(settings))) await makeSettings(settings, copied);
  const files = [...programs, '--ro-bind', join(settings, 'etc'), '/etc', ...exposed];
  return {
    base: [...proc(masked, ['--ro-bind', '/dev/null']), '--dev', '/dev', ...files],
    apart: [...proc(masked, ['--dev-bind', `${DEVICES}/null`]), ...PREPARED_DEVICES, ...files],
    gpu: () => [...procWithNames(masked), '--dev', '/dev', ...files],
    network,
    isCurrent: () => stampOf(watched) === stamp,
  };
}

/** Where native/apart.c puts what a task's /dev holds, read-only already; what a task writes there is its own. */
const DEVICES = '/sys';
const PREPARED_DEVICES = ['--dev-bind', DEVICES, '/dev', '--tmpfs', '/dev/shm'];

/**
 * All of /proc is read-only: a task of root's server carries root's user id there, so that only the mount keeps it from
 * the settings of the whole kernel. These come first, there are most of them: each costs the more mounts there are.
 */
function proc(masked: readonly string[], nothing: readonly string[]): string[] {
  return ['--proc', '/proc', ...masked.flatMap((path) => [...nothing, path]), '--remount-ro', '/proc'];
}

/**
 * CUDA names its threads through /proc/self/task, and does not begin where it may not (cuInit: CUDA_ERROR_OPERATING_SYSTEM):
 * there all is read-only but what belongs to processes, which are the task's own.
 */
function procWithNames(masked: readonly string[]): string[] {
  const readOnly = kernelFiles().flatMap((path) => ['--ro-bind', path, path]);
  return ['--proc', '/proc', ...readOnly, ...masked.flatMap((path) => ['--ro-bind', '/dev/null', path])];
}

/** Copies that no task of a server that lives uses any more. */
export async function removeOldSettings(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const old = names.filter((name) => name.startsWith('settings-'));
  await Promise.all(old.map((name) => rm(join(directory, name), { recursive: true, force: true })));
}

/** Changes with the files and folders themselves, not with what lies deeper. */
function stampOf(paths: readonly string[]): string {
  const facts = paths.map((path) => statSync(path, { throwIfNoEntry: false }));
  return facts.map((each, index) => `${paths[index]} ${each?.ino} ${each?.ctimeMs}`).join('\n');
}

/** Whole or not at all: others may make the same at the same time. */
async function makeSettings(settings: string, paths: readonly string[]): Promise<void> {
  await mkdir(dirname(settings), { recursive: true });
  const unfinished = await mkdtemp(`${settings}.`);
  const etc = join(unfinished, 'etc');
  await mkdir(etc);
  await copyThere(unfinished, paths);
  await writePeople(etc);
  await makeStands(unfinished);
  await rename(unfinished, settings).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!['EEXIST', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error;
  });
}

/** Links that are named here are followed, those below stay links; what may not be read is left out. */
async function copyThere(folder: string, paths: readonly string[]): Promise<void> {
  const there = await whereThere(paths, (path) => [path]);
  if (there.length === 0) return;
  const how = ['-R', '-H', '--parents', '--preserve=mode,timestamps'];
  await runCommand('cp', [...how, '--', ...there, folder]);
}

/** bubblewrap mounts over what is there: it can make nothing in a folder that is read-only. */
async function makeStands(folder: string): Promise<void> {
  await writeFile(join(folder, '/etc/resolv.conf'), '');
  await writeFile(join(folder, '/etc/hosts'), '127.0.0.1 localhost task\n');
}

const bindings = (paths: readonly string[]) =>
  whereThere(paths, (path, link) => (link ? ['--symlink', link, path] : ['--ro-bind', path, path]));

/** What the user of the server may not read, tasks may not either: no mount is needed. */
async function readable(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path, constants.R_OK).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** Top-level links stay links (`/bin` to `usr/bin`); links inside /etc are followed, their targets may be hidden. */
async function whereThere(
  paths: readonly string[],
  make: (path: string, link: string | undefined) => string[],
): Promise<string[]> {
  const parts = await Promise.all(
    paths.map(async (path) => {
      const facts = await lstatIfThere(path);
      if (!facts) return [];
      const link = facts.isSymbolicLink() && path.lastIndexOf('/') === 0 ? await readlink(path) : undefined;
      return make(path, link);
    }),
  );
  return parts.flat();
}

async function lstatIfThere(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** The host's own users are nobody's business; tools that look up their own name find one. */
async function writePeople(etc: string): Promise<void> {
  const passwd =
    'root:x:0:0:root:/tmp:/bin/sh\ntask:x:1000:1000:task:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n';
  const group = 'root:x:0:\ntask:x:1000:\nnogroup:x:65534:\n';
  await writeFile(join(etc, 'passwd'), passwd);
  await writeFile(join(etc, 'group'), group);
}
