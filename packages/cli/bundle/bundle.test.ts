import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Script } from 'node:vm';
import { makeBundle } from './bundle.ts';
import { freshBundle, runCompiled } from './load.cjs';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
const cache = join(folder, 'cache');
const load = (address: string) => import(address);
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
  assert.deepEqual({ ...runCompiled(bundle!, createRequire(entry), load) }, { where: folder });
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

test('the engine takes the compiled code as its own, and compiles the text where the code is of no use to it', async () => {
  const entry = source('letters.ts', `export const letters = () => 'a\\u00fc\\u6f22'.length;`);
  const bundle = (await makeBundle(entry, cache))!;
  const lettersOf = (path: string) =>
    (runCompiled(path, createRequire(entry), load) as { letters: () => number }).letters();
  assert.equal(lettersOf(bundle), 3);
  const bytes = readFileSync(bundle);
  const end = 4 + bytes.readUint32LE();
  const script = new Script(bytes.toString('latin1', 4, end), {
    cachedData: bytes.subarray(end),
    filename: bundle,
  });
  assert.equal(script.cachedDataRejected, false);
  writeFileSync(bundle, Buffer.concat([bytes.subarray(0, end), Buffer.alloc(64, 1)]));
  assert.equal(lettersOf(bundle), 3);
});

test('names of Node’s own modules are taken one by one, and of what is not our own as a whole', async () => {
  const entry = source(
    'names.ts',
    `import { readFileSync as read, type Stats } from 'node:fs';
import * as path from 'node:path';
export const facts = (): readonly [string, string, Stats?] => [
  read(path.join(import.meta.dirname, 'names.txt'), 'utf8'), path.basename('/a/b')];`,
  );
  source('names.txt', 'text');
  const bundle = (await makeBundle(entry, cache))!;
  const { facts } = runCompiled(bundle, createRequire(entry), load) as { facts: () => readonly unknown[] };
  assert.deepEqual([...facts()], ['text', 'b']);
});

test('the program says the same from its bundle and from its sources', () => {
  const cli = join(import.meta.dirname, '..');
  const ran = (entry: string, args: readonly string[]) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [join(cli, entry), ...args], {
      encoding: 'utf8',
    });
    return { status, stderr, stdout };
  };
  const statuses = [
    [['--help'], 0],
    [['nothing'], 2],
    [['serve', '--port', 'x'], 2],
    [['cwl', '--wrong'], 2],
    [['wdl', 'check'], 2],
    [['env', '--data', folder], 1],
  ] as const;
  for (const [args, status] of statuses) {
    const expected = ran('helicase.ts', args);
    assert.equal(expected.status, status, args.join(' '));
    assert.deepEqual(ran('bin/helicase.cjs', args), expected);
  }
});
