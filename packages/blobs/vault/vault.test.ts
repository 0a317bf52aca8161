import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, beforeEach, describe, test } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import type { BlobRef } from '../blob.ts';
import { BlobMissing, KeyUnavailable, SealBroken } from '../errors.ts';
import { idsOf } from '../store-contract.ts';
import { openTestVault, type TestVault } from '../testing.ts';
import { readBlobs } from './read-blobs.ts';
import { createVault } from './vault.ts';

const east = { account: '111111111111', region: 'us-east-1' };
const west = { account: '222222222222', region: 'eu-west-1' };
const sealed = { scope: east, sealedFor: 'sequenceStore/1' };

/** Files below the directory that this process has open. */
async function openFilesUnder(directory: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const paths = await Promise.all(
    descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')),
  );
  return paths.filter((path) => path.startsWith(`${directory}/`));
}

describe('vault', () => {
  let t: TestVault;
  before(async () => {
    t = await openTestVault();
  });
  after(() => t.close());
  beforeEach(() => t.ledger.states.clear());

  async function write(to: { scope: typeof east; sealedFor?: string }, bytes: Uint8Array): Promise<BlobRef> {
    const sink = await t.vault.create(to);
    await sink.write(bytes);
    return sink.finish();
  }

  test('a sealed blob comes back whole and in ranges, and its stored bytes tell nothing', async () => {
    const bytes = Buffer.alloc(900_000, 'GATTACA');
    const blob = await write(sealed, bytes);
    assert.equal(blob.size, bytes.length);
    assert.ok((await buffer(t.vault.read(blob))).equals(bytes));
    for (const [start, end] of [
      [0, 0],
      [262_143, 262_144],
      [500_000, 899_999],
    ] as const) {
      const read = await buffer(t.vault.read(blob, { start, end }));
      assert.ok(read.equals(bytes.subarray(start, end + 1)));
    }
    assert.equal((await buffer(t.store.read(blob.id))).includes('GATTACA'), false);
  });

  test('one altered bit on disk ends the stream with SealBroken before the bytes of its segment', async () => {
    const bytes = randomBytes(600_000);
    const blob = await write(sealed, bytes);
    const stored = await buffer(t.store.read(blob.id));
    stored[300_000]! ^= 4;
    await t.store.remove(blob.id);
    const sink = await t.store.create(blob.id);
    await sink.write(stored);
    await sink.finish();
    const got: Buffer[] = [];
    await assert.rejects(async () => {
      for await (const chunk of t.vault.read(blob)) got.push(chunk as Buffer);
    }, SealBroken);
    assert.ok(Buffer.concat(got).equals(bytes.subarray(0, 262_144)));
  });

  test('any range over the boundaries of segments and of reads is the same range of the bytes', async () => {
    const bytes = randomBytes(3_000_000);
    const blob = await write(sealed, bytes);
    const segment = 262_144;
    for (const [start, end] of [
      [segment - 1, segment],
      [4 * segment - 1, 4 * segment], // a read ends here
      [segment, 5 * segment - 1],
      [2 * segment + 7, 9 * segment - 7],
      [4 * segment + 1, 8 * segment + 1],
      [0, 2_999_999],
      [2_999_999, 2_999_999],
    ] as const) {
      const read = await buffer(t.vault.read(blob, { start, end }));
      assert.ok(read.equals(bytes.subarray(start, end + 1)), `${start}-${end}`);
    }
  });

  test('a reader that stops in the middle closes the file and holds its blobs no longer', async () => {
    const blobs = [await write(sealed, randomBytes(3_000_000)), await write(sealed, randomBytes(10))];
    for (const { id } of blobs) t.ledger.states.set(id, 'released');
    const stream = readBlobs(t.vault, blobs);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      assert.ok(chunk.length > 0);
      assert.equal(await t.vault.sweep(), 0, 'somebody reads them');
      break;
    }
    assert.equal(await t.vault.sweep(), 2);
    assert.deepEqual(await openFilesUnder(t.directory), []);
  });

  test('a reference given the key of another account opens nothing', async () => {
    const blob = await write(sealed, randomBytes(10));
    const theirs = await write({ scope: west, sealedFor: 'sequenceStore/1' }, randomBytes(10));
    const crossed = { ...blob, seal: { ...blob.seal!, keyId: theirs.seal!.keyId } };
    await assert.rejects(buffer(t.vault.read(crossed)), KeyUnavailable);
  });

  test('abort leaves neither bytes nor a row', async () => {
    const sink = await t.vault.create(sealed);
    await sink.write(randomBytes(600_000));
    await sink.abort();
    assert.equal(t.ledger.states.size, 0);
    assert.deepEqual(await readdir(join(t.directory, 'store', 'unfinished')), []);
  });

  test('the sweep deletes released blobs and nothing else', async () => {
    const kept = await write(sealed, randomBytes(10));
    const gone = await write({ scope: west }, randomBytes(10));
    await t.ledger.keep(kept.id);
    await t.ledger.keep(gone.id);
    await t.ledger.release(gone.id);
    assert.equal(await t.vault.sweep(), 1);
    assert.ok((await idsOf(t.store)).includes(kept.id));
    await assert.rejects(buffer(t.vault.read(gone)), BlobMissing);
    assert.equal(t.ledger.states.has(gone.id), false);
  });

  test('the sweep removes writes that were never ended, days after they began', async () => {
    const sink = await t.store.create('lost');
    await sink.write(randomBytes(300_000));
    const unfinished = () => readdir(join(t.directory, 'store', 'unfinished'));
    await t.vault.sweep();
    assert.equal((await unfinished()).length, 1);
    const clock = { ...systemClock, now: () => Date.now() + 3 * 24 * 3_600_000 };
    const { store, ledger, keyring, ids } = t;
    const scratch = join(t.directory, 'scratch');
    await createVault({ store, ledger, keyring, ids, scratch, log: silentLog, clock }).sweep();
    assert.deepEqual(await unfinished(), []);
    await sink.abort();
  });

  test('a plain blob is materialized as it lies, and is not swept while somebody reads it', async () => {
    const blob = await write({ scope: east }, Buffer.from('ACGT'));
    const file = await t.vault.materialize(blob, 'reads.txt');
    assert.equal(file.path, t.store.path(blob.id));
    await t.ledger.release(blob.id);
    assert.equal(await t.vault.sweep(), 0);
    assert.equal(await readFile(file.path, 'utf8'), 'ACGT');
    await file.release();
    await file.release();
    assert.equal(await t.vault.sweep(), 1);
  });

  test('a sealed blob is materialized in private scratch under its name, and release removes it', async () => {
    const blob = await write(sealed, Buffer.from('ACGT'));
    const file = await t.vault.materialize(blob, '../../reads.bam');
    assert.match(file.path, /\/reads\.bam$/);
    assert.ok(file.path.startsWith(join(t.directory, 'scratch')));
    assert.equal(await readFile(file.path, 'utf8'), 'ACGT');
    assert.equal((await stat(file.path)).mode & 0o222, 0);
    assert.equal((await stat(dirname(file.path))).mode & 0o777, 0o700);
    await file.release();
    await assert.rejects(stat(file.path), { code: 'ENOENT' });
    assert.equal(await t.vault.cleanScratch(), 0, 'a living process keeps its folder');
  });

  test('what a killed process left unsealed in scratch is removed at the next boot', async () => {
    const blob = await write(sealed, Buffer.from('ACGT'));
    const modules = new URL('./scratch.ts', import.meta.url).href;
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { Scratch } from ${JSON.stringify(modules)};
         import { Readable } from 'node:stream';
         const { path } = await new Scratch(process.argv[1]).fill('plain.bam', Readable.from([Buffer.from('ACGT')]));
         process.stdout.write(path);
         setInterval(() => {}, 1000);`,
        join(t.directory, 'scratch'),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const path = String(await new Promise((resolve) => child.stdout.once('data', resolve)));
    assert.equal(await t.vault.cleanScratch(), 0);
    assert.equal(await readFile(path, 'utf8'), 'ACGT');
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    assert.equal(await t.vault.cleanScratch(), 1);
    await assert.rejects(stat(path), { code: 'ENOENT' });
    assert.equal((await buffer(t.vault.read(blob))).toString(), 'ACGT');
  });

  test('adopts a file: renamed where it stays plain, sealed where it must be', async () => {
    const file = join(t.directory, 'out.txt');
    await writeFile(file, 'ACGT');
    const { ino } = await stat(file);
    const plain = await t.vault.adopt({ scope: east }, file);
    assert.equal((await stat(t.store.path(plain.id)!)).ino, ino);
    await writeFile(file, 'ACGT');
    const closed = await t.vault.adopt(sealed, file);
    assert.ok(closed.seal);
    assert.equal((await buffer(t.vault.read(closed))).toString(), 'ACGT');
    await assert.rejects(stat(file), { code: 'ENOENT' });
  });

  test('a file that is not there leaves no row', async () => {
    await assert.rejects(t.vault.adopt({ scope: east }, join(t.directory, 'none')), { code: 'ENOENT' });
    await assert.rejects(t.vault.adopt(sealed, join(t.directory, 'none')), { code: 'ENOENT' });
    assert.equal(t.ledger.states.size, 0);
  });
});
