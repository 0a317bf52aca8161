import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Log, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import {
  archiveSource,
  type Backend,
  createContainerBackend,
  createLocalHost,
  createSandboxBackend,
  createUnsandboxedBackend,
  type ControlGroups,
  ControlGroupsUnavailable,
  detectControlGroups,
  ImageStore,
  podmanSource,
  registrySource,
  type TaskHost,
} from '@helicase/runtime';
import { localCapacity } from './capacity.ts';

export interface LocalRunOptions {
  /** The language's name, which the control groups carry. */
  readonly language: string;
  /** The run's folder. */
  readonly directory: string;
  readonly log: Log;
  /** Tasks that name an image run in it. Absent: with this machine's programs, whatever image they name. */
  readonly images?: LocalImages;
  /** False: tasks are plain processes of the user. */
  readonly sandbox?: boolean;
  /** A folder in which tasks run and stay: those that finished in it before are not run again. */
  readonly resume?: string;
  /** By name: given to the tasks that ask for them, and to nothing else. */
  readonly secrets?: Readonly<Record<string, string>>;
}

export interface LocalImages {
  /** OCI layouts and archives; podman's images and the registries are looked at after it. */
  readonly folder?: string;
}

/** Tasks run in the sandbox with the host's own tools or in their images, and with what this machine has at most. */
export function localHost(options: LocalRunOptions): TaskHost {
  const { images, log, resume } = options;
  const directory = resume ?? options.directory;
  const capacity = localCapacity();
  const host = createLocalHost({
    ...{ backends: backends(options), clock: systemClock, random: systemRandom, log, directory, capacity },
    secrets: options.secrets ?? {},
    ...(resume === undefined ? {} : { records: join(resume, 'records') }),
  });
  const warn = once(log);
  if (options.sandbox === false)
    warn('without a sandbox tools can read, change and delete whatever you can, and use the network');
  return {
    ...host,
    run: ({ entrypoint, image, ...request }, signal) => {
      if (image !== undefined && !images)
        warn(`the image ${image} is not used: the tool runs with this machine's programs`);
      const cpus = Math.min(request.resources.cpus, capacity.cpus);
      const memoryBytes = Math.min(request.resources.memoryBytes, capacity.memoryBytes);
      const resources = { ...request.resources, cpus, memoryBytes };
      const container = image && images ? { image, ...(entrypoint ? { entrypoint } : {}) } : {};
      return host.run({ ...request, resources, ...container }, signal);
    },
  };
}

function backends({
  directory,
  images,
  language,
  log,
  sandbox: isWanted = true,
}: LocalRunOptions): Backend[] {
  const programs = userCache('programs');
  if (!isWanted)
    return [
      createUnsandboxedBackend({
        clock: systemClock,
        log,
        programs,
        path: process.env['PATH'] ?? DEFAULT_PATH,
      }),
    ];
  const owner = (what: string) => `helicase-${language}-${what}-${process.pid}`;
  const sandbox = createSandboxBackend({
    ...{ clock: systemClock, log, directory: userCache('sandbox'), programs },
    groups: made(() => controlGroups(owner('tasks'), log)),
  });
  if (!images) return [sandbox];
  const folder = images.folder === undefined ? [] : [archiveSource(images.folder)];
  const container = createContainerBackend({
    ...{ clock: systemClock, log, directory: join(directory, 'container') },
    groups: made(() => detectControlGroups({ owner: owner('containers') })),
    images: new ImageStore({
      directory: userCache('images'),
      sources: [...folder, podmanSource(), registrySource()],
    }),
  });
  return [sandbox, container];
}

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** What is unpacked, compiled or copied once for all runs of a user. */
export function userCache(what: 'images' | 'programs' | 'sandbox'): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'helicase', what);
}

function controlGroups(owner: string, log: Log): ControlGroups | 'unlimited' {
  try {
    return detectControlGroups({ owner });
  } catch (error) {
    if (!(error instanceof ControlGroupsUnavailable)) throw error;
    log.warn({}, `tools run without limits: ${error.message}`);
    return 'unlimited';
  }
}

function made<T>(make: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: make() }).value;
}

function once(log: Log): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) log.warn({}, message);
    said.add(message);
  };
}

/** Warnings and errors on standard error. */
export function terminalLog(quiet: boolean): Log {
  if (quiet) return silentLog;
  const say = (level: string) => (_facts: unknown, message: string) => console.error(`${level}: ${message}`);
  return { ...silentLog, warn: say('warning'), error: say('error') };
}
