/** CloudWatch Logs takes events of 256 KB; a longer line becomes several. */
export const LONGEST_LINE_BYTES = 256 * 1024;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Bytes in, complete lines out, as text. What is not UTF-8 becomes U+FFFD: binary output must not break a log. */
export class LineSplitter {
  #rest: Buffer[] = [];
  #restBytes = 0;

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      lines.push(...this.#take(true));
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    if (this.#restBytes >= LONGEST_LINE_BYTES) lines.push(...this.#take(false));
    return lines;
  }

  /** The last line where it has no newline. */
  end(): string[] {
    return this.#restBytes > 0 ? this.#take(true) : [];
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(Buffer.from(bytes)); // the reader uses its buffer again
    this.#restBytes += bytes.length;
  }

  /** Empties what is kept into lines; of an unfinished line only pieces of full length go. */
  #take(complete: boolean): string[] {
    let bytes = this.#rest.length === 1 ? this.#rest[0]! : Buffer.concat(this.#rest);
    const lines: string[] = [];
    while (bytes.length >= LONGEST_LINE_BYTES) {
      const cut = characterBoundary(bytes, LONGEST_LINE_BYTES);
      lines.push(bytes.toString('utf8', 0, cut));
      bytes = bytes.subarray(cut);
    }
    const last = complete && (bytes.length > 0 || lines.length === 0);
    if (last) lines.push(withoutCarriageReturn(bytes).toString('utf8'));
    this.#rest = complete || bytes.length === 0 ? [] : [bytes];
    this.#restBytes = complete ? 0 : bytes.length;
    return lines;
  }
}

/** The last place at or before `at` that does not cut a UTF-8 sequence (of at most four bytes) in two. */
function characterBoundary(bytes: Buffer, at: number): number {
  const isContinuation = (index: number) => index < bytes.length && (bytes[index]! & 0xc0) === 0x80;
  let cut = at;
  while (at - cut < 3 && isContinuation(cut)) cut -= 1;
  return isContinuation(cut) ? at : cut;
}

function withoutCarriageReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
}
