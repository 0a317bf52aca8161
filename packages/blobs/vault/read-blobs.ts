import { createWriteStream } from 'node:fs';
import { finished, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BlobRef, ByteRange, Materialized, Vault } from '../blob.ts';

const CHUNK = 256 * 1024;

/** The bytes of blobs one after the other, or a range of them, opening each when its turn comes. */
export function readBlobs(vault: Vault, blobs: readonly BlobRef[], range?: ByteRange): Readable {
  const pieces = range ? piecesOf(blobs, range) : blobs.map((blob) => ({ blob, range: undefined }));
  const letGo = vault.hold(blobs);
  const [only] = pieces;
  const stream =
    pieces.length === 1
      ? vault.read(only!.blob, only!.range)
      : Readable.from(concatenated(vault, pieces), { objectMode: false, highWaterMark: CHUNK });
  finished(stream, letGo);
  return stream;
}

/** Blobs as one local file: as `Vault.materialize` where there is one blob, joined in private scratch otherwise. */
export async function materializeBlobs(
  vault: Vault,
  blobs: readonly BlobRef[],
  name: string,
): Promise<Materialized> {
  if (blobs.length === 1) return vault.materialize(blobs[0]!, name);
  const place = await vault.reserveScratch(name);
  try {
    await pipeline(readBlobs(vault, blobs), createWriteStream(place.path, { flags: 'wx', mode: 0o444 }));
  } catch (error) {
    await place.release();
    throw error;
  }
  return place;
}

interface Piece {
  readonly blob: BlobRef;
  readonly range: ByteRange | undefined;
}

async function* concatenated(vault: Vault, pieces: readonly Piece[]): AsyncGenerator<Buffer> {
  for (const { blob, range } of pieces) yield* vault.read(blob, range) as AsyncIterable<Buffer>;
}

/** Which blobs the range touches, and which bytes of each. */
function piecesOf(blobs: readonly BlobRef[], range: ByteRange): readonly Piece[] {
  const pieces: Piece[] = [];
  let offset = 0;
  for (const blob of blobs) {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.end - offset, blob.size - 1);
    if (start <= end) pieces.push({ blob, range: { start, end } });
    offset += blob.size;
  }
  return pieces;
}
