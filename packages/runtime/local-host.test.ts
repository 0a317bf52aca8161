import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createLocalHost, type LocalHostOptions } from './local-host.ts';
import type { TaskRequest } from './task.ts';
import { forgetGroups, noSandbox, shellTask, temporaryDirectory, testSandbox } from './testing/testing.ts';

const directory = temporaryDirectory();
const owner = `test-local-${process.pid}`;
const skip = await noSandbox(directory);
const sandbox = testSandbox(directory, owner);
forgetGroups(owner);

/** A host as the next command on the same folders makes it. */
function host(options: Partial<LocalHostOptions> = {}) {
  return createLocalHost({
    ...{ backends: [sandbox], clock: systemClock, random: systemRandom, log: silentLog },
    ...{ directory: join(directory, 'run'), records: join(directory, 'records'), ...options },
  });
}

const reads = join(directory, 'reads.fq');
const count = (changes: Partial<TaskRequest> = {}): TaskRequest =>
  shellTask('wc -l < /in/reads.fq > lines; echo counted', {
    inputs: [{ kind: 'uri', uri: reads, target: '/in/reads.fq' }],
    ...changes,
  });

describe('a local host with records', { skip }, () => {
  test('answers a task that another host ran with its outcome and its files', async () => {
    writeFileSync(reads, '@r1\nACGT\n+\nIIII\n');
    const { missed, ...first } = await host().run(count());
    assert.equal(missed, 'nothing of main.task was kept before');
    assert.equal(first.recorded, undefined);
    const again = await host().run(count({ call: 'main.elsewhere' }));
    assert.deepEqual(again, { ...first, recorded: true });
    assert.equal(readFileSync(join(again.workDirectory, 'lines'), 'utf8'), '4\n');
  });

  test('runs a task again whose input changed, and both are known from then on', async () => {
    writeFileSync(reads, '@r1\nACGT\n+\nIIII\n@r2\nACGT\n+\nIIII\n');
    const changed = await host().run(count());
    assert.equal(changed.recorded, undefined);
    assert.match(changed.missed!, /these differ from what was kept: input \/in\/reads\.fq: before \w+/);
    assert.equal(readFileSync(join(changed.workDirectory, 'lines'), 'utf8'), '8\n');
    assert.equal((await host().run(count())).recorded, true);
  });

  test('says which line of a command differs from the nearest that was kept', async () => {
    await host().run(shellTask('true\nprintf one', { call: 'main.said' }));
    const { missed } = await host().run(shellTask('true\nprintf two', { call: 'main.said' }));
    assert.match(missed!, /command.*printf one.*now.*printf two/);
    const unasked = await host({ reuse: false }).run(shellTask('printf three', { call: 'main.said' }));
    assert.equal(unasked.missed, undefined);
  });

  test('runs a task again whose files were removed', async () => {
    const first = await host().run(count());
    rmSync(first.workDirectory, { recursive: true });
    assert.equal((await host().run(count())).recorded, undefined);
  });

  test('never reuses a failure, nor a task that forbids it', async () => {
    for (const request of [shellTask('exit 3'), count({ reuse: false })]) {
      await host().run(request);
      assert.equal((await host().run(request)).recorded, undefined);
    }
  });

  test('reuses an exit code that is a success to the task', async () => {
    const request = shellTask('exit 3', { successCodes: [0, 3] });
    await host().run(request);
    const again = await host().run(request);
    assert.deepEqual([again.recorded, again.exitCode], [true, 3]);
  });
});

describe('a local host', { skip }, () => {
  test('runs no more tasks at once than it is told', async () => {
    const two = host({ concurrentTasks: 2, capacity: { cpus: 64, memoryBytes: 2 ** 40 } });
    const spans = await Promise.all(
      Array.from({ length: 5 }, () => two.run(shellTask('sleep 0.2', { reuse: false }))),
    );
    const together = (at: number) =>
      spans.filter(({ finishedAt, startedAt }) => startedAt <= at && at < finishedAt).length;
    assert.ok(Math.max(...spans.map(({ startedAt }) => together(startedAt))) <= 2);
  });

  test('gives secrets to the task, and keeps their values nowhere', async () => {
    const request = shellTask('test "$TOKEN" = hush && echo known', { secrets: { TOKEN: 'registry' } });
    const outcome = await host({ secrets: { registry: 'hush' } }).run(request);
    assert.equal(readFileSync(outcome.stdoutPath, 'utf8'), 'known\n');
    const unknown = await host().run({ ...request, reuse: false });
    assert.equal(unknown.message, 'There is no secret registry for this task.');
  });

  test('tells where the time went', async () => {
    const { phases } = await host().run(shellTask('sleep 0.1', { reuse: false }));
    assert.ok(phases!.run >= 100 && phases!.queue >= 0 && phases!.stageIn >= 0 && phases!.stageOut >= 0);
  });
});
