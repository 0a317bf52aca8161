import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import type { Backend } from '../backend.ts';
import { type ControlGroups, ControlGroupsUnavailable } from '../cgroup/control-group.ts';
import { emptyAndRemove } from '../cgroup/empty.ts';
import { detectControlGroups } from '../cgroup/detect.ts';
import { createSandboxBackend } from '../sandbox/backend.ts';
import { MEBIBYTE } from './shell-task.ts';
import { createTaskRunner, type TaskRunner } from '../task-runner.ts';

export { ACTOR } from './actor.ts';
export { MEBIBYTE, shellTask } from './shell-task.ts';

/** A folder that goes when the test file is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'runtime-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function testGroups(owner: string): ControlGroups | undefined {
  try {
    return detectControlGroups({ owner });
  } catch (error) {
    if (error instanceof ControlGroupsUnavailable) return undefined;
    throw error;
  }
}

/** Why real sandboxes cannot be tested on this machine; false where they can, as `skip` of node:test wants it. */
export async function noSandbox(directory: string): Promise<string | false> {
  const owner = `probe-${process.pid}`;
  const why = await testSandbox(directory, owner).unavailable();
  testGroups(owner)?.open('').remove();
  return why === undefined ? false : why;
}

/** Removes the owner's own folder of control groups when the test file is over. */
export function forgetGroups(owner: string): void {
  after(async () => {
    const groups = testGroups(owner);
    if (!groups) return;
    // Idle launchers live in theirs.
    for (const name of groups.list()) await emptyAndRemove(groups.open(name), systemClock);
    await emptyAndRemove(groups.open(''), systemClock);
  });
}

export function testSandbox(directory: string, owner: string): Backend {
  return createSandboxBackend({
    clock: systemClock,
    log: silentLog,
    directory: join(directory, 'sandbox'),
    groups: () => detectControlGroups({ owner }),
    grace: 300,
  });
}

export function testRunner(directory: string, backends: readonly Backend[]): TaskRunner {
  return createTaskRunner({
    backends,
    clock: systemClock,
    log: silentLog,
    directory: join(directory, 'runs'),
    capacity: { cpus: 2, memoryBytes: 4096 * MEBIBYTE },
    network: true,
    resolve: async (_actor, uri) => ({ path: uri.replace('file://', ''), release: async () => {} }),
  });
}
