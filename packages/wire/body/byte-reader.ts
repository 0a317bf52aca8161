import { errors } from '../errors.ts';
import type { Bytes } from './source.ts';

const LINE_LIMIT = 16 * 1024;

const EMPTY: Buffer = Buffer.alloc(0);

/** Reads lines and counted bytes from a body. */
export class ByteReader {
  readonly #source: Bytes;
  #rest: Buffer = EMPTY;

  constructor(source: Bytes) {
    this.#source = source;
  }

  /** The next line without its CRLF. Throws InvalidRequest where the body ends first or the line is endless. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end !== -1) {
        const line = this.#rest.subarray(0, end).toString('latin1');
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      if (this.#rest.length > LINE_LIMIT) throw errors.chunkMalformed({ fault: 'a line has no end' });
      const more = await this.#pull();
      if (!more) throw errors.chunkMalformed({ fault: 'it ends within a line' });
      this.#rest = Buffer.concat([this.#rest, more]);
    }
  }

  /** The next `count` bytes in whatever pieces they come. */
  async *bytes(count: number): Bytes {
    for (let left = count; left > 0;) {
      const piece = this.#rest.length > 0 ? this.#rest : await this.#pull();
      if (!piece) throw errors.bodyIncomplete({ found: `${left} fewer`, expected: `${count} in this chunk` });
      const taken = piece.subarray(0, left);
      // Not an empty view of the piece: its reader may give the piece back.
      this.#rest = taken.length === piece.length ? EMPTY : piece.subarray(taken.length);
      left -= taken.length;
      yield taken;
    }
  }

  /** Throws InvalidRequest where anything but empty lines follows. */
  async end(): Promise<void> {
    for (let more: Buffer | undefined = this.#rest; more; more = await this.#pull()) {
      if (/[^\r\n]/.test(more.toString('latin1')))
        throw errors.chunkMalformed({ fault: 'bytes follow its end' });
    }
  }

  async #pull(): Promise<Buffer | undefined> {
    for (;;) {
      const { value, done } = await this.#source.next();
      if (done) return undefined;
      if (value.length > 0) return value;
    }
  }
}
