import { GrowingBytes, GrowingIntegers } from './growing.ts';

const FIRST_SLOTS = 1024;

/** Different byte strings, numbered in the order they first came. */
export class ByteDictionary {
  count = 0;
  readonly #bytes = new GrowingBytes();
  /** Where each entry ends; it begins where the one before ends. */
  readonly #ends = new GrowingIntegers();
  readonly #hashes = new GrowingIntegers();
  /** Entry number plus one by hash, 0 where nothing is; open addressing. */
  #slots = new Int32Array(FIRST_SLOTS);
  /** By entry, the one that came after it the last time: keys come in the same order in every record. */
  readonly #followers = new GrowingIntegers();
  #last = 0;

  /** Bytes of all entries. */
  get size(): number {
    return this.#bytes.length;
  }

  index(bytes: Uint8Array, start: number, end: number): number {
    if (this.count > 0) {
      const follower = this.#followers.values[this.#last]!;
      if (this.#equals(follower, bytes, start, end)) return (this.#last = follower);
    }
    const found = this.#find(bytes, start, end);
    this.#followers.values[this.#last] = found;
    return (this.#last = found);
  }

  #find(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) return this.#insert(slot, hash, bytes, start, end);
      if (this.#hashes.values[entry] === hash && this.#equals(entry, bytes, start, end)) return entry;
    }
  }

  /** Every entry with its length before it. */
  plain(): Buffer {
    const out = new GrowingBytes(this.size + this.count * 4 + 1);
    for (let entry = 0; entry < this.count; entry++) this.copyTo(out, entry);
    return out.whole();
  }

  copyTo(out: GrowingBytes, entry: number): void {
    const [start, end] = [this.#start(entry), this.#ends.values[entry]!];
    out.uint32(end - start);
    out.copy(this.#bytes.bytes, start, end);
  }

  /** The least and the greatest entry in the bytes' order; undefined where there is none or one is too long to be kept. */
  bounds(longest: number): readonly [Buffer, Buffer] | undefined {
    if (this.count === 0) return undefined;
    let [least, greatest] = [this.#entry(0), this.#entry(0)];
    for (let entry = 1; entry < this.count; entry++) {
      const value = this.#entry(entry);
      if (value.compare(least) < 0) least = value;
      if (value.compare(greatest) > 0) greatest = value;
    }
    if (least.length > longest || greatest.length > longest) return undefined;
    return [Buffer.from(least), Buffer.from(greatest)];
  }

  #entry(entry: number): Buffer {
    return this.#bytes.bytes.subarray(this.#start(entry), this.#ends.values[entry]);
  }

  #start(entry: number): number {
    return entry === 0 ? 0 : this.#ends.values[entry - 1]!;
  }

  #equals(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#start(entry);
    if (this.#ends.values[entry]! - from !== end - start) return false;
    const held = this.#bytes.bytes;
    for (let at = start, other = from; at < end; at++, other++) if (held[other] !== bytes[at]) return false;
    return true;
  }

  #insert(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    this.#bytes.copy(bytes, start, end);
    this.#ends.add(this.#bytes.length);
    this.#hashes.add(hash);
    this.#followers.add(this.count);
    this.#slots[slot] = ++this.count;
    if (this.count * 2 > this.#slots.length) this.#rehash();
    return this.count - 1;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.count; entry++) {
      let slot = this.#hashes.values[entry]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }
}
