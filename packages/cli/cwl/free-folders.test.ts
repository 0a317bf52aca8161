import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FreeFolders } from './free-folders.ts';

test('outputs lie in the output folder itself until their names meet; secondary files go with their primary file', () => {
  const free = new FreeFolders();
  assert.equal(free.take(['a.bam', 'a.bam.bai']), '');
  assert.equal(free.take(['b.bam', 'b.bam.bai']), '');
  assert.equal(free.take(['a.bam', 'a.bam.bai']), '2');
  assert.equal(free.take(['b.bam']), '2');
  assert.equal(free.take(['a.bam']), '3');
});

test('an output called like a number keeps its name, and no folder of that number is made in its place', () => {
  const free = new FreeFolders();
  assert.equal(free.take(['2']), '');
  assert.equal(free.take(['a']), '');
  assert.equal(free.take(['a']), '3');
  assert.equal(free.take(['3']), '3', 'in the folder, whose place in the output folder it cannot have');
});
