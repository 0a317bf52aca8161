import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

/** The plain bytes of a file, at any position. */
export interface PlainText {
  read(position: number, length: number): Buffer;
  close(): void;
}

/** A plain file, or a bgzip one with the index that `bgzip -r` and `samtools faidx` write beside it (`.gzi`). */
export function openPlainText(path: string): PlainText {
  const file = openSync(path, 'r');
  const close = () => closeSync(file);
  const magic = readAt(file, 0, 2);
  if (magic[0] !== 0x1f || magic[1] !== 0x8b)
    return { read: (at, length) => readAt(file, at, length), close };
  const blocks = readBlockIndex(`${path}.gzi`);
  return { read: (at, length) => readBlocks(file, blocks, at, length), close };
}

interface Block {
  readonly compressed: number;
  readonly plain: number;
}

/** `.gzi`: a count, then pairs of offsets in the compressed and the plain file, 64 bits little-endian; the first block is not in it. */
function readBlockIndex(path: string): readonly Block[] {
  const bytes = readFileSync(path);
  const count = Number(bytes.readBigUInt64LE(0));
  const blocks: Block[] = [{ compressed: 0, plain: 0 }];
  for (let index = 0; index < count; index++) {
    const at = 8 + index * 16;
    blocks.push({
      compressed: Number(bytes.readBigUInt64LE(at)),
      plain: Number(bytes.readBigUInt64LE(at + 8)),
    });
  }
  return blocks;
}

function readBlocks(file: number, blocks: readonly Block[], position: number, length: number): Buffer {
  const parts: Buffer[] = [];
  let { compressed, plain } = blocks[lastAtOrBefore(blocks, position)]!;
  const start = plain;
  while (plain < position + length) {
    const { bytes, size } = readBlock(file, compressed);
    if (bytes.length === 0) break; // the end-of-file block
    parts.push(bytes);
    compressed += size;
    plain += bytes.length;
  }
  return Buffer.concat(parts).subarray(position - start, position - start + length);
}

function lastAtOrBefore(blocks: readonly Block[], position: number): number {
  let [low, high] = [0, blocks.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (blocks[middle]!.plain <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

const HEADER = 18;
const TRAILER = 8;

/** One BGZF block: its whole size stands in the header's extra field (SAM specification, 4.1). */
function readBlock(file: number, at: number): { readonly bytes: Buffer; readonly size: number } {
  const header = readAt(file, at, HEADER);
  if (header.length < HEADER) return { bytes: Buffer.alloc(0), size: 0 };
  const size = header.readUInt16LE(16) + 1;
  return { bytes: inflateRawSync(readAt(file, at + HEADER, size - HEADER - TRAILER)), size };
}

function readAt(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(file, buffer, 0, length, position));
}
