import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import {
  type ByteRange,
  createS3Client,
  download,
  type Materialized,
  type ObjectFacts,
  type S3Access,
  UploadSink,
  type Vault,
} from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';
import { errors } from '../errors.ts';
import { fileNameOf, type ObjectsPart, type Place, uriOf } from './part.ts';

/** Buckets of another S3 service: every bucket whose name begins with the prefix is one of its. */
export interface ExternalBucketConfig extends S3Access {
  /** Of the bucket's name; '' stands for every bucket that no longer prefix names. */
  readonly prefix: string;
  /** Accounts whose jobs may use it; all of this server's where absent. */
  readonly accounts?: readonly string[];
}

const CHUNK = 256 * 1024;

/** Buckets of another S3 service behind the Objects port, reached with the configured keys. */
export class ExternalObjects implements ObjectsPart {
  readonly #config: ExternalBucketConfig;
  readonly #client: S3Client;
  readonly #vault: Vault;

  constructor(config: ExternalBucketConfig, vault: Vault) {
    this.#config = config;
    this.#client = createS3Client(config);
    this.#vault = vault;
  }

  ownerOf({ scope }: Actor): Promise<string> {
    return Promise.resolve(scope.account);
  }

  async head(actor: Actor, place: Place): Promise<ObjectFacts> {
    this.#admit(actor, place);
    return this.#facts(place);
  }

  async open(
    actor: Actor,
    place: Place,
    range?: ByteRange,
  ): Promise<ObjectFacts & { readonly body: Readable }> {
    const facts = await this.head(actor, place);
    return { ...facts, body: this.#body(place, range) };
  }

  async put(
    actor: Actor,
    place: Place,
    body: AsyncIterable<Uint8Array>,
    contentType?: string,
    metadata?: Readonly<Record<string, string>>,
  ) {
    this.#admit(actor, place);
    const sink = new UploadSink({ ...this.#source(place), contentType, metadata });
    try {
      for await (const chunk of body) await sink.write(chunk);
    } catch (error) {
      await sink.abort();
      throw translated(error, place);
    }
    await sink.finish().catch((error: unknown) => {
      throw translated(error, place);
    });
    return this.#facts(place);
  }

  async putFile(actor: Actor, place: Place, path: string, contentType?: string) {
    const facts = await this.put(actor, place, createReadStream(path, { highWaterMark: CHUNK }), contentType);
    await rm(path, { force: true });
    return facts;
  }

  async *list(actor: Actor, prefix: Place): AsyncIterable<ObjectFacts> {
    this.#admit(actor, prefix);
    const asked = { Bucket: prefix.bucket, Prefix: prefix.key };
    try {
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#client }, asked)) {
        for (const { Key = '', Size = 0, ETag = '', LastModified } of Contents) {
          const uri = uriOf({ bucket: prefix.bucket, key: Key });
          yield { uri, size: Size, etag: unquoted(ETag), modifiedAt: LastModified?.getTime() ?? 0 };
        }
      }
    } catch (error) {
      throw translated(error, prefix);
    }
  }

  async remove(actor: Actor, place: Place): Promise<void> {
    this.#admit(actor, place);
    await this.#asked(place, () =>
      this.#client.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: place.key })),
    );
  }

  async materialize(actor: Actor, place: Place): Promise<Materialized & ObjectFacts> {
    const facts = await this.head(actor, place);
    const file = await this.#vault.reserveScratch(fileNameOf(place));
    try {
      await writeAll(file.path, this.#body(place));
    } catch (error) {
      await file.release();
      throw error;
    }
    return { ...file, ...facts };
  }

  async #facts(place: Place): Promise<ObjectFacts> {
    const asked = new HeadObjectCommand({ Bucket: place.bucket, Key: place.key });
    const head: HeadObjectCommandOutput = await this.#asked(place, () => this.#client.send(asked));
    return {
      uri: uriOf(place),
      size: head.ContentLength ?? 0,
      etag: unquoted(head.ETag ?? ''),
      modifiedAt: head.LastModified?.getTime() ?? 0,
    };
  }

  #body(place: Place, range?: ByteRange): Readable {
    return Readable.from(this.#bytes(place, range), { objectMode: false, highWaterMark: CHUNK });
  }

  async *#bytes(place: Place, range?: ByteRange): AsyncGenerator<Buffer> {
    try {
      yield* download(this.#source(place), range);
    } catch (error) {
      throw translated(error, place);
    }
  }

  async #asked<T>(place: Place, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw translated(error, place);
    }
  }

  #source({ bucket, key }: Place) {
    return { client: this.#client, bucket, key };
  }

  #admit(actor: Actor, { bucket }: Place): void {
    const { accounts } = this.#config;
    if (!accounts || accounts.includes(actor.principal.account)) return;
    const why = 'The configuration gives this external bucket to other accounts.';
    throw errors.accessDenied({
      who: actor.principal.arn,
      action: 'use',
      resource: `arn:aws:s3:::${bucket}`,
      why,
    });
  }
}

/** What the other service refuses, as the catalogue has it; everything else as it is, to be tried again. */
function translated(error: unknown, { bucket, key }: Place): unknown {
  if (!(error instanceof S3ServiceException)) return error;
  const status = error.$metadata.httpStatusCode;
  if (error.name === 'NoSuchBucket') return errors.noSuchBucket({ bucket });
  if (status === 404) return errors.noSuchKey({ bucket, key });
  if (status !== 401 && status !== 403) return error;
  const why = `The external S3 service refused the configured keys: ${error.name}.`;
  return errors.accessDenied({
    who: 'This server',
    action: 'use',
    resource: `arn:aws:s3:::${bucket}/${key}`,
    why,
  });
}

async function writeAll(path: string, bytes: Readable): Promise<void> {
  const file = await open(path, 'wx', 0o444);
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
