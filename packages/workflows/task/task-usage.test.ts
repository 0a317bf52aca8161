import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskOutcome } from '@helicase/runtime';
import type { TaskDoc } from './model.ts';
import { usageMetrics, usageWords } from './task-usage.ts';

/** Asked for at 1,000; 3 s for a place of the run's, 2 s of which at the host; a second of staging; 60 s of work. */
const outcome: TaskOutcome = {
  ...{ status: 'exited', exitCode: 0, workDirectory: '/w', stdoutPath: '/o', stderrPath: '/e' },
  ...{ startedAt: 5_000, finishedAt: 65_000 },
  phases: { queue: 2_000, stageIn: 1_000, run: 60_000, stageOut: 500 },
  ...{ cpuSeconds: 30, peakMemoryBytes: 2 ** 29, readBytes: 2 ** 30, writtenBytes: 0 },
};
const doc = {
  ...{
    call: 'W.t',
    attempt: 1,
    name: 't',
    uuid: 'u',
    cpus: 2,
    memoryGiB: 4,
    gpus: 0,
    instanceType: 'omics.c.large',
  },
  ...{ starts: 1, askedAt: 1_000, startTime: 5_000, stopTime: 65_000, outcome },
} satisfies TaskDoc;

test('a task’s end tells in the engine’s log where its time went and what it took', () => {
  assert.equal(
    usageWords(outcome, 1_000),
    ' (queued 3.0 s, staged in 1.0 s, ran 60.0 s, staged out 0.5 s; 30.0 s of processors, 512 MiB of memory, 1024 MiB read, 0 MiB written)',
  );
});

test('what the host could not measure is left out', () => {
  const { cpuSeconds: _, phases: __, readBytes: ___, writtenBytes: ____, ...less } = outcome;
  assert.equal(usageWords(less, 1_000), ' (512 MiB of memory)');
});

test('the manifest has the same as numbers', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(usageMetrics(doc))), {
    ...{ runningSeconds: 60, cpusReserved: 2, gpusReserved: 0, memoryReservedGiB: 4 },
    ...{ cpusAverage: 0.5, memoryMaximumGiB: 0.5, readGiB: 1, writtenGiB: 0 },
    ...{ queueSeconds: 3, stageInSeconds: 1, stageOutSeconds: 0.5 },
  });
});
