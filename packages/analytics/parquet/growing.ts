/** Bytes that are appended to, and dropped all at once. */
export class GrowingBytes {
  bytes: Buffer;
  length = 0;

  constructor(capacity = 4096) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < this.length + more) capacity *= 2;
    const bytes = Buffer.allocUnsafe(capacity);
    this.bytes.copy(bytes, 0, 0, this.length);
    this.bytes = bytes;
  }

  copy(from: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.reserve(size);
    const to = this.bytes;
    let at = this.length;
    // A call into the runtime costs more than a short copy.
    if (size < 32) for (let index = start; index < end; index++) to[at++] = from[index]!;
    else to.set(from.subarray(start, end), at);
    this.length += size;
  }

  uint32(value: number): void {
    this.reserve(4);
    const { bytes, length } = this;
    bytes[length] = value & 255;
    bytes[length + 1] = (value >>> 8) & 255;
    bytes[length + 2] = (value >>> 16) & 255;
    bytes[length + 3] = value >>> 24;
    this.length += 4;
  }

  whole(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}

/** 32-bit numbers that are appended to. */
export class GrowingIntegers {
  values = new Uint32Array(1024);
  length = 0;

  add(value: number): void {
    if (this.length === this.values.length) {
      const values = new Uint32Array(this.values.length * 2);
      values.set(this.values);
      this.values = values;
    }
    this.values[this.length++] = value;
  }
}
