import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freshBundle, makeBundle } from './bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
const cache = join(folder, 'cache');
after(() => rmSync(folder, { recursive: true, force: true }));

/** Written a while ago: what changes during the making of a bundle is in none. */
function source(name: string, text: string, seconds = -60): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  const time = Date.now() / 1000 + seconds;
  utimesSync(path, time, time);
  return path;
}

test('a bundle finds what lies beside its sources, and calls for another when one of them changes', async () => {
  const entry = source('entry.ts', `export { where } from './part.ts';`);
  source('part.ts', `export const where: string = import.meta.dirname;`);
  assert.equal(freshBundle(entry, cache), undefined);
  const bundle = await makeBundle(entry, cache);
  assert.equal(freshBundle(entry, cache), bundle);
  assert.equal(((await import(bundle!)) as { where: string }).where, folder);
  source('part.ts', `export const where = 'elsewhere, and longer';`);
  assert.equal(freshBundle(entry, cache), undefined);
});

test('what may have changed while its bundle was made has none', async () => {
  assert.equal(await makeBundle(source('new.ts', 'export const one = 1;', 60), cache), undefined);
});

test('where no bundle can be made there is none, and the sources speak for themselves', async () => {
  assert.equal(await makeBundle(source('broken.ts', 'export const = 1;'), cache), undefined);
  const entry = source('fine.ts', 'export const one = 1;');
  assert.equal(await makeBundle(entry, join(entry, 'no-folder')), undefined);
});
