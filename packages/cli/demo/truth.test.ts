import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compare, type Difference } from './truth.ts';

const at = (position: number, alternate = 'T'): Difference => ({
  contig: 'c',
  position,
  reference: 'A',
  alternate,
});

describe('comparing calls with the truth', () => {
  test('recall counts true differences that were found, precision called ones that are true', () => {
    const comparison = compare([at(1), at(2), at(3), at(4)], [at(1), at(2), at(9)]);
    assert.equal(comparison.recall, 0.5);
    assert.equal(comparison.precision, 2 / 3);
    assert.deepEqual(comparison.others, [at(9)]);
  });

  test('another base at the right place is not found', () => {
    const comparison = compare([at(1, 'T')], [at(1, 'G')]);
    assert.equal(comparison.recall, 0);
    assert.deepEqual(comparison.missed, [at(1, 'T')]);
  });
});
