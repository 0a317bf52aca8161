import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { after, beforeEach, describe, test } from 'node:test';
import { type BlobRef, openTestVault, type OwnedBlob } from '@helicase/blobs';
import { openTestRecords } from '@helicase/records';
import { compareBlobs } from './integrity.ts';

const SCOPE = { account: '111122223333', region: 'us-east-1' };

describe('records, ledger and bytes compared', async () => {
  const { records, close } = await openTestRecords({ dialect: 'sqlite' });
  const { vault, store, close: closeVault } = await openTestVault({ ledger: records.blobs });
  const owned: OwnedBlob[] = [];
  const everything: BlobRef[] = [];
  after(async () => {
    await close();
    await closeVault();
  });
  beforeEach(async () => {
    owned.length = 0;
    for (const { id } of everything.splice(0)) {
      await records.transaction((tx) => records.blobs.release(tx, id));
      await store.remove(id);
      await records.blobs.forget(id);
    }
  });

  async function write(plain: string, sealedFor?: string): Promise<BlobRef> {
    const sink = await vault.create({ scope: SCOPE, ...(sealedFor === undefined ? {} : { sealedFor }) });
    await sink.write(Buffer.from(plain));
    const blob = await sink.finish();
    everything.push(blob);
    return blob;
  }
  async function keep(blob: BlobRef, owner: string, md5?: string): Promise<BlobRef> {
    await records.transaction((tx) => records.blobs.keep(tx, blob.id));
    owned.push({ owner, blob, ...(md5 === undefined ? {} : { md5 }) });
    return blob;
  }
  const compare = async (deep = false) => {
    const compared = {
      ledger: records.blobs,
      store,
      vault,
      async *owned() {
        yield* owned;
      },
    };
    return compareBlobs(compared, { deep });
  };
  const fault = async (deep = false) => {
    const { faults } = await compare(deep);
    assert.equal(faults.length, 1, faults.join('\n'));
    return faults[0]!;
  };
  /** Changes the stored bytes behind the store's back. */
  const onDisk = (blob: BlobRef, change: (path: string) => void) => {
    const path = store.path(blob.id)!;
    chmodSync(path, 0o600);
    change(path);
  };

  test('are clean where each blob has one record and its bytes; what is being written is no fault', async () => {
    await keep(await write('reads', 'sequenceStore/1'), 'read set 1');
    await keep(await write('object'), 'object s3://a/b', createHash('md5').update('object').digest('hex'));
    await write('being written');
    assert.deepEqual(await compare(true), { kept: 2, awaitingSweep: 1, faults: [] });
  });

  test('bytes that are missing', async () => {
    const blob = await keep(await write('reads', 'sequenceStore/1'), 'read set 1');
    await store.remove(blob.id);
    assert.equal(await fault(), `The bytes of read set 1 are missing (blob ${blob.id}).`);
  });

  test('bytes that were cut', async () => {
    const blob = await keep(await write('reads', 'sequenceStore/1'), 'read set 1');
    onDisk(blob, (path) => truncateSync(path, 20));
    // 5 plain bytes and the 16 bytes of the segment's tag
    assert.match(await fault(), /^The bytes of read set 1 are 20 long and should be 21/);
  });

  test('one altered bit, when every byte is read', async () => {
    const sealed = await keep(await write('reads', 'sequenceStore/1'), 'read set 1');
    onDisk(sealed, flipFirstBit);
    assert.deepEqual((await compare()).faults, []);
    assert.match(await fault(true), /^The bytes of read set 1 cannot be read: .*\(blob \d+\)\.$/);
  });

  test('one altered bit of an object whose digest is known', async () => {
    const md5 = createHash('md5').update('object').digest('hex');
    onDisk(await keep(await write('object'), 'object s3://a/b', md5), flipFirstBit);
    assert.match(await fault(true), /^The bytes of object s3:\/\/a\/b have the MD5 .* and should have/);
  });

  test('a record whose blob was let go of', async () => {
    owned.push({ owner: 'read set 1', blob: await write('reads') });
    assert.match(await fault(), /^Blob \d+ of read set 1 is writing in the ledger: a sweep may delete it/);
  });

  test('a kept blob that no record points to', async () => {
    await keep(await write('reads'), 'read set 1');
    owned.length = 0;
    assert.match(await fault(), /^Blob \d+ is kept in the ledger, but no record points to it/);
  });

  test('a blob that two records point to', async () => {
    const blob = await keep(await write('reads'), 'read set 1');
    owned.push({ owner: 'read set 2', blob });
    assert.match(await fault(), /^Blob \d+ belongs to read set 2 and to read set 1/);
  });

  test('bytes that are in no ledger', async () => {
    const sink = await store.create('stranger');
    await sink.write(Buffer.from('ACGT'));
    await sink.finish();
    assert.match(await fault(), /^Blob stranger \(4 bytes\) belongs to no record and to no write/);
    await store.remove('stranger');
  });
});

function flipFirstBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[0]! ^= 1;
  writeFileSync(path, bytes);
}
