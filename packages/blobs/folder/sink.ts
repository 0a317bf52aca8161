import type { FileHandle } from 'node:fs/promises';
import type { BlobSink } from '../blob.ts';

/** Smaller writes are gathered to this many bytes before they reach the kernel. */
const FLUSH_SIZE = 256 * 1024;

export interface SinkEnds {
  /** Called with the file complete and synced, under its temporary name. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/** A file being written under a temporary name. */
export class FolderSink implements BlobSink {
  readonly #file: FileHandle;
  readonly #ends: SinkEnds;
  #pending: Uint8Array[] = [];
  #pendingSize = 0;
  #size = 0;
  #ended = false;

  constructor(file: FileHandle, ends: SinkEnds) {
    this.#file = file;
    this.#ends = ends;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return;
    this.#size += chunk.length;
    this.#pendingSize += chunk.length;
    if (this.#pendingSize >= FLUSH_SIZE) {
      this.#pending.push(chunk);
      await this.#flush();
    } else {
      // The caller may reuse its buffer once this returns.
      this.#pending.push(Uint8Array.prototype.slice.call(chunk));
    }
  }

  async finish(): Promise<{ readonly size: number }> {
    this.#end();
    try {
      await this.#flush();
      await this.#file.sync();
      await this.#file.close();
      await this.#ends.publish();
    } catch (error) {
      await this.#cleanUp();
      throw error;
    }
    return { size: this.#size };
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

  async #cleanUp(): Promise<void> {
    await this.#file.close().catch(() => undefined); // closed already where publishing failed
    await this.#ends.discard();
  }

  async #flush(): Promise<void> {
    let rest = this.#pending;
    this.#pending = [];
    this.#pendingSize = 0;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#file.writev(rest);
      rest = after(rest, bytesWritten);
    }
  }
}

/** What is left of the chunks after `count` bytes of them. */
function after(chunks: Uint8Array[], count: number): Uint8Array[] {
  let skip = count;
  for (const [index, chunk] of chunks.entries()) {
    if (skip < chunk.length) return [chunk.subarray(skip), ...chunks.slice(index + 1)];
    skip -= chunk.length;
  }
  return [];
}
