import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { simulate } from './simulation.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-simulation-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the simulated sample', () => {
  const planted = simulate(folder, 7);
  const reference = readFileSync(join(folder, 'reference.fasta'), 'utf8').split('\n').slice(1).join('');

  test('names the reference base at each planted place', () => {
    for (const one of planted) assert.equal(reference[one.position - 1], one.reference);
    assert.equal(new Set(planted.map((one) => one.position)).size, 60);
  });

  test('has as many reverse reads as forward ones, four lines each', () => {
    const [forward, reverse] = ['sample_R1.fastq.gz', 'sample_R2.fastq.gz'].map((name) =>
      gunzipSync(readFileSync(join(folder, name)))
        .toString()
        .split('\n'),
    );
    assert.equal(forward!.length, reverse!.length);
    assert.equal((forward!.length - 1) % 4, 0);
    assert.equal((forward!.length - 1) / 4, (60_000 * 40) / 300);
  });

  test('is the same for the same seed', () => {
    const again = mkdtempSync(join(tmpdir(), 'helicase-simulation-'));
    assert.deepEqual(simulate(again, 7), planted);
    assert.deepEqual(
      readFileSync(join(again, 'sample_R1.fastq.gz')),
      readFileSync(join(folder, 'sample_R1.fastq.gz')),
    );
    rmSync(again, { recursive: true });
  });
});
