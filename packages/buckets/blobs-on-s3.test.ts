import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import {
  type BlobStore,
  createVault,
  MemoryLedger,
  openS3Store,
  SealBroken,
  storeContract,
} from '@helicase/blobs';
import { silentLog } from '@helicase/kernel';
import { type Front, openFront } from './testing/front.ts';
import { EAST, openTestBuckets, OTHER, type TestBuckets, WEST } from './testing/rooms.ts';

const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };

describe('blobs on our own S3', () => {
  let t: TestBuckets;
  let front: Front;
  let store: BlobStore;
  before(async () => {
    t = await openTestBuckets();
    front = await openFront(t.raw, EAST);
    await front.ask('PUT', '/blobs');
    store = openS3Store({
      endpoint: front.url,
      region: EAST.region,
      bucket: 'blobs',
      prefix: 'server/',
      credentials,
    });
  });
  after(async () => {
    await front.close();
    await t.close();
  });

  for (const { name, check } of storeContract) test(name, () => check(store));

  test('a blob of many parts is whole, and in ranges across parts', async () => {
    const bytes = randomBytes(20 * 1024 * 1024 + 5);
    const sink = await store.create('large');
    for (let at = 0; at < bytes.length; at += 1_000_003) await sink.write(bytes.subarray(at, at + 1_000_003));
    assert.deepEqual(await sink.finish(), { size: bytes.length, etag: etagOf(bytes, 8 * 1024 * 1024) });
    assert.ok((await buffer(store.read('large'))).equals(bytes));
    const range = { start: 8 * 1024 * 1024 - 2, end: 16 * 1024 * 1024 + 2 };
    assert.ok((await buffer(store.read('large', range))).equals(bytes.subarray(range.start, range.end + 1)));
  });

  test('sealed blobs of two accounts and two regions lie there, and open only whole', async () => {
    const { keyring, ids, directory } = t.vault;
    const parts = { keyring, ids, scratch: `${directory}/s3-scratch`, log: silentLog };
    const vault = createVault({ ...parts, store, ledger: new MemoryLedger() });
    for (const scope of [EAST, WEST, OTHER]) {
      const bytes = randomBytes(600_000);
      const sink = await vault.create({ scope, sealedFor: 'sequenceStore/1' });
      await sink.write(bytes);
      const blob = await sink.finish();
      assert.ok((await buffer(vault.read(blob))).equals(bytes));
      const range = { start: 262_140, end: 300_000 };
      assert.ok((await buffer(vault.read(blob, range))).equals(bytes.subarray(range.start, range.end + 1)));
      const file = await vault.materialize(blob, 'reads.bam');
      await file.release();
      const stored = await buffer(store.read(blob.id));
      stored[400_000]! ^= 1;
      await store.remove(blob.id);
      const altered = await store.create(blob.id);
      await altered.write(stored);
      await altered.finish();
      await assert.rejects(buffer(vault.read(blob)), SealBroken);
    }
  });
});

/** S3's ETag of a multipart upload: the MD5 of the parts' MD5s, and how many there were. */
function etagOf(bytes: Buffer, partSize: number): string {
  const md5s = [];
  for (let at = 0; at < bytes.length; at += partSize) {
    md5s.push(
      createHash('md5')
        .update(bytes.subarray(at, at + partSize))
        .digest(),
    );
  }
  return `${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-${md5s.length}`;
}
