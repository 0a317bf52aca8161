import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import { createTaskRunner } from './task-runner.ts';
import {
  ACTOR,
  forgetGroups,
  MEBIBYTE,
  noSandbox,
  shellTask,
  temporaryDirectory,
  testRunner,
  testSandbox,
} from './testing/testing.ts';

const directory = temporaryDirectory();
const owner = `test-disk-${process.pid}`;
const skip = await noSandbox(directory);
const sandbox = testSandbox(directory, owner);
const runner = testRunner(directory, [sandbox]);
let attempts = 0;
forgetGroups(owner);

const limited = (script: string, mebibytes: number) => {
  const request = shellTask(script, { argv: ['bash', '-c', script] });
  return { ...request, resources: { ...request.resources, diskBytes: mebibytes * MEBIBYTE } };
};

async function run(script: string, mebibytes: number) {
  const attemptId = `attempt-${++attempts}`;
  return await runner.run({ runId: 'run', attemptId, request: limited(script, mebibytes), actor: ACTOR });
}

describe('a task with a disk limit', { skip }, () => {
  test('is ended in words when one file would pass it', async () => {
    const outcome = await run('cat /dev/zero > big', 16);
    assert.equal(outcome.status, 'out-of-disk');
    assert.match(outcome.message!, /^It held 16 MiB on the disk; its limit is 16 MiB\. Ask for more disk\.$/);
    assert.ok(statSync(join(outcome.workDirectory, 'big')).size <= 16 * MEBIBYTE);
  });

  test('is ended when its files pass it together, wherever they lie and whatever it does with SIGTERM', async () => {
    const outcome = await run(
      'trap "" TERM; for i in $(seq 1 200); do head -c 1M /dev/zero > /tmp/$i; sleep 0.02; done; sleep 60',
      16,
    );
    assert.equal(outcome.status, 'out-of-disk');
    assert.ok(outcome.peakDiskBytes! > 16 * MEBIBYTE);
  });

  test('is ended when what it prints passes it', async () => {
    const outcome = await run('yes', 16);
    assert.equal(outcome.status, 'out-of-disk');
    assert.ok(statSync(outcome.stdoutPath).size <= 16 * MEBIBYTE);
  });

  test('succeeds below it, and what it held is told', async () => {
    const outcome = await run('head -c 4M /dev/urandom > some', 16);
    assert.deepEqual([outcome.status, outcome.exitCode], ['exited', 0]);
    assert.ok(outcome.peakDiskBytes! >= 4 * MEBIBYTE && outcome.peakDiskBytes! < 5 * MEBIBYTE);
  });

  test('a failure far below it is a plain failure', async () => {
    assert.deepEqual((await run('exit 3', 16)).exitCode, 3);
  });
});

describe('a volume of a task', { skip }, () => {
  const volumes = ['/mnt/outputs', `${shellTask('').workDirectory}/cache`];

  test('is a folder of its own where it was asked for, a mount of that place, and gone at the end', async () => {
    const request = shellTask(
      'findmnt -no target /mnt/outputs; cp /etc/passwd /mnt/outputs/a; echo x > cache/b; ls /mnt/outputs cache; rmdir /mnt/outputs',
      { volumes },
    );
    const outcome = await runner.run({ runId: 'run', attemptId: 'volumes', request, actor: ACTOR });
    assert.equal(readFileSync(outcome.stdoutPath, 'utf8'), '/mnt/outputs\n/mnt/outputs:\na\n\ncache:\nb\n');
    assert.match(readFileSync(outcome.stderrPath, 'utf8'), /rmdir.*(busy|Read-only)/);
    assert.deepEqual(readdirSync(outcome.workDirectory), []);
    assert.equal(existsSync(join(outcome.workDirectory, '../volumes')), false);
  });

  test('counts against the disk limit of its task', async () => {
    const request = {
      ...limited('for i in 1 2 3; do head -c 8M /dev/zero > /mnt/outputs/$i; done; sleep 60', 16),
      volumes,
    };
    const outcome = await runner.run({ runId: 'run', attemptId: 'full', request, actor: ACTOR });
    assert.equal(outcome.status, 'out-of-disk');
  });

  test('cannot lie over the system', async () => {
    const request = shellTask('true', { volumes: ['/usr/share'] });
    const outcome = await runner.run({ runId: 'run', attemptId: 'system', request, actor: ACTOR });
    assert.match(outcome.message!, /The path \/usr\/share inside the task belongs to the system/);
  });
});

describe('storage that the tasks of a run share', { skip }, () => {
  const start = (runId: string, attemptId: string, script: string) =>
    runner.run({ runId, attemptId, request: shellTask(script), actor: ACTOR, storageBytes: 24 * MEBIBYTE });

  test('ends the task that holds most of it once they hold more together, with what they left', async () => {
    const first = await start('shared', 'first', 'head -c 16M /dev/zero > left');
    assert.equal(first.exitCode, 0);
    const second = await start('shared', 'second', 'head -c 12M /dev/zero > more; sleep 60');
    assert.equal(second.status, 'out-of-disk');
    assert.match(second.message!, /^The run held 2\d MiB; its storage is 24 MiB\. Give the run more storage/);
  });

  test('is each run’s own', async () => {
    const other = await start('other', 'alone', 'head -c 16M /dev/zero > big; sleep 2');
    assert.deepEqual([other.status, other.exitCode], ['exited', 0]);
  });
});

describe('a disk that is nearly full', { skip }, () => {
  test('ends the task that holds most of it, and leaves the others', async () => {
    const cautious = createTaskRunner({
      ...{ backends: [sandbox], clock: systemClock, log: silentLog, directory: join(directory, 'cautious') },
      capacity: { cpus: 2, memoryBytes: 4096 * MEBIBYTE },
      diskReserveBytes: Number.MAX_SAFE_INTEGER, // as if nothing more could be spared
      resolve: async (_actor, uri) => ({ path: uri, release: async () => {} }),
    });
    const start = (attemptId: string, script: string) =>
      cautious.run({ runId: 'run', attemptId, request: shellTask(script), actor: ACTOR });
    const [greedy, modest] = await Promise.all([
      start('greedy', 'head -c 96M /dev/zero > big; sleep 60'),
      start('modest', 'sleep 3; echo done'),
    ]);
    assert.equal(greedy.status, 'out-of-disk');
    // It may be ended while it still writes, from 64 MiB on.
    assert.match(
      greedy.message!,
      /It held (?:6[4-9]|[78]\d|9[0-6]) MiB when the host's disk was nearly full/,
    );
    assert.equal(readFileSync(modest.stdoutPath, 'utf8'), 'done\n');
  });
});
