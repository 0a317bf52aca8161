import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import {
  archiveSource,
  type ControlGroups,
  ControlGroupsUnavailable,
  createContainerBackend,
  createLocalHost,
  createSandboxBackend,
  createUnsandboxedBackend,
  detectControlGroups,
  ImageStore,
  podmanSource,
  registrySource,
  type TaskHost,
} from '@helicase/runtime';
import { ScriptFault } from '@helicase/nextflow';
import { localCapacity } from '../local/capacity.ts';
import { userCache } from '../local/host.ts';
import type { FileLog } from './file-log.ts';

export interface TaskHostOptions {
  readonly workDir: string;
  /** Folders that tasks see where they are. */
  readonly expose: readonly string[];
  /** -resume: finished tasks of earlier runs are not run again. */
  readonly reuse: boolean;
  readonly secrets: Readonly<Record<string, string>>;
  /** Whether tasks that name an image run in it; asked when the first task runs, since the configuration decides. */
  readonly containers: () => boolean;
  /** A folder with images; podman's and the registries are looked at after it. */
  readonly images: string | undefined;
  /** False: tasks are plain processes of the user. */
  readonly sandbox: boolean;
  readonly log: FileLog;
}

/** The least that a task's processes start with. */
const LEAST_MEMORY = 4 * 2 ** 20;

/** Tasks run in the sandbox with this machine's programs, or in their images where the configuration turns that on. */
export function taskHost(options: TaskHostOptions): TaskHost {
  const { log, reuse, secrets, workDir } = options;
  mkdirSync(workDir, { recursive: true });
  const capacity = localCapacity();
  const host = createLocalHost({
    ...{
      backends: options.sandbox ? [sandbox(options), container(options)] : [plain(options)],
      clock: systemClock,
      random: systemRandom,
      log: runtimeLog(log),
    },
    ...{ directory: workDir, capacity, reuse, secrets },
    records: join(workDir, '.records'),
  });
  const tell = once((message) => log.log('debug', 'runtime', message));
  return {
    ...host,
    run: ({ image, ...request }, signal) => {
      const inImage = image !== undefined && options.containers();
      if (inImage && !options.sandbox)
        throw new ScriptFault('-no-sandbox and containers contradict each other: leave one of them out.');
      if (image !== undefined && !inImage)
        tell(`the image ${image} is not used: neither docker.enabled nor -with-docker turns containers on`);
      const { resources } = request;
      const cpus = Math.min(resources.cpus, capacity.cpus);
      const memoryBytes = Math.max(LEAST_MEMORY, Math.min(resources.memoryBytes, capacity.memoryBytes));
      if (resources.cpus > cpus || resources.memoryBytes > memoryBytes)
        tell(`${request.name} asks for more than this machine has and gets what there is`);
      const container = inImage ? { image } : {};
      return host.run({ ...request, ...container, resources: { ...resources, cpus, memoryBytes } }, signal);
    },
  };
}

function plain({ log }: TaskHostOptions) {
  log.log('warn', 'runtime', 'without a sandbox tasks can read, change and delete whatever you can');
  return createUnsandboxedBackend({
    ...{ clock: systemClock, log: runtimeLog(log), programs: userCache('programs') },
    path: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  });
}

function sandbox({ expose, log, workDir }: TaskHostOptions) {
  const owner = `helicase-nextflow-${process.pid}`;
  let groups: ControlGroups | 'unlimited' | undefined;
  return createSandboxBackend({
    ...{ clock: systemClock, log: runtimeLog(log), directory: join(workDir, '.sandbox') },
    ...{ programs: userCache('programs'), expose: [...new Set(expose)] },
    groups: () => (groups ??= controlGroups(owner, log)),
  });
}

function container({ images, log, workDir }: TaskHostOptions) {
  const owner = `helicase-nextflow-containers-${process.pid}`;
  let groups: ControlGroups | undefined;
  return createContainerBackend({
    ...{ clock: systemClock, log: runtimeLog(log), directory: join(workDir, '.container') },
    groups: () => (groups ??= detectControlGroups({ owner })),
    images: new ImageStore({
      directory: userCache('images'),
      sources: [...(images === undefined ? [] : [archiveSource(images)]), podmanSource(), registrySource()],
    }),
  });
}

function controlGroups(owner: string, log: FileLog): ControlGroups | 'unlimited' {
  try {
    return detectControlGroups({ owner });
  } catch (error) {
    if (!(error instanceof ControlGroupsUnavailable)) throw error;
    log.log('debug', 'runtime', `tasks run without limits: ${error.message}`);
    return 'unlimited';
  }
}

function runtimeLog(log: FileLog): Log {
  return { ...silentLog, warn: (_facts, message) => log.log('debug', 'runtime', message) };
}

function once(say: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) say(message);
    said.add(message);
  };
}
