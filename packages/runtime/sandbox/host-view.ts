import { lstat, mkdir, readlink, writeFile } from 'node:fs/promises';
import { errorCode } from '../cgroup/files.ts';

/**
 * What a sandboxed task sees of the host: programs, libraries and the harmless part of /etc, read-only. Never /home,
 * /root, /run, /var, /sys, /srv, the data directory or anything of /etc that is not named here.
 */
const PROGRAMS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt'];

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
  'python3',
  'R',
  'ssl/certs',
  'ssl/openssl.cnf',
  'timezone',
].map((name) => `/etc/${name}`);

const NETWORK_SETTINGS = ['/etc/resolv.conf', '/etc/hosts', '/etc/services', '/etc/protocols'];

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

/** Settings of the whole kernel. A task of root's server carries root's user id there, so only the mount stops it. */
const READ_ONLY = ['sys', 'irq', 'bus', 'fs', 'acpi', 'scsi', 'asound', 'mtrr', 'pressure'].map(
  (name) => `/proc/${name}`,
);

export interface HostView {
  /** bubblewrap arguments for every task. */
  readonly base: readonly string[];
  /** Further ones for tasks that may use the network. */
  readonly network: readonly string[];
}

/** `directory` receives the few made-up files; `expose` are further host folders, read-only (`/nix`, `/sw`). */
export async function makeHostView(directory: string, expose: readonly string[]): Promise<HostView> {
  const [programs, settings, network, masked, readOnly, exposed] = await Promise.all([
    bindings(PROGRAMS),
    bindings(SETTINGS),
    bindings(NETWORK_SETTINGS),
    whereThere(MASKED, (path) => ['--ro-bind', '/dev/null', path]),
    whereThere(READ_ONLY, (path) => ['--ro-bind', path, path]),
    bindings(expose),
  ]);
  const people = await writePeople(directory);
  const proc = ['--proc', '/proc', ...readOnly, ...masked];
  return {
    base: [
      ...programs,
      '--perms',
      '0755',
      '--dir',
      '/etc',
      ...settings,
      ...people,
      ...exposed,
      '--dev',
      '/dev',
      ...proc,
    ],
    network,
  };
}

const bindings = (paths: readonly string[]) =>
  whereThere(paths, (path, link) => (link ? ['--symlink', link, path] : ['--ro-bind', path, path]));

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
async function writePeople(directory: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const passwd =
    'root:x:0:0:root:/tmp:/bin/sh\ntask:x:1000:1000:task:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n';
  const group = 'root:x:0:\ntask:x:1000:\nnogroup:x:65534:\n';
  await writeFile(`${directory}/passwd`, passwd);
  await writeFile(`${directory}/group`, group);
  return ['--ro-bind', `${directory}/passwd`, '/etc/passwd', '--ro-bind', `${directory}/group`, '/etc/group'];
}
