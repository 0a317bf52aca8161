import { type BlobRef, readBlobs, type Vault } from '@helicase/blobs';
import type { Clock, Log, Scope } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import type { Bucket, BucketRepository } from '../bucket/repository.ts';
import { errors } from '../errors.ts';
import { type Conditions, judgeWrite } from '../protocol/conditions.ts';
import type { ObjectContent, StoredObject } from './model.ts';
import type { ObjectRepository } from './repository.ts';

export interface CoreParts {
  readonly records: Records;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
  readonly buckets: BucketRepository;
  readonly objects: ObjectRepository;
}

/** Puts, removes and compacts embedded objects: what the protocol and the Objects port have in common. */
export class ObjectsCore {
  readonly #parts: CoreParts;

  constructor(parts: CoreParts) {
    this.#parts = parts;
  }

  /** Points the key to content that is in the vault. Where that fails, the content's blobs go. */
  async commit(
    bucket: string,
    key: string,
    content: ObjectContent,
    conditions: Conditions = {},
  ): Promise<StoredObject> {
    try {
      return await this.#parts.records.transaction(async (tx) => {
        const stored = await this.point(tx, bucket, key, content, conditions);
        await this.keep(tx, content.blobs);
        return stored;
      });
    } catch (error) {
      await this.discard(content.blobs);
      throw error;
    }
  }

  /** In a transaction: replaces the key's object, releasing what it had. The new blobs are the caller's to keep. */
  async point(
    tx: Transaction,
    bucket: string,
    key: string,
    content: ObjectContent,
    conditions: Conditions,
  ): Promise<StoredObject> {
    const { buckets, objects, clock } = this.#parts;
    if (!(await buckets.hold(tx, bucket))) throw errors.noSuchBucket({ bucket });
    const before = await objects.findForWrite(tx, bucket, key);
    judgeWrite(conditions, before, () => errors.noSuchKey({ bucket, key }));
    const place = { bucket, key, modifiedAt: clock.now() };
    await objects.put(tx, place, content);
    const kept = new Set(content.blobs.map(({ id }) => id));
    await this.release(tx, before?.blobs.filter(({ id }) => !kept.has(id)) ?? []);
    return { ...content, ...place };
  }

  async remove(bucket: string, key: string, conditions: Conditions = {}): Promise<StoredObject | undefined> {
    const { records, objects } = this.#parts;
    return records.transaction(async (tx) => {
      if (conditions.match !== undefined) {
        const found = await objects.findForWrite(tx, bucket, key);
        judgeWrite(conditions, found, () => errors.noSuchKey({ bucket, key }));
      }
      return this.removeIn(tx, bucket, key);
    });
  }

  async removeIn(tx: Transaction, bucket: string, key: string): Promise<StoredObject | undefined> {
    const gone = await this.#parts.objects.remove(tx, bucket, key);
    if (gone) await this.release(tx, gone.blobs);
    return gone;
  }

  /**
   * Makes one blob of an object of many, so that native readers get a path without another copy ever after. Where
   * the object changed in the meantime, it is left alone; answers the blob that now holds the bytes, or undefined.
   */
  async compact(scope: Scope, found: StoredObject): Promise<BlobRef | undefined> {
    const { records, objects, vault } = this.#parts;
    const whole = await this.#copyWhole(scope, found);
    const done = await records.transaction(async (tx) => {
      const now = await objects.findForWrite(tx, found.bucket, found.key);
      if (!now || !sameBlobs(now.blobs, found.blobs)) return false;
      await objects.put(tx, now, contentOf(now, [whole]));
      await this.keep(tx, [whole]);
      await this.release(tx, now.blobs);
      return true;
    });
    if (done) return whole;
    await vault.discard(whole);
    return undefined;
  }

  async keep(tx: Transaction, blobs: readonly BlobRef[]): Promise<void> {
    for (const { id } of blobs) await this.#parts.records.blobs.keep(tx, id);
  }

  async release(tx: Transaction, blobs: readonly BlobRef[]): Promise<void> {
    for (const { id } of blobs) await this.#parts.records.blobs.release(tx, id);
  }

  async discard(blobs: readonly BlobRef[]): Promise<void> {
    for (const blob of blobs) await this.#parts.vault.discard(blob);
  }

  async #copyWhole(scope: Scope, found: StoredObject): Promise<BlobRef> {
    const sealedFor = found.encryption?.sealedFor;
    const sink = await this.#parts.vault.create({ scope, ...(sealedFor === undefined ? {} : { sealedFor }) });
    try {
      const bytes = readBlobs(this.#parts.vault, found.blobs);
      for await (const chunk of bytes as AsyncIterable<Buffer>) await sink.write(chunk);
    } catch (error) {
      await sink.abort();
      throw error;
    }
    return sink.finish();
  }
}

/** The scope that a bucket's bytes are written in. */
export function scopeOf(bucket: Bucket): Scope {
  return { account: bucket.account, region: bucket.region };
}

/** An object's content with other blobs of the same bytes; what names its place is left out. */
function contentOf(found: StoredObject, blobs: readonly BlobRef[]): ObjectContent {
  const { bucket: _bucket, key: _key, modifiedAt: _modifiedAt, ...content } = found;
  return { ...content, blobs };
}

function sameBlobs(a: readonly BlobRef[], b: readonly BlobRef[]): boolean {
  return a.length === b.length && a.every(({ id }, index) => id === b[index]!.id);
}
