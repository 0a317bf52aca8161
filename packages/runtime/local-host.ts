import { mkdirSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Actor, type Clock, Ids, type Log, rootPrincipal, type Random } from '@helicase/kernel';
import type { Capacity } from './admission.ts';
import type { Backend } from './backend.ts';
import { hostCapacity } from './capacity.ts';
import { errorCode } from './cgroup/files.ts';
import type { TaskHost } from './task.ts';
import { createTaskRunner } from './task-runner.ts';

export interface LocalHostOptions {
  readonly backends: readonly Backend[];
  readonly clock: Clock;
  readonly random: Random;
  /** Receives what the workflow logs. */
  readonly log: Log;
  /** The run's folder: attempts and scratch go below it. */
  readonly directory: string;
  readonly capacity?: Capacity;
}

/** There is nobody but the user of the command line. */
const LOCAL: Actor = {
  scope: { account: '000000000000', region: 'local' },
  principal: rootPrincipal('000000000000'),
};

/** Runs tasks for a language without a server: inputs are local paths or `file://` URIs, everything the user can read. */
export function createLocalHost(options: LocalHostOptions): TaskHost {
  const { backends, clock, log, directory, capacity = hostCapacity() } = options;
  const ids = new Ids(clock, options.random);
  const runner = createTaskRunner({
    backends,
    clock,
    log,
    directory,
    capacity,
    resolve: async (_actor, uri) => ({ path: await realpath(localPath(uri)), release: async () => {} }),
  });
  return {
    run: (request, signal) =>
      runner.run({
        runId: 'tasks',
        attemptId: ids.numeric(),
        request,
        actor: LOCAL,
        readable: ['/'],
        ...(signal ? { signal } : {}),
      }),
    stat: async (uri) => await factsIfThere(localPath(uri)),
    localize: async (uri) => await realpath(localPath(uri)),
    scratch: () => makeScratch(directory),
    log: (level, message) => log[level]({}, message),
  };
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
