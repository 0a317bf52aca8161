import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@helicase/kernel';
import { durationSignal, longestRun } from './run-duration.ts';

test('a run may take as long as the account’s quota and its group allow, whichever is less', () => {
  assert.deepEqual(longestRun({ runHours: 168 }), {
    milliseconds: 168 * 3_600_000,
    message: 'The run took longer than the 10080 minutes that the account’s quota allows.',
  });
  // The guide's example of a run group.
  assert.deepEqual(longestRun({ runHours: 168, maxDuration: 600 }), {
    milliseconds: 600 * 60_000,
    message: 'The run took longer than the 600 minutes that its run group allows.',
  });
});

test('the time counts from the run’s start, also for a server that takes the run over later', async () => {
  const over = new AbortController();
  const late = durationSignal(
    systemClock,
    Date.now() - 61_000,
    { runHours: 168, maxDuration: 1 },
    over.signal,
  );
  await new Promise(setImmediate);
  assert.match(String(late.reason), /took longer than the 1 minutes/);
  const early = durationSignal(systemClock, Date.now(), { runHours: 168 }, over.signal);
  over.abort();
  await new Promise(setImmediate);
  assert.equal(early.aborted, false);
});
