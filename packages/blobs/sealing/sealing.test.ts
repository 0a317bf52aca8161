import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import type { BlobStore, ByteRange } from '../blob.ts';
import { SealBroken } from '../errors.ts';
import { streamBatches } from '../vault/batches.ts';
import { SealingSink } from './sealing-sink.ts';
import { sealedSize } from './segments.ts';
import { type SealedBlob, unseal } from './unseal.ts';

const KEY = randomBytes(32);

async function seal(plain: Buffer, segmentSize: number, id = 'b', key = KEY): Promise<Buffer> {
  const stored: Buffer[] = [];
  const keep = async (chunk: Uint8Array) => void stored.push(Buffer.from(chunk));
  const target = { write: keep, finish: async () => ({ size: 0 }), abort: async () => {} };
  const sink = new SealingSink(target, id, key, segmentSize);
  for (let at = 0, size = 1; at < plain.length; at += size, size = 1 + ((size * 7) % 50)) {
    await sink.write(plain.subarray(at, at + size));
  }
  await sink.end();
  return Buffer.concat(stored);
}

/** Only what unsealing asks of a store: these stored bytes, and a note of which were read. */
function holding(stored: Buffer, reads: ByteRange[] = []): BlobStore {
  const read = (_id: string, range?: ByteRange) => {
    if (range) reads.push(range);
    const bytes = range ? stored.subarray(range.start, range.end + 1) : stored;
    return Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false });
  };
  return { read } as BlobStore;
}

function open(
  stored: Buffer,
  blob: Partial<SealedBlob> & { size: number },
  range?: ByteRange,
  reads?: ByteRange[],
) {
  const whole = { id: 'b', segmentSize: 16, key: createSecretKey(KEY), ...blob };
  return buffer(streamBatches(unseal(holding(stored, reads), whole, range)));
}

describe('sealing', () => {
  test('gives back every length around segment boundaries, in the size that sealedSize tells', async () => {
    for (const size of [0, 1, 15, 16, 17, 31, 32, 33, 48, 100]) {
      const plain = randomBytes(size);
      const stored = await seal(plain, 16);
      assert.equal(stored.length, sealedSize(size, 16));
      assert.ok((await open(stored, { size })).equals(plain), `size ${size}`);
    }
  });

  test('every range equals the same range of the plain bytes and reads only its segments', async () => {
    const plain = randomBytes(83);
    const stored = await seal(plain, 16);
    for (let start = 0; start < plain.length; start++) {
      for (let end = start; end < plain.length; end++) {
        const reads: ByteRange[] = [];
        const read = await open(stored, { size: 83 }, { start, end }, reads);
        assert.ok(read.equals(plain.subarray(start, end + 1)), `${start}-${end}`);
        const segments = Math.floor(end / 16) - Math.floor(start / 16) + 1;
        assert.ok(reads[0]!.end - reads[0]!.start + 1 <= segments * 32);
      }
    }
  });

  test('hides the plain bytes, and the same bytes differ under another key', async () => {
    const plain = Buffer.alloc(64, 'ACGTACGT');
    const stored = await seal(plain, 32);
    assert.equal(stored.includes('ACGTACGT'), false);
    assert.notDeepEqual(stored, await seal(plain, 32, 'b', randomBytes(32)));
  });

  test('detects every single flipped bit', async () => {
    const plain = randomBytes(40);
    const stored = await seal(plain, 16);
    for (let bit = 0; bit < stored.length * 8; bit++) {
      const altered = Buffer.from(stored);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      await assert.rejects(open(altered, { size: 40 }), SealBroken, `bit ${bit}`);
    }
  });

  test('detects every truncation and every addition', async () => {
    const stored = await seal(randomBytes(48), 16);
    for (let length = 0; length < stored.length; length++) {
      await assert.rejects(open(stored.subarray(0, length), { size: 48 }), SealBroken, `${length} bytes`);
    }
    await assert.rejects(open(Buffer.concat([stored, Buffer.alloc(1)]), { size: 48 }), SealBroken);
  });

  test('detects a cut at a segment boundary even where the recorded size agrees with it', async () => {
    const stored = await seal(randomBytes(48), 16);
    await assert.rejects(open(stored.subarray(0, 64), { size: 32 }), SealBroken);
    await assert.rejects(open(stored, { size: 64 }, { start: 40, end: 47 }), SealBroken);
  });

  test('detects segments in another order, of another blob, or under another key', async () => {
    const stored = await seal(randomBytes(48), 16);
    const swapped = Buffer.concat([stored.subarray(32, 64), stored.subarray(0, 32), stored.subarray(64)]);
    await assert.rejects(open(swapped, { size: 48 }), SealBroken);
    await assert.rejects(open(stored, { size: 48, id: 'c' }), SealBroken);
    await assert.rejects(open(stored, { size: 48, key: createSecretKey(randomBytes(32)) }), SealBroken);
  });
});
