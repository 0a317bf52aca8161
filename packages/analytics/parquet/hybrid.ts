/** Values that fit 32 bits and are read in order. */
export type Integers = Uint8Array | Uint32Array;

/** A run shorter than this is packed: a run costs a header and a value, a packed group of eight only its bits. */
const SHORTEST_RUN = 8;

export function bitWidth(greatest: number): number {
  return greatest === 0 ? 0 : 32 - Math.clz32(greatest);
}

/** Parquet's RLE and bit-packing hybrid of the first `count` values: runs where values repeat, packed groups of eight elsewhere. */
export function hybrid(values: Integers, count: number, width: number): Buffer {
  return new HybridEncoder(values, count, width).encode();
}

class HybridEncoder {
  readonly #values: Integers;
  readonly #count: number;
  readonly #width: number;
  readonly #out: Buffer;
  #at = 0;

  constructor(values: Integers, count: number, width: number) {
    this.#values = values;
    this.#count = count;
    this.#width = width;
    // Packed groups take `width` bytes each; runs replace at least a group, their header and value at most ten bytes.
    const groups = Math.ceil(count / 8);
    this.#out = Buffer.allocUnsafe(groups * (width + 10) + 16);
  }

  encode(): Buffer {
    const values = this.#values;
    const count = this.#count;
    let packed = 0; // where the groups not yet written begin
    let index = 0;
    while (index < count) {
      const length = this.#run(index);
      if (length >= SHORTEST_RUN) {
        this.#pack(packed, index);
        this.#repeat(values[index]!, length);
        index += length;
        packed = index;
      } else {
        // A run that begins inside a group of eight is taken from the group's end on.
        index = Math.min(index + 8, count);
      }
    }
    this.#pack(packed, count);
    return this.#out.subarray(0, this.#at);
  }

  #run(start: number): number {
    const values = this.#values;
    const value = values[start]!;
    let end = start + 1;
    while (end < this.#count && values[end] === value) end++;
    return end - start;
  }

  #repeat(value: number, length: number): void {
    this.#varint(length * 2);
    for (let bits = 0, rest = value; bits < this.#width; bits += 8, rest >>>= 8)
      this.#out[this.#at++] = rest & 255;
  }

  /** The last group of all is filled up with zeros, which the reader does not take. */
  #pack(start: number, end: number): void {
    if (start === end) return;
    const groups = Math.ceil((end - start) / 8);
    this.#varint(groups * 2 + 1);
    const values = this.#values;
    const out = this.#out;
    const width = this.#width;
    let at = this.#at;
    let held = 0;
    let bits = 0;
    const stop = start + groups * 8;
    for (let index = start; index < stop; index++) {
      held |= (index < end ? values[index]! : 0) << bits;
      bits += width;
      while (bits >= 8) {
        out[at++] = held & 255;
        held >>>= 8;
        bits -= 8;
      }
    }
    this.#at = at;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#out[this.#at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#out[this.#at++] = rest;
  }
}
