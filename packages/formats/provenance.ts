import { Readable } from 'node:stream';
import { bamHead } from './head/bam-head.ts';
import type { HeadBytes } from './head/head-bytes.ts';
import { cramHead } from './head/cram-head.ts';
import { BrokenInput, type AlignmentType } from './pass.ts';

/** A header that is longer is no header of an alignment file; the longest real ones have some 100,000 contigs. */
const HEAD_LIMIT = 256 * 1024 * 1024;

export interface Headed {
  /** The header as the file shall have it, in the file's own form; empty where the file has none that can be read. */
  readonly head: Buffer;
  /** Everything after it. */
  readonly body: Readable;
}

/**
 * Splits a BAM or CRAM stream behind its header and adds a comment (`@CO`) to the header's text. A stream that is no
 * such file is given back whole, with no head: the pass over it says what is wrong.
 */
export async function addComment(
  file: Readable,
  type: AlignmentType,
  comment: string | undefined,
): Promise<Headed> {
  const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const gathered = new Gathered();
  const headOf = type === 'CRAM' ? cramHead : bamHead;
  for (;;) {
    const next = await chunks.next();
    if (next.done) return { head: Buffer.alloc(0), body: streamOf(gathered.all(), chunks) };
    if (!gathered.add(next.value)) continue;
    const found: HeadBytes | 'more' | 'none' = headOf(gathered.all(), comment);
    if (found === 'none') return { head: Buffer.alloc(0), body: streamOf(gathered.all(), chunks) };
    if (found !== 'more') return { head: found.head, body: streamOf(found.rest, chunks) };
    if (gathered.size > HEAD_LIMIT) throw new BrokenInput(`its header is longer than ${HEAD_LIMIT} bytes`);
  }
}

/** What was read so far, tried again each time it doubled: a long header is not parsed once per chunk. */
class Gathered {
  size = 0;
  #chunks: Buffer[] = [];
  #tryAt = 1;

  /** True where it is time to try. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.#tryAt) return false;
    this.#tryAt = this.size + Math.max(64 * 1024, this.size / 2);
    return true;
  }

  all(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }
}

function streamOf(first: Buffer, rest: AsyncIterator<Buffer>): Readable {
  async function* bytes(): AsyncGenerator<Buffer> {
    try {
      if (first.length > 0) yield first;
      for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
    } finally {
      await rest.return?.();
    }
  }
  return Readable.from(bytes()); // of objects: chunks that wait are not joined by copying them
}
