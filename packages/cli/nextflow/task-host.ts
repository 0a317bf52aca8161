import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import {
  type ControlGroups,
  ControlGroupsUnavailable,
  createLocalHost,
  createSandboxBackend,
  detectControlGroups,
  hostCapacity,
  type TaskHost,
} from '@helicase/runtime';
import { userCache } from '../local/host.ts';
import type { FileLog } from './file-log.ts';

export interface TaskHostOptions {
  readonly workDir: string;
  /** Folders that tasks see where they are. */
  readonly expose: readonly string[];
  /** -resume: finished tasks of earlier runs are not run again. */
  readonly reuse: boolean;
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: FileLog;
}

/** The least that a task's processes start with. */
const LEAST_MEMORY = 4 * 2 ** 20;

/** Tasks run in the sandbox with this machine's programs, whatever image they name. */
export function taskHost(options: TaskHostOptions): TaskHost {
  const { log, reuse, secrets, workDir } = options;
  mkdirSync(workDir, { recursive: true });
  const capacity = hostCapacity();
  const host = createLocalHost({
    ...{ backends: [sandbox(options)], clock: systemClock, random: systemRandom, log: runtimeLog(log) },
    ...{ directory: workDir, capacity, reuse, secrets },
    records: join(workDir, '.records'),
  });
  const tell = once((message) => log.log('debug', 'runtime', message));
  return {
    ...host,
    run: ({ image, ...request }, signal) => {
      if (image !== undefined)
        tell(`the image ${image} is not used: tasks run in the sandbox with this machine's programs`);
      const { resources } = request;
      const cpus = Math.min(resources.cpus, capacity.cpus);
      const memoryBytes = Math.max(LEAST_MEMORY, Math.min(resources.memoryBytes, capacity.memoryBytes));
      if (resources.cpus > cpus || resources.memoryBytes > memoryBytes)
        tell(`${request.name} asks for more than this machine has and gets what there is`);
      return host.run({ ...request, resources: { ...resources, cpus, memoryBytes } }, signal);
    },
  };
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
