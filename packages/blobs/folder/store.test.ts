import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { link, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import type { BlobStore } from '../blob.ts';
import { BlobExists, BlobMissing } from '../errors.ts';
import { idsOf, put, storeContract } from '../store-contract.ts';
import { openFolderStore } from './store.ts';

const directories: string[] = [];
after(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true }))));

async function fresh(): Promise<{ store: BlobStore; directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'helicase-folder-'));
  directories.push(directory);
  return { store: await openFolderStore({ directory }), directory };
}

describe('folder store', () => {
  for (const { name, check } of storeContract) test(name, async () => check((await fresh()).store));
});

describe('folder store on disk', () => {
  test('keeps a blob as a read-only file under directories that only the owner enters', async () => {
    const { store } = await fresh();
    await put(store, '1', Buffer.from('ACGT'));
    const path = store.path('1')!;
    assert.equal(await readFile(path, 'utf8'), 'ACGT');
    assert.equal((await stat(path)).mode & 0o777, 0o444);
    assert.equal((await stat(join(path, '..'))).mode & 0o777, 0o700);
  });

  test('takes a finished file by renaming it', async () => {
    const { store, directory } = await fresh();
    const file = join(directory, 'calls.vcf');
    await writeFile(file, '##fileformat=VCFv4.2\n');
    const before = (await stat(file)).ino;
    assert.deepEqual(await store.adopt!('7', file), { size: 21 });
    assert.equal((await stat(store.path('7')!)).ino, before);
    await assert.rejects(stat(file), { code: 'ENOENT' });
  });

  test('does not take a file that has another name, nor a symbolic link', async () => {
    const { store, directory } = await fresh();
    const file = join(directory, 'a');
    await writeFile(file, 'a');
    await symlink(file, join(directory, 'soft'));
    assert.equal(await store.adopt!('1', join(directory, 'soft')), undefined);
    await link(file, join(directory, 'hard'));
    assert.equal(await store.adopt!('1', file), undefined);
    assert.deepEqual(await idsOf(store), []);
  });

  test('refuses to write an id twice and ids that are paths', async () => {
    const { store } = await fresh();
    await put(store, '1', Buffer.from('first'));
    await assert.rejects(put(store, '1', Buffer.from('second')), BlobExists);
    assert.equal((await buffer(store.read('1'))).toString(), 'first');
    await assert.rejects(store.create('../1'), /not a blob id/);
    await assert.rejects(store.size('a/b'), /not a blob id/);
  });

  test('a writer killed in the middle leaves nothing visible, and its unfinished file is removed', async () => {
    const { store, directory } = await fresh();
    const writer = `
      import { openFolderStore } from ${JSON.stringify(new URL('./store.ts', import.meta.url).href)};
      const store = await openFolderStore({ directory: process.argv[1] });
      const whole = await store.create('whole');
      await whole.write(Buffer.alloc(300_000, 1));
      await whole.finish();
      const sink = await store.create('half');
      await sink.write(Buffer.alloc(1_000_000, 2));
      process.stdout.write('written');
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    assert.deepEqual(await idsOf(store), ['whole']);
    await assert.rejects(buffer(store.read('half')), BlobMissing);
    assert.equal((await readdir(join(directory, 'unfinished'))).length, 1);
    assert.equal(await store.removeUnfinished(Date.now() + 1000), 1);
    assert.equal((await readdir(join(directory, 'unfinished'))).length, 0);
    assert.deepEqual(await idsOf(store), ['whole']);
  });
});
