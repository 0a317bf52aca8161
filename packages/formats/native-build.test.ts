import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { type Log, silentLog } from '@helicase/kernel';
import { openReadPasses } from './read-passes.ts';
import { temporaryFolder } from './test-files.ts';

const noScratch = (): never => assert.fail('no file was asked for');

test('the reader is compiled once, also by two that begin at the same time', async () => {
  const { path, remove } = await temporaryFolder();
  const options = { cache: path, log: silentLog, scratch: noScratch };
  const both = await Promise.all([openReadPasses(options), openReadPasses(options)]);
  assert.deepEqual(
    both.map((passes) => passes.kind),
    ['native', 'native'],
  );
  assert.equal((await readdir(path)).length, 1);
  await remove();
});

test('without a compiler the pipeline serves, and the log says how to mend it', async () => {
  const { path, remove } = await temporaryFolder();
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (_facts, message) => void warnings.push(message) };
  const passes = await openReadPasses({ cache: path, log, scratch: noScratch, compiler: 'no-such-compiler' });
  assert.equal(passes.kind, 'pipeline');
  assert.match(warnings.join(), /Install gcc/);
  await remove();
});
