import { VcfError } from './vcf-error.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
/** A line of a VCF with 100,000 samples stays below it; a file without line ends must not fill the memory. */
export const LONGEST_LINE = 64 * 1024 * 1024;

/** The text's lines in batches, as the chunks come: without their ends, the last one with or without. */
export async function* byteLines(chunks: AsyncIterable<Buffer>): AsyncIterable<readonly string[]> {
  let pending: Buffer[] = [];
  let pendingSize = 0;
  let count = 0;
  for await (const chunk of chunks) {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      pending.push(chunk);
      pendingSize += chunk.length;
      if (pendingSize > LONGEST_LINE) throw tooLong(count + 1);
      continue;
    }
    const whole = chunk.subarray(0, last + 1);
    const lines = splitLines(pending.length > 0 ? Buffer.concat([...pending, whole]) : whole);
    count += lines.length;
    yield lines;
    const rest = chunk.subarray(last + 1);
    pending = rest.length > 0 ? [rest] : [];
    pendingSize = rest.length;
  }
  if (pendingSize > 0) yield splitLines(Buffer.concat(pending));
}

/** Lines are cut on bytes and decoded one by one, so that no text of many megabytes is ever made. */
function splitLines(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(NEWLINE, start);
    const next = found < 0 ? bytes.length : found;
    const end = next > start && bytes[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
    lines.push(bytes.toString('utf8', start, end));
    start = next + 1;
  }
  return lines;
}

export function tooLong(line: number): VcfError {
  return new VcfError(`longer than ${LONGEST_LINE / 1024 / 1024} MiB; is this a text file?`, line);
}
