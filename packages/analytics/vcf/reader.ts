import { BYTE } from './bytes.ts';
import { type VcfHeader, VcfHeaderReader } from './header.ts';
import type { TextChunk } from './text-chunks.ts';
import { VcfError } from './vcf-error.ts';

export interface VcfText {
  readonly header: VcfHeader;
  /** The records' lines; the header's are not in them. */
  readonly chunks: AsyncIterable<TextChunk>;
}

/** Reads the header, and leaves the records to be read. Throws VcfError where there is no whole header. */
export async function openVcfText(source: AsyncIterable<TextChunk>): Promise<VcfText> {
  const reader = new VcfHeaderReader();
  const iterator = source[Symbol.asyncIterator]();
  let lines = 0;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const { bytes, lines: all, firstLine } = next.value;
    for (let at = 0; at < bytes.length;) {
      const found = bytes.indexOf(BYTE.newline, at);
      const end = found < 0 ? bytes.length : found;
      const header = reader.take(bytes.toString('utf8', at, end).replace(/\r$/, ''), ++lines);
      at = end + 1;
      if (!header) continue;
      const taken = lines + 1 - firstLine;
      const rest = { bytes: bytes.subarray(at), firstLine: lines + 1, lines: all - taken };
      return { header, chunks: following(rest, iterator) };
    }
  }
  throw new VcfError(lines === 0 ? 'the file is empty' : 'the file has no #CHROM line');
}

async function* following(first: TextChunk, rest: AsyncIterator<TextChunk>): AsyncIterable<TextChunk> {
  if (first.bytes.length > 0) yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}
