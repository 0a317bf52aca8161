import { createSecretKey, type KeyObject } from 'node:crypto';
import { giveBack, lend } from '@helicase/kernel';
import type { BlobSink } from '../blob.ts';
import { sealSegment } from './cipher.ts';

/** Seals what is written to it, segment by segment, into a store's sink. */
export class SealingSink {
  readonly #sink: BlobSink;
  readonly #blobId: string;
  readonly #key: KeyObject;
  readonly #segmentSize: number;
  #segment: Buffer | undefined;
  #filled = 0;
  #index = 0;

  constructor(sink: BlobSink, blobId: string, key: Uint8Array, segmentSize: number) {
    this.#sink = sink;
    this.#blobId = blobId;
    this.#key = createSecretKey(key);
    this.#segmentSize = segmentSize;
  }

  async write(chunk: Uint8Array): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      // A full segment waits for the next byte: only then is it known not to be the last.
      if (this.#filled === this.#segmentSize) await this.#seal(this.#buffer(), false);
      if (this.#filled === 0 && rest.length > this.#segmentSize) {
        await this.#seal(rest.subarray(0, this.#segmentSize), false);
        rest = rest.subarray(this.#segmentSize);
      } else {
        rest = this.#fill(rest);
      }
    }
  }

  /** Seals the last segment; the sink itself is the caller's to finish. */
  async end(): Promise<void> {
    await this.#seal(this.#buffer().subarray(0, this.#filled), true);
  }

  #fill(chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, this.#segmentSize - this.#filled);
    this.#buffer().set(taken, this.#filled);
    this.#filled += taken.length;
    return chunk.subarray(taken.length);
  }

  async #seal(plain: Uint8Array, last: boolean): Promise<void> {
    const place = { blobId: this.#blobId, index: this.#index++, last };
    const [bytes, tag] = sealSegment(this.#key, place, plain);
    this.#filled = 0;
    await this.#sink.write(lend(bytes));
    await this.#sink.write(tag);
    giveBack(bytes);
  }

  #buffer(): Buffer {
    return (this.#segment ??= Buffer.allocUnsafe(this.#segmentSize));
  }
}
