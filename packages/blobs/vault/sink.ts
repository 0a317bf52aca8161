import type { BlobRef, BlobSink, VaultSink } from '../blob.ts';
import type { SealingSink } from '../sealing/sealing-sink.ts';
import type { VaultLedger } from './ledger.ts';

export interface Sealing {
  readonly keyId: string;
  readonly key: Uint8Array;
  /** Base64. */
  readonly wrappedKey: string;
  readonly segmentSize: number;
}

export interface LedgeredWrite {
  readonly id: string;
  readonly sink: BlobSink;
  /** Settles with the ledger's row for this blob. */
  readonly begun: Promise<void>;
  readonly sealing: Sealing | undefined;
  readonly seal: SealingSink | undefined;
  readonly ledger: VaultLedger;
}

/** One blob being written: sealed where asked, on the ledger before it can be seen, gone where anything fails. */
export class LedgeredSink implements VaultSink {
  readonly #write: LedgeredWrite;
  #size = 0;

  constructor(write: LedgeredWrite) {
    this.#write = write;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#size += chunk.length;
    await (this.#write.seal ?? this.#write.sink).write(chunk);
  }

  async finish(): Promise<BlobRef> {
    const { id, sink, begun, seal, sealing } = this.#write;
    try {
      await seal?.end();
      await begun;
      await sink.finish();
    } catch (error) {
      await this.abort();
      throw error;
    }
    if (!sealing) return { id, size: this.#size };
    const { keyId, wrappedKey, segmentSize } = sealing;
    return { id, size: this.#size, seal: { keyId, wrappedKey, segmentSize } };
  }

  async abort(): Promise<void> {
    const { id, sink, begun, ledger } = this.#write;
    await sink.abort();
    await begun.then(
      () => ledger.forget(id),
      () => undefined, // no row, nothing to forget
    );
  }
}
