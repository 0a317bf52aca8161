import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Log, silentLog, systemClock } from '@helicase/kernel';
import { detectControlGroups } from '../cgroup/detect.ts';
import {
  ACTOR,
  forgetGroups,
  MEBIBYTE,
  noSandbox,
  shellTask,
  temporaryDirectory,
  testGroups,
  testRunner,
  testSandbox,
} from '../testing/testing.ts';
import type { TaskRunner } from '../task-runner.ts';
import { createSandboxBackend } from './backend.ts';

const directory = temporaryDirectory();
const owner = `test-launcher-${process.pid}`;
const skip = await noSandbox(directory);
const groups = testGroups(owner);
const notReusable = skip || (!groups?.reusable && 'these control groups are made anew for every attempt');
let attempts = 0;

async function openSandbox() {
  const sandbox = testSandbox(directory, owner);
  assert.equal(await sandbox.unavailable(), undefined); // the launcher is compiled when it answers
  return { sandbox, runner: testRunner(directory, [sandbox]) };
}

function run(runner: TaskRunner, script: string, mebibytes = 64) {
  const resources = { cpus: 1, memoryBytes: mebibytes * MEBIBYTE };
  const request = shellTask(script, { resources });
  return runner.run({ runId: 'run', attemptId: `attempt-${++attempts}`, request, actor: ACTOR });
}

const eat = (mebibytes: number) => `head -c ${mebibytes}m /dev/zero | tail > /dev/null`;

forgetGroups(owner);
forgetGroups(`${owner}-shell`);

describe('a control group that is used again', { skip: notReusable }, () => {
  test('measures each attempt by itself', async () => {
    const { runner, sandbox } = await openSandbox();
    const large = await run(runner, `${eat(40)}; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done`);
    const before = groups!.list();
    const small = await run(runner, 'true');
    assert.deepEqual(groups!.list(), before);
    assert.equal(before.length, 1);
    assert.ok(large.peakMemoryBytes! > 40 * MEBIBYTE);
    assert.ok(small.peakMemoryBytes! < 20 * MEBIBYTE, `${small.peakMemoryBytes} bytes`);
    assert.ok(small.cpuSeconds! < large.cpuSeconds!);
    await sandbox.close!();
    assert.deepEqual(groups!.list(), []);
  });

  test('limits each attempt by itself', async () => {
    const { runner, sandbox } = await openSandbox();
    assert.equal((await run(runner, 'true', 64)).status, 'exited');
    assert.equal((await run(runner, eat(100), 256)).status, 'exited');
    assert.equal((await run(runner, eat(100), 64)).status, 'out-of-memory');
    await sandbox.close!();
  });

  test('goes when the kernel killed something in it, so that the next task is not blamed', async () => {
    const { runner, sandbox } = await openSandbox();
    assert.equal((await run(runner, eat(100))).status, 'out-of-memory');
    const before = groups!.list();
    assert.equal((await run(runner, 'true')).status, 'exited');
    assert.notDeepEqual(groups!.list(), before);
    await sandbox.close!();
  });

  test('goes when files of its task are left in memory, which would count as the next one’s', async () => {
    const { runner, sandbox } = await openSandbox();
    const writing = await run(runner, 'head -c 30m /dev/zero > large');
    assert.ok(writing.peakMemoryBytes! > 25 * MEBIBYTE);
    const next = await run(runner, 'true');
    assert.ok(next.peakMemoryBytes! < 20 * MEBIBYTE, `${next.peakMemoryBytes} bytes`);
    await sandbox.close!();
  });
});

describe('the launcher', { skip }, () => {
  test(
    'takes its task along when it is killed, and another starts the next one',
    { skip: notReusable },
    async () => {
      const { runner, sandbox } = await openSandbox();
      const running = run(runner, 'echo ready > ready; sleep 63.5');
      const launcher = await found(() => processesOf('launcher')[0]);
      await found(() => processesOf('sleep\x0063.5')[0]);
      process.kill(launcher, 'SIGKILL');
      assert.equal((await running).status, 'lost');
      assert.deepEqual(processesOf('sleep\x0063.5'), []);
      assert.equal((await run(runner, 'true')).status, 'exited');
      await sandbox.close!();
      assert.deepEqual(groups!.list(), []);
    },
  );

  test('is not needed: where nothing compiles it a shell starts tasks, and the log says how to mend it', async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_facts, message) => void warnings.push(message) };
    const folder = join(directory, 'shell');
    const sandbox = createSandboxBackend({
      ...{ clock: systemClock, log, directory: folder, compiler: 'no-such-compiler' },
      groups: () => detectControlGroups({ owner: `${owner}-shell` }),
    });
    assert.equal(await sandbox.unavailable(), undefined);
    assert.match(warnings.join(), /Install gcc/);
    const runner = testRunner(directory, [sandbox]);
    const outcome = await run(runner, 'echo said; exit 7');
    assert.equal(outcome.exitCode, 7);
    assert.equal(readFileSync(outcome.stdoutPath, 'utf8'), 'said\n');
    assert.equal((await run(runner, eat(100))).status, 'out-of-memory');
    assert.deepEqual(testGroups(`${owner}-shell`)!.list(), []);
  });
});

/** In our groups alone: other servers of this machine have theirs. */
function processesOf(command: string): number[] {
  const ids = groups!.list().flatMap((name) => groups!.open(name).processes());
  return ids.filter((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(command);
    } catch {
      return false; // it ended meanwhile
    }
  });
}

async function found<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const value = look();
    if (value !== undefined) return value;
    await systemClock.sleep(10);
  }
}
