import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpareFolders } from './spare-folders.ts';
import { temporaryDirectory } from './testing/testing.ts';

const directory = temporaryDirectory();
let runs = 0;

/** The temporary folders of two attempts of one run, of which the first is made. */
function attempts() {
  const run = join(directory, `run-${++runs}`);
  const [first, second] = ['first', 'second'].map((attempt) => join(run, attempt, 'tmp')) as [string, string];
  for (const path of [first, second]) mkdirSync(join(path, '..'), { recursive: true });
  const spare = new SpareFolders();
  spare.make(first);
  return { first, second, spare, inode: statSync(first).ino };
}

test('a folder that a task left empty becomes that of the next task of its run', async () => {
  const { first, inode, second, spare } = attempts();
  await spare.leave(first);
  spare.make(second);
  assert.equal(statSync(second).ino, inode);
  assert.equal(existsSync(first), false);
});

test('no task gets what another left, nor a folder whose rights one changed', async () => {
  for (const change of [
    (path: string) => writeFileSync(join(path, 'left'), 'of another'),
    (path: string) => chmodSync(path, 0o1777),
  ]) {
    const { first, second, spare } = attempts();
    change(first);
    await spare.leave(first);
    assert.equal(existsSync(first), false);
    spare.make(second);
    assert.deepEqual(readdirSync(second), []);
    assert.equal(statSync(second).mode & 0o7777, 0o777 & ~process.umask());
  }
});

test('no folder goes from one run to another', async () => {
  const { first, spare } = attempts();
  await spare.leave(first);
  const other = join(directory, 'other', 'attempt', 'tmp');
  mkdirSync(join(other, '..'), { recursive: true });
  spare.make(other);
  assert.equal(existsSync(first), true);
  assert.equal(existsSync(other), true);
});

test('a folder that went with its attempt is made anew', async () => {
  const { first, second, spare } = attempts();
  await spare.leave(first);
  rmSync(join(first, '..'), { recursive: true });
  spare.make(second);
  assert.equal(existsSync(second), true);
});
