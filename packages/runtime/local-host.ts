import { mkdirSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Actor, type Clock, Ids, type Log, rootPrincipal, type Random } from '@helicase/kernel';
import type { Capacity } from './admission.ts';
import type { Backend } from './backend.ts';
import { folderCache } from './cache/folder-cache.ts';
import { runReusing } from './cache/task-cache.ts';
import { hostCapacity } from './capacity.ts';
import { errorCode } from './cgroup/files.ts';
import type { TaskHost } from './task.ts';
import { createTaskRunner, type RunTask, type TaskRunner } from './task-runner.ts';

export interface LocalHostOptions {
  readonly backends: readonly Backend[];
  readonly clock: Clock;
  readonly random: Random;
  /** Receives what the workflow logs. */
  readonly log: Log;
  /** The run's folder: attempts and scratch go below it. */
  readonly directory: string;
  readonly capacity?: Capacity;
  /** Tasks at once; absent: as many as the capacity holds. */
  readonly concurrentTasks?: number;
  /**
   * A folder in which finished tasks are recorded: the next host with it and the same `directory`, whose attempts must
   * still be there, answers with them instead of running them again.
   */
  readonly records?: string;
  /** False: tasks are recorded, but all run: nothing is taken from the records. */
  readonly reuse?: boolean;
  /** Whether tasks that ask for the network get the user's; true unless told. */
  readonly network?: boolean;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** There is nobody but the user of the command line. */
const LOCAL: Actor = {
  scope: { account: '000000000000', region: 'local' },
  principal: rootPrincipal('000000000000'),
};

/** What attempts are kept under. */
const RUN = 'tasks';

/** Runs tasks for a language without a server: inputs are local paths or `file://` URIs, everything the user can read. */
export function createLocalHost(options: LocalHostOptions): TaskHost {
  const { directory, log, records } = options;
  const ids = new Ids(options.clock, options.random);
  const runner = localRunner(options);
  const attempts = new Map<string, string>();
  const kept = records === undefined ? undefined : folderCache(records);
  const cache =
    kept &&
    (options.reuse === false ? { ...kept, take: async () => undefined } : { ...kept, tellsMisses: true });
  return {
    async run(request, signal) {
      const task: RunTask = {
        ...{ runId: RUN, request, actor: LOCAL, readable: ['/'] },
        attemptId: attempts.get(request.workDirectory) ?? ids.numeric(),
        ...(signal ? { signal } : {}),
      };
      attempts.delete(request.workDirectory);
      return cache ? (await runReusing(runner, cache, task)).outcome : await runner.run(task);
    },
    ...(options.backends.some(({ name }) => name === 'unsandboxed') && {
      folders: () => {
        const attemptId = ids.numeric();
        const { directory: own, temporary, work } = runner.paths(RUN, attemptId);
        attempts.set(work, attemptId);
        return { inputs: join(own, 'seen'), temporary, work };
      },
    }),
    stat: async (uri) => await factsIfThere(localPath(uri)),
    localize: async (uri) => await realpath(localPath(uri)),
    scratch: () => makeScratch(directory),
    log: (level, message) => log[level]({}, message),
  };
}

function localRunner(options: LocalHostOptions): TaskRunner {
  const { backends, clock, concurrentTasks, directory, log, network = true, secrets = {} } = options;
  const { capacity = hostCapacity() } = options;
  return createTaskRunner({
    ...{ backends, clock, log, directory, network },
    capacity: concurrentTasks === undefined ? capacity : { ...capacity, tasks: concurrentTasks },
    resolve: async (_actor, uri) => ({ path: await realpath(localPath(uri)), release: async () => {} }),
    secret: async (_actor, name) => secrets[name],
  });
}

function localPath(uri: string): string {
  if (uri.startsWith('file://')) return fileURLToPath(uri);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(uri)) {
    throw new Error(`${uri} cannot be read without a server; give a local path.`);
  }
  return resolve(uri);
}

async function factsIfThere(path: string) {
  try {
    const facts = await stat(path);
    return { size: facts.size, isDirectory: facts.isDirectory() };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function makeScratch(directory: string): string {
  const scratch = join(directory, 'scratch');
  mkdirSync(scratch, { recursive: true });
  return scratch;
}
