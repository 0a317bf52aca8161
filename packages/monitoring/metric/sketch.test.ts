import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededNumbers } from '../testing/seeded-numbers.ts';
import { Sketch } from './sketch.ts';

describe('a sketch', () => {
  it('of few values gives the percentiles that NIST’s handbook interpolates', () => {
    const sketch = new Sketch();
    for (const value of [15, 20, 35, 40, 50]) sketch.add(value);
    assert.equal(sketch.percentile(0.4), 29); // numpy.percentile([15, 20, 35, 40, 50], 40)
    assert.equal(sketch.percentile(0), 15);
    assert.equal(sketch.percentile(1), 50);
    assert.equal(new Sketch().percentile(0.5), undefined);
  });

  it('of many values is at most a hundredth beside the value that stands there', () => {
    const numbers = seededNumbers(7);
    const random = () => numbers(1_000_000) / 1_000_000;
    const values = Array.from({ length: 50_000 }, () => (random() - 0.2) * 10 ** (random() * 8 - 3));
    const sketch = new Sketch();
    for (const value of values) sketch.add(value);
    const sorted = values.toSorted((a, b) => a - b);
    for (const share of [0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999]) {
      const there = sorted[Math.floor(share * (sorted.length - 1))]!;
      const found = sketch.percentile(share)!;
      assert.ok(
        Math.abs(found - there) <= 0.0101 * Math.abs(there) + 1e-9,
        `${share}: ${found} for ${there}`,
      );
    }
  });
});
