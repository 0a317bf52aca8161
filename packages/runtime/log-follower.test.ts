import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { systemClock } from '@helicase/kernel';
import { followLog, type LogLine } from './log-follower.ts';
import { temporaryDirectory } from './testing/testing.ts';

const directory = temporaryDirectory();
let files = 0;

function follow(onLines?: (lines: readonly LogLine[]) => void, from?: number) {
  const path = join(directory, `log-${++files}`);
  const lines: LogLine[] = [];
  const follower = followLog({
    ...{ path, clock: systemClock },
    ...(from === undefined ? {} : { from }),
    onLines: onLines ?? ((more) => void lines.push(...more)),
  });
  return { path, lines, follower };
}

describe('following a log', () => {
  test('tells complete lines while the file still grows, with the time at which they were read', async () => {
    const { path, lines, follower } = follow();
    await systemClock.sleep(120); // the file comes later than its follower
    const written = Date.now();
    writeFileSync(path, 'one\ntwo\nthr');
    while (lines.length === 0) await systemClock.sleep(10);
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['one', 'two'],
    );
    assert.ok(lines.every(({ timestamp }) => timestamp >= written && timestamp <= Date.now()));
    appendFileSync(path, 'ee\nlast');
    await follower.finish();
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['one', 'two', 'three', 'last'],
    );
  });

  test('reads to the end what was written just before it is finished', async () => {
    const { path, lines, follower } = follow();
    writeFileSync(path, Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join(''));
    await follower.finish();
    assert.equal(lines.length, 100_000);
    assert.equal(lines.at(-1)!.message, 'line 99999');
  });

  test('goes on where an earlier follower stopped', async () => {
    const { path, lines, follower } = follow(undefined, 4);
    writeFileSync(path, 'one\ntwo\n');
    await follower.finish();
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['two'],
    );
  });

  test('of a file that never came there is nothing to tell', async () => {
    const { lines, follower } = follow();
    await follower.finish();
    assert.deepEqual(lines, []);
  });

  test('a listener that fails ends it with its error', async () => {
    const { path, follower } = follow(() => {
      throw new Error('the log store is full');
    });
    writeFileSync(path, 'line\n');
    await assert.rejects(follower.done, /the log store is full/);
    await assert.rejects(follower.finish(), /the log store is full/);
  });
});
