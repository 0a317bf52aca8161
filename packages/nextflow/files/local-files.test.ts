import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { glob } from './glob.ts';
import { LocalFiles } from './local-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'local-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'index/parts'), { recursive: true });
writeFileSync(join(folder, 'index/genome.bt2'), 'bt2');
symlinkSync('..', join(folder, 'index/parts/up'));

describe('a folder with a link that leads back to it', () => {
  const files = new LocalFiles();

  test('is not copied without end, but refused with the place', () => {
    assert.throws(
      () => files.copy(join(folder, 'index'), join(folder, 'copy')),
      /index\/parts\/up cannot be copied: it is a link/,
    );
  });

  test('is searched once', () => {
    const options = {
      type: 'file',
      hidden: false,
      maxDepth: Infinity,
      followLinks: true,
      relative: true,
    } as const;
    assert.deepEqual(glob(files, join(folder, 'index/**.bt2'), options), ['genome.bt2']);
  });
});
