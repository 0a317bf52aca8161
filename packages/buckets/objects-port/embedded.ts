import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import {
  type BlobRef,
  BlobMissing,
  type BucketViewObjects,
  type ByteRange,
  type Materialized,
  type ObjectFacts,
  materializeBlobs,
  readBlobs,
} from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';
import type { Bucket } from '../bucket/repository.ts';
import { allowOpening, type Encryption, encryptionOf } from '../encryption/encryption.ts';
import { errors } from '../errors.ts';
import { NOTHING_SAID, type ObjectContent, type StoredObject } from '../object/model.ts';
import { scopeOf } from '../object/objects-core.ts';
import { storedInView } from '../object/read-operations.ts';
import { receive } from '../object/receive.ts';
import { checkKey } from '../protocol/address.ts';
import type { Rooms } from '../protocol/call.ts';
import { fileNameOf, type ObjectsPart, type Place, uriOf } from './part.ts';

type Parts = Pick<Rooms, 'records' | 'vault' | 'objects' | 'core' | 'finder' | 'objectKeys'>;

const PAGE = 1000;
/** A reader that is overtaken by writers this often is told so. */
const ATTEMPTS = 5;

/** The embedded buckets, and the views that other rooms hang into them, behind the Objects port. */
export class EmbeddedObjects implements ObjectsPart {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  ownerOf(actor: Actor, { bucket }: Place): Promise<string> {
    return this.#parts.finder.ownerOf(actor, bucket);
  }

  async head(actor: Actor, place: Place): Promise<ObjectFacts> {
    return factsOf(await this.#find(actor, place));
  }

  async open(
    actor: Actor,
    place: Place,
    range?: ByteRange,
  ): Promise<ObjectFacts & { readonly body: Readable }> {
    const found = await this.#openable(actor, place);
    if (range && (range.end >= found.size || range.start > range.end)) {
      throw errors.invalidRange({ range: `${range.start}-${range.end}`, size: found.size });
    }
    return { ...factsOf(found), body: readBlobs(this.#parts.vault, found.blobs, range) };
  }

  async put(
    actor: Actor,
    place: Place,
    body: AsyncIterable<Uint8Array>,
    contentType?: string,
    metadata: Readonly<Record<string, string>> = {},
  ) {
    const bucket = await this.#writable(actor, place);
    const encryption = await this.#encryption(actor, bucket, place);
    const { vault } = this.#parts;
    const received = await receive(vault, scopeOf(bucket), body, {}, encryption?.sealedFor);
    return this.#commit(place, { ...described(contentType), metadata, ...received, encryption });
  }

  async putFile(actor: Actor, place: Place, path: string, contentType?: string) {
    const { vault, core } = this.#parts;
    const bucket = await this.#writable(actor, place);
    const encryption = await this.#encryption(actor, bucket, place);
    const sealed = encryption ? { sealedFor: encryption.sealedFor } : {};
    const blob = await vault.adopt({ scope: scopeOf(bucket), ...sealed }, path);
    let etag: string;
    try {
      etag = await this.#md5(blob);
    } catch (error) {
      await core.discard([blob]);
      throw error;
    }
    return this.#commit(place, {
      ...described(contentType),
      blobs: [blob],
      size: blob.size,
      etag,
      encryption,
    });
  }

  async *list(actor: Actor, prefix: Place): AsyncIterable<ObjectFacts> {
    const found = await this.#parts.finder.find(actor, prefix.bucket);
    if (found.kind === 'view') yield* listView(found.view, prefix);
    else yield* this.#listBucket(prefix);
  }

  async remove(actor: Actor, place: Place): Promise<void> {
    await this.#writable(actor, place);
    await this.#parts.core.remove(place.bucket, place.key);
  }

  async materialize(actor: Actor, place: Place): Promise<Materialized & ObjectFacts> {
    for (let attempt = 1; ; attempt++) {
      const found = await this.#openable(actor, place);
      try {
        return { ...(await this.#file(actor, found)), ...factsOf(found) };
      } catch (error) {
        // Replaced and swept since it was looked up: look again.
        if (!(error instanceof BlobMissing) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #file(actor: Actor, found: StoredObject): Promise<Materialized> {
    const { vault, core } = this.#parts;
    const name = fileNameOf(found);
    const [first, ...others] = found.blobs;
    if (!first) return this.#emptyFile(name);
    if (others.length === 0) return vault.materialize(first, name);
    if (await this.#parts.finder.isView(actor, found.bucket))
      return materializeBlobs(vault, found.blobs, name);
    const whole = await core.compact(actor.scope, found);
    if (!whole) throw new BlobMissing(first.id);
    return vault.materialize(whole, name);
  }

  async #emptyFile(name: string): Promise<Materialized> {
    const file = await this.#parts.vault.reserveScratch(name);
    await writeFile(file.path, '', { mode: 0o444 });
    return file;
  }

  async #md5(blob: BlobRef): Promise<string> {
    const hash = createHash('md5');
    for await (const chunk of this.#parts.vault.read(blob) as AsyncIterable<Buffer>) hash.update(chunk);
    return hash.digest('hex');
  }

  async #commit(place: Place, content: ObjectContent): Promise<ObjectFacts> {
    return factsOf(await this.#parts.core.commit(place.bucket, place.key, content));
  }

  #encryption(actor: Actor, bucket: Bucket, { key }: Place): Promise<Encryption | undefined> {
    return encryptionOf(this.#parts.objectKeys, actor, bucket, key, undefined);
  }

  /** An object whose bytes the actor may have, now. */
  async #openable(actor: Actor, place: Place): Promise<StoredObject> {
    const found = await this.#find(actor, place);
    await allowOpening(this.#parts.objectKeys, actor, found);
    return found;
  }

  async #find(actor: Actor, place: Place): Promise<StoredObject> {
    const { finder, objects, records } = this.#parts;
    const { bucket, key } = place;
    const at = await finder.find(actor, bucket);
    const found =
      at.kind === 'view' ? await findInView(at.view, place) : await objects.find(records.direct, bucket, key);
    if (!found) throw errors.noSuchKey({ bucket, key });
    return found;
  }

  async #writable(actor: Actor, { bucket, key }: Place): Promise<Bucket> {
    const at = await this.#parts.finder.find(actor, bucket);
    if (at.kind === 'view') throw errors.readOnlyView({ bucket, action: 'writing' });
    if (key === '') throw errors.invalidArgument({ name: 'key', value: '', reason: 'it is empty' });
    checkKey(key);
    return at.bucket;
  }

  async *#listBucket({ bucket, key: prefix }: Place): AsyncGenerator<ObjectFacts> {
    const { objects, records } = this.#parts;
    for (let from = { key: prefix, included: true }; ;) {
      const page = await objects.page(records.direct, bucket, from, undefined, PAGE);
      for (const entry of page) {
        if (!entry.key.startsWith(prefix)) return;
        yield factsOf({ ...entry, bucket });
      }
      if (page.length < PAGE) return;
      from = { key: page.at(-1)!.key, included: false };
    }
  }
}

async function findInView(
  view: BucketViewObjects,
  { bucket, key }: Place,
): Promise<StoredObject | undefined> {
  const found = await view.head(key);
  if (!found) return undefined;
  return storedInView(found, bucket, key);
}

async function* listView(view: BucketViewObjects, prefix: Place): AsyncGenerator<ObjectFacts> {
  for (let after: string | undefined; ;) {
    const page = await view.list(prefix.key, after, PAGE);
    for (const entry of page) yield factsOf({ ...entry, bucket: prefix.bucket });
    if (page.length < PAGE) return;
    after = page.at(-1)!.key;
  }
}

function factsOf(found: Pick<StoredObject, 'bucket' | 'key' | 'size' | 'etag' | 'modifiedAt'>): ObjectFacts {
  const { size, etag, modifiedAt } = found;
  return { uri: uriOf(found), size, etag, modifiedAt };
}

function described(contentType: string | undefined) {
  return contentType === undefined
    ? NOTHING_SAID
    : { ...NOTHING_SAID, headers: { 'content-type': contentType } };
}
