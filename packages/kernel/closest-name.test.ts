import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closestName } from './closest-name.ts';

test('the known name nearest to a misspelt one is found, whatever its case; a strange one has none', () => {
  const known = ['scatter', 'struct', 'gather'];
  assert.equal(closestName('scater', known), 'scatter');
  assert.equal(closestName('STRUCT', known), 'struct');
  assert.equal(closestName('kitten', known), undefined);
  assert.equal(closestName('x', []), undefined);
});
