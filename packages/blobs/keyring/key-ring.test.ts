import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { systemRandom } from '@helicase/kernel';
import { KeyUnavailable } from '../errors.ts';
import { MemoryKeyRows } from '../testing.ts';
import { openKeyRing } from './key-ring.ts';

const root = randomBytes(32);
const random = systemRandom;
const east = { account: '111111111111', region: 'us-east-1' };
const west = { account: '111111111111', region: 'eu-west-1' };
const other = { account: '222222222222', region: 'us-east-1' };

describe('key ring', () => {
  test('wraps and unwraps, also after a restart', async () => {
    const rows = new MemoryKeyRows();
    const ring = openKeyRing({ rows, root, random });
    const keyId = await ring.keyFor(east, 'sequenceStore/1');
    const wrapped = await ring.wrap(keyId, Buffer.from('key of a blob'));
    const again = openKeyRing({ rows, root, random });
    assert.equal((await again.unwrap(keyId, wrapped)).toString(), 'key of a blob');
    assert.equal(await again.keyFor(east, 'sequenceStore/1'), keyId);
  });

  test('has a key of its own for each account, region and purpose', async () => {
    const ring = openKeyRing({ rows: new MemoryKeyRows(), root, random });
    const scopes = [east, west, other];
    const purposes = ['sequenceStore/1', 'sequenceStore/2', 'secrets'];
    const ids = await Promise.all(scopes.flatMap((scope) => purposes.map((p) => ring.keyFor(scope, p))));
    assert.equal(new Set(ids).size, 9);
    const wrapped = await ring.wrap(ids[0]!, Buffer.from('plain'));
    for (const id of ids.slice(1)) await assert.rejects(ring.unwrap(id, wrapped), KeyUnavailable);
  });

  test('two servers that make the same key at once agree on one', async () => {
    const rows = new MemoryKeyRows();
    const rings = [openKeyRing({ rows, root, random }), openKeyRing({ rows, root, random })] as const;
    const [id] = await Promise.all(rings.map((ring) => ring.keyFor(east, 'tables/1')));
    const wrapped = await rings[0].wrap(id!, Buffer.from('plain'));
    assert.equal((await rings[1].unwrap(id!, wrapped)).toString(), 'plain');
  });

  test('another root key is told as such and opens nothing', async () => {
    const rows = new MemoryKeyRows();
    await openKeyRing({ rows, root, random }).keyFor(east, 'secrets');
    const wrong = openKeyRing({ rows, root: randomBytes(32), random });
    await assert.rejects(
      wrong.keyFor(east, 'secrets'),
      (error: Error) => error instanceof KeyUnavailable && /root key .* is not the one/.test(error.message),
    );
  });

  test('a key row moved to another name, altered or missing does not open', async () => {
    const rows = new MemoryKeyRows();
    const id = await openKeyRing({ rows, root, random }).keyFor(east, 'secrets');
    const row = rows.rows.get(id)!;
    rows.rows.set(`${id}/moved`, row);
    const ring = openKeyRing({ rows, root, random });
    await assert.rejects(ring.wrap(`${id}/moved`, root), KeyUnavailable);
    await assert.rejects(ring.wrap('111111111111/us-east-1/none', root), KeyUnavailable);
    const altered = Buffer.from(row.wrapped);
    altered[20]! ^= 1;
    rows.rows.set(id, { ...row, wrapped: altered });
    await assert.rejects(openKeyRing({ rows, root, random }).keyFor(east, 'secrets'), KeyUnavailable);
  });

  test('seals secrets of a scope, and the rows hold none of them', async () => {
    const rows = new MemoryKeyRows();
    const ring = openKeyRing({ rows, root, random });
    const sealed = await ring.sealSecret(east, 'wJalrXUtnFEMI');
    assert.equal(await ring.openSecret(east, sealed), 'wJalrXUtnFEMI');
    assert.equal(sealed.includes('wJalr'), false);
    await assert.rejects(ring.openSecret(other, sealed), KeyUnavailable);
    assert.ok(![...rows.rows.keys()].some((id) => id.startsWith(other.account)), 'opening makes no key');
  });
});
