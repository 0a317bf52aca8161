import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemRandom as random } from '@helicase/kernel';
import { RootKeyUnusable } from '../errors.ts';
import { loadRootKey } from './root-key.ts';

describe('root key', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'helicase-root-key-'));
  });
  after(() => rm(directory, { recursive: true }));

  test('is made once, readable by the owner alone, and the same ever after', async () => {
    const file = join(directory, 'keys', 'root.key');
    const source = { file, environment: {}, random };
    const [first, second] = await Promise.all([loadRootKey(source), loadRootKey(source)]);
    assert.equal(first.length, 32);
    assert.deepEqual(first, second);
    assert.deepEqual(await loadRootKey(source), first);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(directory, 'keys')), ['root.key']);
  });

  test('comes from the environment where that has one', async () => {
    const key = random.bytes(32);
    const environment = { HELICASE_ROOT_KEY: key.toString('base64') };
    const file = join(directory, 'unused');
    assert.deepEqual(Buffer.from(await loadRootKey({ file, environment, random })), key);
    await assert.rejects(stat(file), { code: 'ENOENT' });
  });

  test('is refused where it is no key, readable by others, or missing and may not be made', async () => {
    const file = join(directory, 'bad.key');
    const refused = (environment: Record<string, string>, mayCreate?: boolean) =>
      assert.rejects(
        loadRootKey({ file, environment, random, ...(mayCreate === undefined ? {} : { mayCreate }) }),
        RootKeyUnusable,
      );
    await refused({ HELICASE_ROOT_KEY: 'c2hvcnQ=' });
    await refused({}, false);
    await writeFile(file, 'not a key\n', { mode: 0o600 });
    await refused({});
    await writeFile(file, random.bytes(32).toString('base64'));
    await chmod(file, 0o644);
    await refused({});
  });
});
