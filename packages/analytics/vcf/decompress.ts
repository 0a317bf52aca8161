import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { VcfError } from './vcf-error.ts';

/** The empty block that ends every whole BGZF file (SAM specification, 4.1.2). */
const BGZF_END = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex');
const HEADER = 18;

/** The plain bytes of a plain, gzip or bgzip file. A file cut short is an error, at a block's border too. */
export async function* decompressed(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  const head = await readHead(iterator);
  const rest = { [Symbol.asyncIterator]: () => iterator };
  if (head[0] === 0x1f && head[1] === 0x8b) {
    yield* gunzipped(head, rest);
    return;
  }
  if (head.length > 0) yield head;
  yield* rest;
}

async function readHead(iterator: AsyncIterator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < HEADER) {
    const next = await iterator.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* gunzipped(head: Buffer, rest: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const seen = { bytes: 0, tail: Buffer.alloc(0) };
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  pipeline(watched(head, rest, seen), gunzip, () => {}); // an error reaches the reader through gunzip
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    throw gzipError(error, seen.bytes);
  }
  // zlib takes bytes that are no gzip member for padding after the last one and stops without a word.
  if (gunzip.bytesWritten < seen.bytes) {
    throw new VcfError(
      `the gzip data ends at byte ${gunzip.bytesWritten}, but ${seen.bytes} bytes were given`,
    );
  }
  if (isBgzf(head) && !seen.tail.equals(BGZF_END)) {
    throw new VcfError(
      `the bgzip file is truncated: its end-of-file block is missing after byte ${seen.bytes}`,
    );
  }
}

async function* watched(
  head: Buffer,
  rest: AsyncIterable<Buffer>,
  seen: { bytes: number; tail: Buffer },
): AsyncIterable<Buffer> {
  const note = (chunk: Buffer) => {
    seen.bytes += chunk.length;
    seen.tail = Buffer.concat([seen.tail, chunk.subarray(-BGZF_END.length)]).subarray(-BGZF_END.length);
    return chunk;
  };
  yield note(head);
  for await (const chunk of rest) yield note(chunk);
}

/** The first member's extra field is BGZF's `BC`. */
function isBgzf(head: Buffer): boolean {
  return (head[3]! & 4) !== 0 && head[12] === 0x42 && head[13] === 0x43;
}

function gzipError(error: unknown, bytes: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('Z_')) return error;
  const cause = code === 'Z_BUF_ERROR' ? 'it is truncated' : (error as Error).message;
  return new VcfError(`the gzip data cannot be read: ${cause} (after ${bytes} compressed bytes)`);
}
