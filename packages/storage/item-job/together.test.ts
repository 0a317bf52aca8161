import assert from 'node:assert/strict';
import { test } from 'node:test';
import { together } from './together.ts';

/** A half that gives nothing until it is ended, as a FASTQ file whose bucket hangs. */
const hangs = (signal: AbortSignal, ended: () => void) =>
  new Promise<void>((_, reject) =>
    signal.addEventListener('abort', () => {
      ended();
      reject(signal.reason as Error);
    }),
  );

test('a half that fails ends the other half, and its error is the one that is told', async () => {
  let ended = false;
  const work = (half: string, _: number, signal: AbortSignal) =>
    half === 'R2' ? Promise.reject(new Error('R2 is gone')) : hangs(signal, () => (ended = true));
  await assert.rejects(together(['R1', 'R2'], new AbortController().signal, work), { message: 'R2 is gone' });
  assert.ok(ended);
});

test('both end where the job is cancelled', async () => {
  const job = new AbortController();
  let ended = 0;
  const both = together(['R1', 'R2'], job.signal, (_, __, signal) => hangs(signal, () => ended++));
  job.abort(new Error('the job was cancelled'));
  await assert.rejects(both, { message: 'the job was cancelled' });
  assert.equal(ended, 2);
});
