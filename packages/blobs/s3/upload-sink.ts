import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { BlobSink } from '../blob.ts';
import { isNotFound } from './client.ts';

export interface UploadTarget {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly contentType?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

const FIRST_PART_SIZE = 8 * 1024 * 1024;

/**
 * Writes an S3 object of unknown length: in one request where it is small, in parts otherwise. S3 takes 10,000
 * parts, so they double every thousand: 8 TiB in all. One part travels while the next is gathered.
 */
export class UploadSink implements BlobSink {
  readonly #target: UploadTarget;
  readonly #parts: CompletedPart[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #filled = 0;
  #size = 0;
  #number = 0;
  #upload: string | undefined;
  #travelling: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(target: UploadTarget) {
    this.#target = target;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#size += chunk.length;
    for (let rest = chunk; rest.length > 0;) {
      if (this.#filled === this.#partSize()) await this.#send();
      const taken = rest.subarray(0, this.#partSize() - this.#filled);
      this.#gather(taken);
      rest = rest.subarray(taken.length);
    }
  }

  async finish(): Promise<{ readonly size: number; readonly etag: string }> {
    this.#end();
    try {
      const etag = this.#upload === undefined ? await this.#putWhole() : await this.#complete();
      return { size: this.#size, etag: (etag ?? '').replaceAll('"', '') };
    } catch (error) {
      await this.#cleanUp();
      throw error;
    }
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#end();
    await this.#cleanUp();
  }

  #end(): void {
    if (this.#ended) throw new Error('This blob was finished or aborted already');
    this.#ended = true;
  }

  #place() {
    return { Bucket: this.#target.bucket, Key: this.#target.key };
  }

  #described() {
    const { contentType, metadata } = this.#target;
    return { ...this.#place(), ContentType: contentType, ...(metadata ? { Metadata: { ...metadata } } : {}) };
  }

  #partSize(): number {
    return FIRST_PART_SIZE * 2 ** Math.floor(this.#number / 1000);
  }

  /** The buffer grows with what it holds, so that small objects take little memory. */
  #gather(bytes: Uint8Array): void {
    const needed = this.#filled + bytes.length;
    if (needed > this.#buffer.length) {
      const size = Math.min(this.#partSize(), Math.max(needed, this.#buffer.length * 2, 64 * 1024));
      const grown = Buffer.allocUnsafe(size);
      grown.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled = needed;
  }

  #take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#filled);
    this.#buffer = Buffer.alloc(0);
    this.#filled = 0;
    return taken;
  }

  /** Hands the gathered part over; waits for the one before, which also tells whether that failed. */
  async #send(): Promise<void> {
    await this.#travelling;
    this.#upload ??= await this.#begin();
    this.#travelling = this.#uploadPart(++this.#number, this.#take());
    this.#travelling.catch(() => undefined); // told where it is awaited
  }

  async #begin(): Promise<string> {
    const { UploadId } = await this.#target.client.send(new CreateMultipartUploadCommand(this.#described()));
    if (!UploadId) throw new Error('The S3 service gave no upload id');
    return UploadId;
  }

  async #uploadPart(number: number, body: Buffer): Promise<void> {
    const place = { ...this.#place(), UploadId: this.#upload, PartNumber: number };
    const { ETag } = await this.#target.client.send(new UploadPartCommand({ ...place, Body: body }));
    this.#parts.push({ PartNumber: number, ETag });
  }

  async #putWhole(): Promise<string | undefined> {
    const body = { ...this.#described(), Body: this.#take() };
    return (await this.#target.client.send(new PutObjectCommand(body))).ETag;
  }

  async #complete(): Promise<string | undefined> {
    if (this.#filled > 0) await this.#send();
    await this.#travelling;
    const Parts = this.#parts.sort((a, b) => a.PartNumber! - b.PartNumber!);
    const place = { ...this.#place(), UploadId: this.#upload, MultipartUpload: { Parts } };
    return (await this.#target.client.send(new CompleteMultipartUploadCommand(place))).ETag;
  }

  async #cleanUp(): Promise<void> {
    await this.#travelling.catch(() => undefined);
    if (this.#upload === undefined) return;
    const place = { ...this.#place(), UploadId: this.#upload };
    try {
      await this.#target.client.send(new AbortMultipartUploadCommand(place));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
