import { crc32, gunzipSync } from 'node:zlib';
import { type HeadBytes, withComment } from './head-bytes.ts';

/** Magic, version and the file's name (CRAM specification 6). */
const DEFINITION = 26;
const RAW = 0;
const GZIP = 1;

/**
 * The file definition and the header container of a CRAM file (CRAM specification 6 to 8), the container written
 * anew with one uncompressed block. Only version 3, whose containers and blocks end in a CRC; others stay as they are.
 */
export function cramHead(bytes: Buffer, comment: string | undefined): HeadBytes | 'more' | 'none' {
  if (bytes.length < DEFINITION + 8) return 'more';
  if (bytes.toString('latin1', 0, 4) !== 'CRAM' || bytes[4] !== 3) return 'none';
  const container = readContainer(bytes, DEFINITION);
  if (typeof container === 'string') return container;
  const text = headerText(bytes.subarray(container.blocksAt, container.end));
  if (text === undefined) return 'none';
  const head = [bytes.subarray(0, DEFINITION), writeContainer(withComment(text, comment))];
  return { head: Buffer.concat(head), rest: bytes.subarray(container.end) };
}

interface Container {
  readonly blocksAt: number;
  readonly end: number;
}

function readContainer(bytes: Buffer, start: number): Container | 'more' | 'none' {
  const length = bytes.readInt32LE(start);
  const reader = new Itf8Reader(bytes, start + 4);
  // Reference id, start, span, records, record counter, bases, blocks.
  for (let field = 0; field < 4; field++) reader.read();
  reader.skipLong();
  reader.skipLong();
  reader.read();
  const landmarks = reader.read();
  for (let landmark = 0; landmark < landmarks; landmark++) reader.read();
  if (reader.short) return 'more';
  const blocksAt = reader.at + 4;
  if (length < 0) return 'none';
  return bytes.length < blocksAt + length ? 'more' : { blocksAt, end: blocksAt + length };
}

/** The first block of the header container: a length and the SAM header's text. */
function headerText(blocks: Buffer): Buffer | undefined {
  const method = blocks[0];
  const reader = new Itf8Reader(blocks, 2);
  reader.read();
  const size = reader.read();
  reader.read();
  if (reader.short || (method !== RAW && method !== GZIP)) return undefined;
  try {
    const data = blocks.subarray(reader.at, reader.at + size);
    const plain = method === GZIP ? gunzipSync(data) : data;
    return plain.subarray(4, 4 + plain.readInt32LE(0));
  } catch {
    return undefined; // the pass tells what is damaged
  }
}

function writeContainer(text: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32LE(text.length);
  const data = Buffer.concat([length, text]);
  const block = withCrc(
    Buffer.concat([Buffer.from([RAW, 0, 0]), itf8(data.length), itf8(data.length), data]),
  );
  const size = Buffer.alloc(4);
  size.writeInt32LE(block.length);
  // Of no reference, no records; one block, which begins at 0.
  const header = Buffer.concat([size, Buffer.from([0, 0, 0, 0, 0, 0, 1, 1, 0])]);
  return Buffer.concat([withCrc(header), block]);
}

function withCrc(bytes: Buffer): Buffer {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(bytes));
  return Buffer.concat([bytes, crc]);
}

/** An integer as ITF-8 (CRAM specification 2.3). */
function itf8(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  if (value < 0x4000) return Buffer.from([0x80 | (value >> 8), value & 0xff]);
  if (value < 0x200000) return Buffer.from([0xc0 | (value >> 16), (value >> 8) & 0xff, value & 0xff]);
  if (value < 0x10000000)
    return Buffer.from([0xe0 | (value >> 24), (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]);
  return Buffer.from([0xf0, (value >> 20) & 0xff, (value >> 12) & 0xff, (value >> 4) & 0xff, value & 0x0f]);
}

/** Reads ITF-8 and LTF-8 numbers one after the other; `short` once the bytes did not suffice. */
class Itf8Reader {
  at: number;
  short = false;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  read(): number {
    const first = this.#bytes[this.at] ?? 0;
    const extra = first < 0x80 ? 0 : first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (!this.#has(1 + extra)) return 0;
    let value = extra === 4 ? first & 0x0f : first & (0xff >> (extra + 1));
    for (let byte = 1; byte <= extra; byte++) {
      const next = this.#bytes[this.at + byte]!;
      value = extra === 4 && byte === 4 ? (value << 4) | (next & 0x0f) : (value << 8) | next;
    }
    this.at += 1 + extra;
    return value;
  }

  /** Eight bytes at most; the leading ones of the first byte say how many follow. */
  skipLong(): void {
    const extra = Math.clz32(~((this.#bytes[this.at] ?? 0) << 24));
    if (this.#has(1 + extra)) this.at += 1 + extra;
  }

  #has(count: number): boolean {
    if (this.at + count <= this.#bytes.length) return true;
    this.short = true;
    return false;
  }
}
