import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { END_BLOCK, writeBlocks } from '../head/bgzf.ts';

/** Plain bytes that are deflated at a time when a file is made again. */
const BATCH = 0xff00 * 16;

const PARAMETERS = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_enableLongDistanceMatching]: 1,
  [constants.ZSTD_c_windowLog]: 27,
};

/** The plain text of a gzip or BGZF stream, compressed by zstd: the archive's form of what CRAM cannot hold. */
export async function packZstd(file: Readable, output: string, signal: AbortSignal): Promise<void> {
  const zstd = createZstdCompress({ params: PARAMETERS });
  await pipeline(file, createGunzip(), zstd, createWriteStream(output, { flags: 'wx', mode: 0o600 }), {
    signal,
  });
}

/** The text again, as BGZF, which is gzip too. */
export function unpackZstd(input: string, signal: AbortSignal): Readable {
  return Readable.from(blocksOf(input, signal), { objectMode: false });
}

async function* blocksOf(input: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const zstd = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 27 } });
  const read = pipeline(createReadStream(input), zstd, { signal, end: true });
  read.catch(() => {}); // the decompressor fails with it
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of zstd as AsyncIterable<Buffer>) {
    pending.push(chunk);
    size += chunk.length;
    if (size < BATCH) continue;
    const plain = Buffer.concat(pending);
    const full = plain.length - (plain.length % 0xff00);
    yield writeBlocks(plain.subarray(0, full));
    pending = [plain.subarray(full)];
    size = plain.length - full;
  }
  await read;
  yield Buffer.concat([writeBlocks(Buffer.concat(pending)), END_BLOCK]);
}
