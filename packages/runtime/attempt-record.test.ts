import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import { ATTEMPT_RECORD, AttemptRecord } from './attempt-record.ts';
import type { Backend, TaskLaunch } from './backend.ts';
import { createTaskRunner } from './task-runner.ts';
import { ACTOR, shellTask, temporaryDirectory } from './testing/testing.ts';

const directory = temporaryDirectory();
const fixture = new URL('testing/fixtures/attempt-1', import.meta.url).pathname;
const warned: object[] = [];
const asked: TaskLaunch[] = [];
const discarded: string[] = [];

/** What a backend is asked is what is looked at here; the real one has its own tests. */
const backend: Backend = {
  name: 'container',
  unavailable: async () => undefined,
  start: () => Promise.reject(new Error('nothing is started here')),
  find: async (launch) => void asked.push(launch),
  discard: async (attemptId) => void discarded.push(attemptId),
  cleanUp: async () => {},
};
const runner = createTaskRunner({
  ...{ backends: [backend], clock: systemClock, directory, capacity: { cpus: 1, memoryBytes: 2 ** 30 } },
  log: { ...silentLog, warn: (facts: object) => void warned.push(facts) },
  resolve: () => Promise.reject(new Error('nothing is resolved here')),
});

function attempt(attemptId: string): string {
  const folder = join(directory, 'run', attemptId);
  mkdirSync(folder, { recursive: true });
  cpSync(fixture, folder, { recursive: true });
  return folder;
}

const resume = (attemptId: string) =>
  runner.resume({ ...{ runId: 'run', attemptId, actor: ACTOR }, request: shellTask('true') });

describe('the record of an attempt', () => {
  test('of the first form is read by this server: the exit that it holds is the outcome', async () => {
    attempt('ended');
    const outcome = await resume('ended');
    assert.equal(outcome?.exitCode, 7);
    assert.equal(outcome.cpuSeconds, 0.25);
    assert.deepEqual(discarded.splice(0), ['ended']);
  });

  test('of the first form, without an exit, leads to the backend with what was launched', async () => {
    const folder = attempt('started');
    writeFileSync(join(folder, 'exit.json'), JSON.stringify({ version: ATTEMPT_RECORD + 1 }));
    assert.equal(await resume('started'), undefined);
    assert.equal(asked[0]?.image, 'quay.io/biocontainers/samtools:1.16');
    assert.deepEqual(asked[0]?.argv, ['samtools', 'flagstat', '/inputs/reads.bam']);
  });

  test('of a newer server is not guessed at: the task runs again, and the reason is logged', async () => {
    const folder = attempt('newer');
    writeFileSync(join(folder, 'launch.json'), JSON.stringify({ version: ATTEMPT_RECORD + 1, launch: [] }));
    discarded.length = 0;
    assert.equal(await resume('newer'), undefined);
    assert.match(JSON.stringify(warned.at(-1)), /a newer server recorded it/);
    assert.deepEqual(discarded, ['newer']);
    assert.equal(await new AttemptRecord(folder).launch(), 'newer');
  });
});
