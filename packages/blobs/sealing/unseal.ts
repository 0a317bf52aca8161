import type { Readable } from 'node:stream';
import type { BlobRef, BlobStore, ByteRange } from '../blob.ts';
import { SealBroken } from '../errors.ts';
import { openSegment } from './cipher.ts';
import { plainSizeOf, type SegmentSpan, segmentCount, spanOf, TAG_SIZE } from './segments.ts';

export interface SealedBlob {
  readonly id: string;
  readonly size: number;
  readonly segmentSize: number;
  readonly key: Uint8Array;
}

export function sealedBlob(
  blob: BlobRef & { seal: NonNullable<BlobRef['seal']> },
  key: Uint8Array,
): SealedBlob {
  return { id: blob.id, size: blob.size, segmentSize: blob.seal.segmentSize, key };
}

/** Plain bytes of a range (or of all), reading only the segments that it touches. */
export async function* unseal(store: BlobStore, blob: SealedBlob, range?: ByteRange): AsyncGenerator<Buffer> {
  const asked = range ?? { start: 0, end: blob.size - 1 };
  const span = spanOf(blob.size, blob.segmentSize, asked);
  // All of it is read to its end, so that bytes added behind it are found too.
  const stored = store.read(blob.id, range && span.stored);
  let index = span.first;
  for await (const segment of segmentsOf(stored, blob, span)) {
    const plain = openOrFail(blob, index, segment);
    yield clipped(plain, index * blob.segmentSize, asked);
    index++;
  }
}

function openOrFail(blob: SealedBlob, index: number, stored: Uint8Array): Buffer {
  const last = index === segmentCount(blob.size, blob.segmentSize) - 1;
  const plain = openSegment(blob.key, { blobId: blob.id, index, last }, stored);
  if (!plain) throw new SealBroken(blob.id, index, 'its seal does not match');
  return plain;
}

function clipped(plain: Buffer, offset: number, asked: ByteRange): Buffer {
  return plain.subarray(Math.max(0, asked.start - offset), Math.max(0, asked.end + 1 - offset));
}

/** Cuts the stored stream into whole stored segments; wrong lengths are a broken seal. */
async function* segmentsOf(
  stored: Readable,
  blob: SealedBlob,
  span: SegmentSpan,
): AsyncGenerator<Uint8Array> {
  const cutter = new Cutter();
  let index = span.first;
  for await (const chunk of stored as AsyncIterable<Buffer>) {
    cutter.push(chunk);
    while (index <= span.last) {
      const segment = cutter.take(plainSizeOf(blob.size, blob.segmentSize, index) + TAG_SIZE);
      if (!segment) break;
      yield segment;
      index++;
    }
    if (index > span.last && cutter.size > 0)
      throw new SealBroken(blob.id, undefined, 'there are bytes behind its end');
  }
  if (index <= span.last) throw new SealBroken(blob.id, index, 'it ends early');
}

/** Gathers chunks and gives them in other lengths, copying only where a length crosses chunks. */
class Cutter {
  size = 0;
  #chunks: Buffer[] = [];

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.size += chunk.length;
  }

  take(length: number): Buffer | undefined {
    if (this.size < length) return undefined;
    if (this.#chunks[0]!.length < length) this.#chunks = [Buffer.concat(this.#chunks)];
    const first = this.#chunks[0]!;
    if (first.length === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    this.size -= length;
    return first.subarray(0, length);
  }
}
