import { readBlock, writeBlocks } from './bgzf.ts';
import { type HeadBytes, withComment } from './head-bytes.ts';

const MAGIC = 'BAM\x01';

/**
 * The header of a BAM file (SAM specification 4.2) as blocks of its own. Records that shared the header's last block
 * begin the rest, in a block of their own.
 */
export function bamHead(bytes: Buffer, comment: string | undefined): HeadBytes | 'more' | 'none' {
  const plain: Buffer[] = [];
  let plainSize = 0;
  for (let offset = 0; ;) {
    const block = readBlock(bytes, offset);
    if (typeof block === 'string') return block;
    if (block.plain.length === 0 && offset > 0) return 'none'; // the file ends within its header
    plain.push(block.plain);
    plainSize += block.plain.length;
    offset += block.size;
    if (plainSize < neededOf(plain)) continue;
    const found = split(Buffer.concat(plain), comment);
    if (found === 'none') return 'none';
    if (found === 'more') continue;
    const records = found.records.length > 0 ? [writeBlocks(found.records)] : [];
    return { head: writeBlocks(found.header), rest: Buffer.concat([...records, bytes.subarray(offset)]) };
  }
}

/** Bytes that the header has at least, as far as its first block tells. */
function neededOf([first]: readonly Buffer[]): number {
  return first && first.length >= 8 ? 12 + first.readInt32LE(4) : 12;
}

function split(
  plain: Buffer,
  comment: string | undefined,
): { readonly header: Buffer; readonly records: Buffer } | 'more' | 'none' {
  if (plain.toString('latin1', 0, 4) !== MAGIC) return 'none';
  const textLength = plain.readInt32LE(4);
  if (textLength < 0) return 'none';
  const contigsAt = 8 + textLength;
  if (plain.length < contigsAt + 4) return 'more';
  const contigsEnd = endOfContigs(plain, contigsAt);
  if (typeof contigsEnd === 'string') return contigsEnd;
  const text = withComment(plain.subarray(8, contigsAt), comment);
  const start = Buffer.alloc(8);
  start.write(MAGIC, 'latin1');
  start.writeInt32LE(text.length, 4);
  return {
    header: Buffer.concat([start, text, plain.subarray(contigsAt, contigsEnd)]),
    records: plain.subarray(contigsEnd),
  };
}

function endOfContigs(plain: Buffer, contigsAt: number): number | 'more' | 'none' {
  const count = plain.readInt32LE(contigsAt);
  if (count < 0) return 'none';
  let at = contigsAt + 4;
  for (let contig = 0; contig < count; contig++) {
    if (plain.length < at + 4) return 'more';
    const nameLength = plain.readInt32LE(at);
    if (nameLength < 1) return 'none';
    at += 4 + nameLength + 4;
  }
  return plain.length < at ? 'more' : at;
}
