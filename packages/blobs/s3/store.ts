import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { BlobSink, BlobStore, ByteRange } from '../blob.ts';
import { BlobMissing } from '../errors.ts';
import { createS3Client, isNotFound, type S3Access } from './client.ts';
import { download } from './download.ts';
import { UploadSink } from './upload-sink.ts';

export interface S3StoreOptions extends S3Access {
  /** Exists already; several servers may share it. */
  readonly bucket: string;
  /** Before every blob's id: `helicase/blobs/`. */
  readonly prefix: string;
}

const CHUNK = 256 * 1024;

/** Blobs as objects of one S3 bucket: visible when a put or a completion answered, and not before. */
export function openS3Store(options: S3StoreOptions): BlobStore {
  return new S3Store(createS3Client(options), options.bucket, options.prefix);
}

class S3Store implements BlobStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async create(id: string): Promise<BlobSink> {
    return new UploadSink({ client: this.#client, bucket: this.#bucket, key: this.#prefix + id });
  }

  read(id: string, range?: ByteRange): Readable {
    return Readable.from(this.#bytes(id, range), { objectMode: false, highWaterMark: CHUNK });
  }

  async size(id: string): Promise<number | undefined> {
    try {
      return (await this.#client.send(new HeadObjectCommand(this.#place(id)))).ContentLength;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async remove(id: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#place(id)));
  }

  async *list(): AsyncIterable<{ readonly id: string; readonly size: number; readonly modifiedAt: number }> {
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: this.#prefix },
    );
    for await (const { Contents = [] } of pages) {
      for (const { Key = '', Size = 0, LastModified } of Contents) {
        yield { id: Key.slice(this.#prefix.length), size: Size, modifiedAt: LastModified?.getTime() ?? 0 };
      }
    }
  }

  async removeUnfinished(before: number): Promise<number> {
    let count = 0;
    for (const { Key, UploadId, Initiated } of await this.#uploads()) {
      if ((Initiated?.getTime() ?? Infinity) >= before) continue;
      await this.#abort(Key, UploadId);
      count++;
    }
    return count;
  }

  async countUnfinished(): Promise<number> {
    return (await this.#uploads()).length;
  }

  path(): undefined {
    return undefined;
  }

  #place(id: string) {
    return { Bucket: this.#bucket, Key: this.#prefix + id };
  }

  async *#bytes(id: string, range?: ByteRange): AsyncGenerator<Buffer> {
    try {
      yield* download({ client: this.#client, bucket: this.#bucket, key: this.#prefix + id }, range);
    } catch (error) {
      throw isNotFound(error) ? new BlobMissing(id, { cause: error }) : error;
    }
  }

  async #uploads(): Promise<readonly MultipartUpload[]> {
    const uploads: MultipartUpload[] = [];
    for (let marker: { KeyMarker?: string; UploadIdMarker?: string } = {}; ;) {
      const asked = { Bucket: this.#bucket, Prefix: this.#prefix, ...marker };
      const page = await this.#client.send(new ListMultipartUploadsCommand(asked));
      uploads.push(...(page.Uploads ?? []));
      if (!page.IsTruncated || page.NextKeyMarker === undefined) return uploads;
      const { NextUploadIdMarker: UploadIdMarker } = page;
      marker = { KeyMarker: page.NextKeyMarker, ...(UploadIdMarker === undefined ? {} : { UploadIdMarker }) };
    }
  }

  async #abort(Key: string | undefined, UploadId: string | undefined): Promise<void> {
    try {
      await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }));
    } catch (error) {
      if (!isNotFound(error)) throw error; // somebody else was faster
    }
  }
}
