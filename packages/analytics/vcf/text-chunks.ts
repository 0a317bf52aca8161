import { LONGEST_LINE, tooLong } from './byte-lines.ts';

const NEWLINE = 10;

/** Whole lines of a text, in memory of their own. */
export interface TextChunk {
  readonly bytes: Buffer;
  /** The number of the first of them, from 1. */
  readonly firstLine: number;
  readonly lines: number;
}

/** The text in chunks of about `size` bytes, cut at lines' ends; the last line comes with its end or without. */
export async function* textChunks(source: AsyncIterable<Buffer>, size: number): AsyncIterable<TextChunk> {
  let parts: Buffer[] = [];
  let held = 0;
  let firstLine = 1;
  for await (const part of source) {
    parts.push(part);
    held += part.length;
    if (held < size) continue;
    const bytes = Buffer.concat(parts);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0 && held > LONGEST_LINE) throw tooLong(firstLine);
    // Whoever takes a chunk may give its memory away: what is left is copied before.
    const rest = Buffer.from(bytes.subarray(end));
    if (end > 0) {
      const chunk = chunkOf(bytes.subarray(0, end), firstLine);
      firstLine += chunk.lines;
      yield chunk;
    }
    parts = rest.length > 0 ? [rest] : [];
    held = rest.length;
  }
  if (held > 0) yield chunkOf(Buffer.concat(parts), firstLine);
}

function chunkOf(bytes: Buffer, firstLine: number): TextChunk {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  if (bytes.at(-1) !== NEWLINE) lines++;
  return { bytes, firstLine, lines };
}
