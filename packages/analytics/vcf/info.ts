import { ByteDictionary } from '../parquet/byte-dictionary.ts';
import { BYTE } from './bytes.ts';
import { shown, VcfError } from './vcf-error.ts';

/** The entries of one record's INFO, as ranges of its bytes; a flag's value is empty and `isFlag`. */
export class Info {
  count = 0;
  keyStart = new Int32Array(64);
  keyEnd = new Int32Array(64);
  /** Where the value begins, or -1 of a flag; it ends where the entry ends. */
  valueStart = new Int32Array(64);
  valueEnd = new Int32Array(64);
  /** The number of each entry's key: the same key has the same number in every record. */
  key = new Int32Array(64);
  readonly #keys = new ByteDictionary();
  #seenIn = new Int32Array(64);
  #record = 0;

  numberOf(key: string): number {
    const bytes = Buffer.from(key);
    return this.#number(bytes, 0, bytes.length);
  }

  /** Reads one record's INFO. Throws where a key is missing or given twice. */
  read(bytes: Buffer, start: number, end: number, line: number): void {
    this.count = 0;
    this.#record++;
    if (end - start === 1 && bytes[start] === BYTE.dot) return;
    let from = start;
    while (from < end) {
      let equals = -1;
      let at = from;
      for (; at < end; at++) {
        const byte = bytes[at];
        if (byte === BYTE.semicolon) break;
        if (byte === BYTE.equals && equals < 0) equals = at;
      }
      // A trailing or doubled ";" says nothing.
      if (at > from) this.#take(bytes, from, at, equals, line);
      from = at + 1;
    }
  }

  /** The entry with this key's number, or -1. */
  find(key: number): number {
    if (this.#seenIn[key] !== this.#record) return -1;
    for (let entry = 0; entry < this.count; entry++) if (this.key[entry] === key) return entry;
    return -1;
  }

  #take(bytes: Buffer, start: number, end: number, equals: number, line: number): void {
    const keyEnd = equals < 0 ? end : equals;
    if (keyEnd === start) throw new VcfError(`INFO entry ${text(bytes, start, end)} has no key`, line);
    const key = this.#number(bytes, start, keyEnd);
    if (this.#seenIn[key] === this.#record) {
      throw new VcfError(`INFO key ${bytes.toString('utf8', start, keyEnd)} occurs twice`, line);
    }
    this.#seenIn[key] = this.#record;
    if (this.count === this.key.length) this.#grow();
    const entry = this.count++;
    this.keyStart[entry] = start;
    this.keyEnd[entry] = keyEnd;
    this.valueStart[entry] = equals < 0 ? -1 : equals + 1;
    this.valueEnd[entry] = end;
    this.key[entry] = key;
  }

  #number(bytes: Uint8Array, start: number, end: number): number {
    const number = this.#keys.index(bytes, start, end);
    if (number >= this.#seenIn.length) this.#seenIn = doubled(this.#seenIn);
    return number;
  }

  #grow(): void {
    this.keyStart = doubled(this.keyStart);
    this.keyEnd = doubled(this.keyEnd);
    this.valueStart = doubled(this.valueStart);
    this.valueEnd = doubled(this.valueEnd);
    this.key = doubled(this.key);
  }
}

function text(bytes: Buffer, start: number, end: number): string {
  return shown(bytes.toString('utf8', start, end));
}

function doubled(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
