import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TableFile } from '../table/file-rows.ts';
import { filesToMerge } from './plan.ts';

const KILOBYTE = 1024;

function file(added: number, size: number): TableFile {
  const blob = { id: String(added), size } as TableFile['blob'];
  const place = { storeId: '1', jobId: 'job', item: added, part: 0 };
  return { ...place, kind: 'rows', blob, rows: 1, ranges: {}, added, removed: undefined };
}

/** Files come one by one, and are merged as soon as they may be. */
function arriving(count: number, size: number) {
  let live: readonly TableFile[] = [];
  let [most, written] = [0, 0];
  for (let added = 1; added <= count; added++) {
    live = [...live, file(added, size)];
    for (let merged = filesToMerge(live); merged; merged = filesToMerge(live)) {
      const whole = merged.reduce((sum, { blob }) => sum + blob.size, 0);
      written += whole;
      live = [...live.filter((each) => !merged!.includes(each)), file(added, whole)];
    }
    most = Math.max(most, live.length);
  }
  return { most, writtenTimes: written / (count * size) };
}

describe('Files to be merged', () => {
  test('of a job of 1,000 files leave a dozen at any time, each row written seven times at most', () => {
    const { most, writtenTimes } = arriving(1000, 50 * KILOBYTE);
    // Seven new ones, and one of each doubling of eight: 8, 16, ... 640 of the 1,000 (then they are no longer small).
    assert.ok(most <= 7 + Math.log2(1000 / 8), `${most} files`);
    assert.ok(writtenTimes <= Math.ceil(Math.log2(1000 / 8)), `${writtenTimes} times`);
  });

  test('are those that a larger one does not outweigh, the oldest first', () => {
    const small = Array.from({ length: 8 }, (_, n) => file(10 - n, KILOBYTE));
    const alike = file(1, 8 * KILOBYTE);
    assert.deepEqual(
      filesToMerge([...small, alike, file(2, 17 * KILOBYTE)])?.map(({ added }) => added),
      [1, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });

  test('are none while there are few of a kind', () => {
    const few = Array.from({ length: 7 }, (_, n) => file(n, KILOBYTE));
    const genotypes = few.map((each) => ({ ...each, kind: 'genotypes' as const }));
    assert.equal(filesToMerge([...few, ...genotypes]), undefined);
  });
});
