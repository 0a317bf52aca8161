import { errors } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';
import type { ChunkSigner } from './chunk-signer.ts';
import type { Bytes } from './source.ts';

export interface ChunkedOptions {
  /** Absent where chunks are not signed. */
  readonly signer?: ChunkSigner | undefined;
  /** `x-amz-decoded-content-length`. */
  readonly decodedLength: number | undefined;
  /** Filled with the trailing headers, by lower-case name. */
  readonly trailers: Map<string, string>;
}

/** Takes aws-chunked framing off, verifying each chunk's signature after its bytes and the trailers' at the end. */
export async function* unchunkedBytes(source: Bytes, options: ChunkedOptions): Bytes {
  const reader = new ByteReader(source);
  try {
    yield* chunks(reader, options);
    await readTrailers(reader, options);
    await reader.end();
  } finally {
    await source.return();
  }
}

async function* chunks(reader: ByteReader, { signer, decodedLength }: ChunkedOptions): Bytes {
  let total = 0;
  for (let number = 1; ; number++) {
    const { size, signature } = readChunkHead(await reader.line());
    for await (const piece of reader.bytes(size)) {
      signer?.update(piece);
      total += piece.length;
      if (decodedLength !== undefined && total > decodedLength) throw wrongLength(total, decodedLength);
      yield piece;
    }
    if (signer && !signer.isChunk(signature))
      throw errors.chunkSignatureMismatch({ what: `chunk ${number}` });
    if (size === 0) break;
    const end = await reader.line();
    if (end !== '') throw errors.chunkMalformed({ fault: `chunk ${number} is longer than it says` });
  }
  if (decodedLength !== undefined && total !== decodedLength) throw wrongLength(total, decodedLength);
}

function wrongLength(found: number, expected: number) {
  return errors.bodyIncomplete({ found, expected });
}

function readChunkHead(line: string): { readonly size: number; readonly signature: string } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (!match) throw errors.chunkMalformed({ fault: `"${line.slice(0, 100)}" does not begin a chunk` });
  return { size: parseInt(match[1]!, 16), signature: match[2] ?? '' };
}

/** `name:value` lines up to an empty one; `x-amz-trailer-signature` is last where trailers are signed. */
async function readTrailers(reader: ByteReader, { signer, trailers }: ChunkedOptions): Promise<void> {
  const lines: string[] = [];
  let signature: string | undefined;
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon < 1 || lines.length > 100)
      throw errors.chunkMalformed({ fault: 'a trailing header is malformed' });
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') signature = value;
    else {
      lines.push(`${name}:${value}\n`);
      trailers.set(name, value);
    }
  }
  if (signer?.signsTrailers && !signer.areTrailers(lines.join(''), signature ?? '')) {
    throw errors.chunkSignatureMismatch({ what: 'the trailing headers' });
  }
}
