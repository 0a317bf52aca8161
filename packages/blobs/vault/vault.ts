import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type Clock, type Ids, type Log, type Random, systemClock, systemRandom } from '@helicase/kernel';
import type {
  BlobRef,
  BlobSink,
  BlobStore,
  ByteRange,
  Materialized,
  Vault,
  VaultSink,
  VaultWrite,
} from '../blob.ts';
import { BlobMissing } from '../errors.ts';
import type { KeyRing } from '../keys.ts';
import { SealingSink } from '../sealing/sealing-sink.ts';
import { SEGMENT_SIZE } from '../sealing/segments.ts';
import { sealedBlob, unseal } from '../sealing/unseal.ts';
import { streamBatches } from './batches.ts';
import type { VaultLedger } from './ledger.ts';
import { Scratch } from './scratch.ts';
import { LedgeredSink, type Sealing } from './sink.ts';

export interface VaultOptions {
  readonly store: BlobStore;
  readonly ledger: VaultLedger;
  readonly keyring: KeyRing;
  readonly ids: Ids;
  /** Folder of this machine for unsealed files: private, emptied of dead processes' files by `cleanScratch`. */
  readonly scratch: string;
  readonly log: Log;
  readonly random?: Random;
  readonly clock?: Clock;
}

const SWEEP_BATCH = 200;

/** A write that has not ended after this long has no writer any more: not even the largest import takes two days. */
const UNFINISHED_FOR = 48 * 60 * 60 * 1000;

export function createVault(options: VaultOptions): Vault {
  return new LedgeredVault(options);
}

class LedgeredVault implements Vault {
  readonly #store: BlobStore;
  readonly #ledger: VaultLedger;
  readonly #keyring: KeyRing;
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #scratch: Scratch;
  /** Blobs that somebody reads: how many readers each has. The sweep leaves them for later. */
  readonly #held = new Map<string, number>();

  constructor(options: VaultOptions) {
    this.#store = options.store;
    this.#ledger = options.ledger;
    this.#keyring = options.keyring;
    this.#ids = options.ids;
    this.#log = options.log;
    this.#random = options.random ?? systemRandom;
    this.#clock = options.clock ?? systemClock;
    this.#scratch = new Scratch(options.scratch);
  }

  async create(write: VaultWrite): Promise<VaultSink> {
    const id = this.#ids.numeric();
    const sealing = await this.#sealingFor(write);
    const begun = this.#begin(write, id);
    const sink = await this.#openSink(id, begun);
    return new LedgeredSink({
      id,
      sink,
      begun,
      sealing,
      seal: sealerOf(sink, id, sealing),
      ledger: this.#ledger,
    });
  }

  async adopt(write: VaultWrite, path: string): Promise<BlobRef> {
    if (write.sealedFor === undefined) {
      const adopted = await this.#adoptPlain(write, path);
      if (adopted) return adopted;
    }
    const sink = await this.create(write);
    try {
      const file = createReadStream(path, { highWaterMark: SEGMENT_SIZE });
      for await (const chunk of file as AsyncIterable<Buffer>) await sink.write(chunk);
    } catch (error) {
      await sink.abort();
      throw error;
    }
    const blob = await sink.finish();
    await rm(path, { force: true });
    return blob;
  }

  read(blob: BlobRef, range?: ByteRange): Readable {
    if (range && (range.start < 0 || range.end >= blob.size || range.start > range.end)) {
      throw new RangeError(
        `Bytes ${range.start}-${range.end} are not within blob ${blob.id} of ${blob.size}`,
      );
    }
    if (!blob.seal) return this.#store.read(blob.id, range);
    return streamBatches(this.#unsealed(blob as BlobRef & { seal: NonNullable<BlobRef['seal']> }, range));
  }

  async materialize(blob: BlobRef, name: string): Promise<Materialized> {
    const lying = blob.seal ? undefined : this.#store.path(blob.id);
    if (lying === undefined) return this.#scratch.fill(name, this.read(blob));
    const letGo = this.hold([blob]);
    if ((await this.#store.size(blob.id)) === undefined) {
      letGo();
      throw new BlobMissing(blob.id);
    }
    return { path: lying, release: async () => letGo() };
  }

  async isGuarded({ seal }: BlobRef): Promise<boolean> {
    return seal !== undefined && this.#keyring.isGuarded(seal.keyId);
  }

  hold(blobs: readonly BlobRef[]): () => void {
    for (const { id } of blobs) this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    let holding = true;
    return () => {
      if (!holding) return;
      holding = false;
      for (const { id } of blobs) this.#letGo(id);
    };
  }

  reserveScratch(name: string): Promise<Materialized> {
    return this.#scratch.reserve(name);
  }

  cleanScratch(): Promise<number> {
    return this.#scratch.clean();
  }

  async discard(blob: BlobRef): Promise<void> {
    await this.#store.remove(blob.id);
    await this.#ledger.forget(blob.id);
  }

  async sweep(): Promise<number> {
    await this.#store.removeUnfinished(this.#clock.now() - UNFINISHED_FOR);
    let count = 0;
    for (;;) {
      const garbage = await this.#ledger.garbage(SWEEP_BATCH + this.#held.size);
      const free = garbage.filter((id) => !this.#held.has(id));
      if (free.length === 0) return count;
      for (const id of free) await this.#delete(id);
      count += free.length;
    }
  }

  #letGo(id: string): void {
    const left = (this.#held.get(id) ?? 1) - 1;
    if (left === 0) this.#held.delete(id);
    else this.#held.set(id, left);
  }

  async #delete(id: string): Promise<void> {
    await this.#store.remove(id);
    await this.#ledger.forget(id);
    this.#log.debug({ blob: id }, 'swept a blob');
  }

  async *#unsealed(blob: BlobRef & { seal: NonNullable<BlobRef['seal']> }, range?: ByteRange) {
    const wrapped = Buffer.from(blob.seal.wrappedKey, 'base64');
    const key = await this.#keyring.unwrap(blob.seal.keyId, wrapped);
    yield* unseal(this.#store, sealedBlob(blob, key), range);
  }

  async #sealingFor(write: VaultWrite): Promise<Sealing | undefined> {
    if (write.sealedFor === undefined) return undefined;
    const keyId = await this.#keyring.keyFor(write.scope, write.sealedFor);
    const key = this.#random.bytes(32);
    const wrapped = await this.#keyring.wrap(keyId, key);
    return { keyId, key, wrappedKey: Buffer.from(wrapped).toString('base64'), segmentSize: SEGMENT_SIZE };
  }

  /** Runs beside the writing; only the blob's appearance under its name waits for it. */
  #begin(write: VaultWrite, id: string): Promise<void> {
    const begun = this.#ledger.begin(write.scope, id);
    begun.catch(() => undefined); // told where it is awaited
    return begun;
  }

  async #openSink(id: string, begun: Promise<void>): Promise<BlobSink> {
    try {
      return await this.#store.create(id);
    } catch (error) {
      await begun;
      await this.#ledger.forget(id);
      throw error;
    }
  }

  async #adoptPlain(write: VaultWrite, path: string): Promise<BlobRef | undefined> {
    if (!this.#store.adopt) return undefined;
    const id = this.#ids.numeric();
    await this.#ledger.begin(write.scope, id);
    try {
      const adopted = await this.#store.adopt(id, path);
      if (adopted) return { id, size: adopted.size };
    } catch (error) {
      await this.discard({ id, size: 0 });
      throw error;
    }
    await this.#ledger.forget(id);
    return undefined;
  }
}

function sealerOf(sink: BlobSink, id: string, sealing: Sealing | undefined): SealingSink | undefined {
  return sealing && new SealingSink(sink, id, sealing.key, sealing.segmentSize);
}
