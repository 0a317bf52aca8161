import { createSecretKey, type KeyObject } from 'node:crypto';
import { giveBack, lend } from '@helicase/kernel';
import type { BlobRef, BlobStore, ByteRange } from '../blob.ts';
import { SealBroken } from '../errors.ts';
import { openSegment } from './cipher.ts';
import { plainSizeOf, segmentCount, spanOf, TAG_SIZE } from './segments.ts';

export interface SealedBlob {
  readonly id: string;
  readonly size: number;
  readonly segmentSize: number;
  /** As an object: bytes would be made one for every segment. */
  readonly key: KeyObject;
}

export function sealedBlob(
  blob: BlobRef & { seal: NonNullable<BlobRef['seal']> },
  key: Uint8Array,
): SealedBlob {
  return { id: blob.id, size: blob.size, segmentSize: blob.seal.segmentSize, key: createSecretKey(key) };
}

/**
 * Plain bytes of a range (or of all), reading only the segments that it touches: each time the segments of one read of
 * the store, lent to whoever reads them.
 */
export async function* unseal(
  store: BlobStore,
  blob: SealedBlob,
  range?: ByteRange,
): AsyncGenerator<readonly Buffer[], void, undefined> {
  const asked = range ?? { start: 0, end: blob.size - 1 };
  const span = spanOf(blob.size, blob.segmentSize, asked);
  const cutter = new Cutter();
  let index = span.first;
  // All of it is read to its end, so that bytes added behind it are found too.
  for await (const chunk of store.read(blob.id, range && span.stored) as AsyncIterable<Buffer>) {
    cutter.push(chunk);
    const { opened, broken } = openAll(blob, cutter, index, span.last);
    index += opened.length;
    yield opened.map((plain, i) => clipped(plain, (index - opened.length + i) * blob.segmentSize, asked));
    if (broken) throw new SealBroken(blob.id, index, 'its seal does not match');
    if (index > span.last && cutter.size > 0)
      throw new SealBroken(blob.id, undefined, 'there are bytes behind its end');
  }
  if (index <= span.last) throw new SealBroken(blob.id, index, 'it ends early');
}

/** Opens the segments that are there whole, from `index` on, up to the first whose seal does not match. */
function openAll(blob: SealedBlob, cutter: Cutter, index: number, last: number) {
  const opened: Buffer[] = [];
  const end = segmentCount(blob.size, blob.segmentSize) - 1;
  for (let at = index; at <= last; at++) {
    const size = plainSizeOf(blob.size, blob.segmentSize, at) + TAG_SIZE;
    if (cutter.size < size) break;
    const place = { blobId: blob.id, index: at, last: at === end };
    const plain = cutter.take(size, (stored) => openSegment(blob.key, place, stored));
    if (!plain) return { opened, broken: true };
    opened.push(lend(plain));
  }
  return { opened, broken: false };
}

function clipped(plain: Buffer, offset: number, asked: ByteRange): Buffer {
  return plain.subarray(Math.max(0, asked.start - offset), Math.max(0, asked.end + 1 - offset));
}

/** Gathers chunks and gives them in other lengths, copying only where a length crosses chunks. */
class Cutter {
  size = 0;
  #chunks: Buffer[] = [];
  /** Bytes of the first chunk that were taken. */
  #taken = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.size += chunk.length;
  }

  /** What `use` makes of the next `length` bytes, which are there and which it may not keep. */
  take<T>(length: number, use: (bytes: Buffer) => T): T {
    if (this.#chunks[0]!.length - this.#taken < length) this.#join();
    const first = this.#chunks[0]!;
    const used = use(first.subarray(this.#taken, this.#taken + length));
    this.#taken += length;
    this.size -= length;
    if (this.#taken === first.length) this.#drop();
    return used;
  }

  #join(): void {
    const joined = Buffer.concat(this.#chunks).subarray(this.#taken);
    this.#chunks.forEach(giveBack);
    this.#chunks = [joined];
    this.#taken = 0;
  }

  #drop(): void {
    giveBack(this.#chunks.shift()!);
    this.#taken = 0;
  }
}
