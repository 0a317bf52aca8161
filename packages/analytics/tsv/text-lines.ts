import { LONGEST_LINE } from '../vcf/byte-lines.ts';
import { VcfError } from '../vcf/vcf-error.ts';
import type { TsvReading } from './reading.ts';

/** The text's lines in batches, without their ends. Throws VcfError where the bytes are not in the encoding. */
export async function* textLines(
  chunks: AsyncIterable<Buffer>,
  { encoding, lineSeparator }: Pick<TsvReading, 'encoding' | 'lineSeparator'>,
): AsyncIterable<readonly string[]> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let rest = '';
  let count = 0;
  const decode = (chunk?: Buffer) => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      throw new VcfError(`the bytes after line ${count} are not ${encoding} text`);
    }
  };
  const splitter = lineSeparator ?? /\r\n|\r|\n/;
  for await (const chunk of chunks) {
    const text = decode(chunk);
    rest += text;
    if (!hasEnd(text, lineSeparator)) {
      if (rest.length > LONGEST_LINE) throw tooLong(count + 1);
      continue;
    }
    // The line feed of a carriage return may be in the next chunk.
    const held = lineSeparator === undefined && rest.endsWith('\r') ? '\r' : '';
    const lines = rest.slice(0, rest.length - held.length).split(splitter);
    rest = lines.pop()! + held;
    count += lines.length;
    yield lines;
  }
  const last = (rest + decode()).split(splitter);
  if (last.at(-1) === '') last.pop();
  if (last.length > 0) yield last;
}

function hasEnd(text: string, lineSeparator: string | undefined): boolean {
  return lineSeparator === undefined ? /[\r\n]/.test(text) : text.includes(lineSeparator.at(-1)!);
}

function tooLong(line: number): VcfError {
  return new VcfError(`longer than ${LONGEST_LINE / 1024 / 1024} MiB; is lineSep right?`, line);
}
