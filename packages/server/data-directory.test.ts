import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { dataDirectory, lockDataDirectory, prepareDataDirectory } from './data-directory.ts';

const root = mkdtempSync(join(tmpdir(), 'helicase-data-'));
after(() => rmSync(root, { recursive: true, force: true }));

describe('the data directory', () => {
  const directory = dataDirectory(join(root, 'data'));
  prepareDataDirectory(directory);

  test('is readable by its owner only', () => {
    assert.equal(statSync(directory.root).mode & 0o077, 0);
    assert.equal(statSync(directory.blobs).mode & 0o077, 0);
  });

  test('held by one process is refused to a second, and free again once the first is gone', () => {
    const lock = lockDataDirectory(directory);
    const module = join(import.meta.dirname, 'data-directory.ts');
    const script = `const d = await import(${JSON.stringify(module)}); d.lockDataDirectory(d.dataDirectory(process.argv[1])); console.log('locked')`;
    const second = () =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script, directory.root], {
        encoding: 'utf8',
      });
    assert.match(second().stderr, /is in use by another Helicase process/);
    lock.release();
    assert.equal(second().stdout, 'locked\n');
  });

  test('of a newer layout is refused with a sentence that says what to do, and left as it is', () => {
    const path = join(directory.root, 'layout.json');
    const newer = JSON.stringify({ layout: 99 });
    writeFileSync(path, newer);
    assert.throws(
      () => prepareDataDirectory(directory),
      /written by a newer Helicase.*Start that version or a later one/,
    );
    assert.equal(readFileSync(path, 'utf8'), newer);
  });
});
