import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

/** Plain bytes of one block: what htslib writes at most (SAM specification 4.1). */
const BLOCK_PLAIN = 0xff00;
const HEADER = 18;
const FOOTER = 8;

/** The empty block that ends a file (SAM specification 4.1.2). */
export const END_BLOCK = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex');

/** One BGZF block of a buffer: its length in the file and its plain bytes; undefined where it is cut or none. */
export function readBlock(
  bytes: Buffer,
  offset: number,
): { readonly size: number; readonly plain: Buffer } | 'more' | 'none' {
  if (bytes.length < offset + HEADER) return 'more';
  const extra = bytes.readUInt16LE(offset + 10);
  const isBlock = bytes.readUInt32LE(offset) === 0x04088b1f && extra >= 6;
  if (!isBlock) return 'none';
  if (bytes.length < offset + 12 + extra) return 'more';
  const size = blockSize(bytes.subarray(offset + 12, offset + 12 + extra));
  if (size === undefined || size < 12 + extra + FOOTER) return 'none';
  if (bytes.length < offset + size) return 'more';
  try {
    return { size, plain: inflateRawSync(bytes.subarray(offset + 12 + extra, offset + size - FOOTER)) };
  } catch {
    return 'none'; // the pass tells what is damaged
  }
}

/** The subfield BC of the extra field holds the block's length less one. */
function blockSize(extra: Buffer): number | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.toString('latin1', at, at + 2) === 'BC' && at + 6 <= extra.length)
      return extra.readUInt16LE(at + 4) + 1;
  }
  return undefined;
}

/** The bytes as BGZF blocks, without the block that ends a file. */
export function writeBlocks(plain: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < plain.length; at += BLOCK_PLAIN)
    blocks.push(writeBlock(plain.subarray(at, at + BLOCK_PLAIN)));
  return Buffer.concat(blocks);
}

function writeBlock(plain: Buffer): Buffer {
  const deflated = deflateRawSync(plain);
  const header = Buffer.from('1f8b08040000000000ff0600424302000000', 'hex');
  header.writeUInt16LE(HEADER + deflated.length + FOOTER - 1, 16);
  const footer = Buffer.alloc(FOOTER);
  footer.writeUInt32LE(crc32(plain), 0);
  footer.writeUInt32LE(plain.length, 4);
  return Buffer.concat([header, deflated, footer]);
}
