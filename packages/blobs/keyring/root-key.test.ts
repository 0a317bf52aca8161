import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

describe('a root key under a key of HashiCorp Vault’s transit engine', () => {
  /** Answers as the API documentation has it; Vault itself is not run here. */
  async function transit(): Promise<{ url: string; asked: string[]; close: () => void }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        asked.push(`${request.method} ${request.url} ${String(request.headers['x-vault-token'])}`);
        const given = JSON.parse(body) as { plaintext?: string; ciphertext?: string };
        if (request.headers['x-vault-token'] !== 's.token')
          return response.writeHead(403).end('{"errors":["permission denied"]}');
        const data = request.url!.includes('/encrypt/')
          ? { ciphertext: `vault:v1:${[...given.plaintext!].reverse().join('')}` }
          : { plaintext: [...given.ciphertext!.slice('vault:v1:'.length)].reverse().join('') };
        return response.end(JSON.stringify({ data }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/transit/helicase`, asked, close: () => server.close() };
  }

  test('is made once, lies wrapped, and opens only where Vault lets it', async () => {
    const vault = await transit();
    const file = join(mkdtempSync(join(tmpdir(), 'helicase-transit-')), 'keys', 'root.key');
    const environment = { HELICASE_ROOT_KEY_VAULT: vault.url, VAULT_TOKEN: 's.token' };
    const key = await loadRootKey({ file, environment, random });
    assert.equal(key.length, 32);
    assert.deepEqual(vault.asked, [
      'POST /v1/transit/encrypt/helicase s.token',
      'POST /v1/transit/decrypt/helicase s.token',
    ]);
    assert.equal(existsSync(file), false);
    assert.match(readFileSync(`${file}.wrapped`, 'utf8'), /^vault:v1:/);
    assert.ok(!readFileSync(`${file}.wrapped`, 'utf8').includes(Buffer.from(key).toString('base64')));
    const again = { file, environment, random, mayCreate: false };
    assert.deepEqual(await loadRootKey(again), Buffer.from(key));
    const refused = (other: Record<string, string>, message: RegExp) =>
      assert.rejects(loadRootKey({ ...again, environment: other }), { name: 'RootKeyUnusable', message });
    await refused({ ...environment, VAULT_TOKEN: 'other' }, /Vault answered 403: permission denied/);
    await refused({ HELICASE_ROOT_KEY_VAULT: vault.url }, /needs VAULT_TOKEN/);
    await refused(
      {},
      /lies wrapped in .*root.key.wrapped: set HELICASE_ROOT_KEY_KMS or HELICASE_ROOT_KEY_VAULT/,
    );
    vault.close();
    await refused(environment, /cannot be unwrapped by the transit key/);
  });

  test('a key that lies in the clear is not wrapped behind its owner’s back', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'helicase-transit-')), 'root.key');
    await loadRootKey({ file, environment: {}, random });
    const environment = { HELICASE_ROOT_KEY_VAULT: 'http://127.0.0.1:9/transit/helicase', VAULT_TOKEN: 't' };
    await assert.rejects(loadRootKey({ file, environment, random }), /lies in the clear in/);
  });
});
