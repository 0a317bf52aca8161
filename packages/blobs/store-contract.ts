import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { BlobStore } from './blob.ts';
import { BlobMissing } from './errors.ts';

/** Writes the bytes in one piece. */
export async function put(store: BlobStore, id: string, bytes: Uint8Array): Promise<void> {
  const sink = await store.create(id);
  await sink.write(bytes);
  await sink.finish();
}

export async function idsOf(store: BlobStore): Promise<string[]> {
  const ids = [];
  for await (const { id } of store.list()) ids.push(id);
  return ids.sort();
}

/** One promise of every blob store, checked on a store that may hold other blobs. */
export interface StorePromise {
  readonly name: string;
  readonly check: (store: BlobStore) => Promise<void>;
}

/** What every blob store promises, on whatever it lies; stores' own tests run all of it. */
export const storeContract: readonly StorePromise[] = [
  {
    name: 'gives back what was written in pieces of any size',
    check: async (store) => {
      const bytes = randomBytes(1_500_000);
      const sink = await store.create('pieces');
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 3) % 400_009) {
        const piece = Buffer.from(bytes.subarray(at, at + size));
        await sink.write(piece);
        piece.fill(0); // the writer's buffer is its own again
      }
      assert.equal((await sink.finish()).size, bytes.length);
      assert.equal(digest(await buffer(store.read('pieces'))), digest(bytes));
      assert.equal(await store.size('pieces'), bytes.length);
    },
  },
  {
    name: 'reads ranges, first and last byte included',
    check: async (store) => {
      const bytes = randomBytes(700_000);
      await put(store, 'ranges', bytes);
      for (const [start, end] of [
        [0, 0],
        [0, 262_143],
        [262_144, 262_144],
        [699_999, 699_999],
        [5, 650_000],
      ] as const) {
        const read = await buffer(store.read('ranges', { start, end }));
        assert.ok(read.equals(bytes.subarray(start, end + 1)), `${start}-${end}`);
      }
    },
  },
  {
    name: 'keeps an empty blob',
    check: async (store) => {
      const sink = await store.create('empty');
      assert.equal((await sink.finish()).size, 0);
      assert.equal((await buffer(store.read('empty'))).length, 0);
      assert.equal(await store.size('empty'), 0);
    },
  },
  {
    name: 'shows nothing before finish, and nothing after abort',
    check: async (store) => {
      const sink = await store.create('aborted');
      await sink.write(randomBytes(600_000));
      assert.equal(await store.size('aborted'), undefined);
      await sink.abort();
      assert.equal(await store.size('aborted'), undefined);
      await assert.rejects(buffer(store.read('aborted')), BlobMissing);
      assert.ok(!(await idsOf(store)).includes('aborted'));
    },
  },
  {
    name: 'lists what is whole with size and time, and forgets what is removed',
    check: async (store) => {
      await put(store, 'listed', randomBytes(10));
      const found = [];
      for await (const entry of store.list()) if (entry.id === 'listed') found.push(entry);
      assert.equal(found.length, 1);
      assert.equal(found[0]!.size, 10);
      assert.ok(Math.abs(found[0]!.modifiedAt - Date.now()) < 60_000);
      await store.remove('listed');
      await store.remove('listed');
      assert.equal(await store.size('listed'), undefined);
    },
  },
  {
    name: 'removes unfinished writes that are old enough, and no others',
    check: async (store) => {
      const sink = await store.create('unfinished');
      await sink.write(randomBytes(20 * 1024 * 1024));
      assert.equal(await store.removeUnfinished(Date.now() - 3_600_000), 0);
      assert.equal(await store.removeUnfinished(Date.now() + 60_000), 1);
      await assert.rejects(sink.finish());
      assert.equal(await store.size('unfinished'), undefined);
    },
  },
];

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
