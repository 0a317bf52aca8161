import { ByteDictionary } from './byte-dictionary.ts';
import { delta } from './delta.ts';
import { GrowingBytes, GrowingIntegers } from './growing.ts';
import { bitWidth, hybrid } from './hybrid.ts';
import { Levels } from './levels.ts';
import { ENCODING, type Page, PHYSICAL } from './format.ts';

/** What a column of a row group became: its pages, and what readers may leave it out by. */
export interface LeafPages {
  readonly pages: readonly Page[];
  readonly count: number;
  readonly nulls: number;
  readonly least?: Buffer;
  readonly greatest?: Buffer;
}

/** The values of one primitive column on their way into a row group. */
export abstract class Leaf {
  abstract readonly physical: number;
  readonly levels: Levels;

  constructor(maxRepetition: number, maxDefinition: number) {
    this.levels = new Levels(maxRepetition, maxDefinition);
  }

  /** A place without a value: null, or an empty list or map above it. */
  nothing(repetition: number, definition: number): void {
    this.levels.add(repetition, definition);
  }

  /** Takes a value of the column's type as rows have them. */
  abstract value(repetition: number, value: string | number | bigint | boolean): void;

  /** The pages of everything added since the last time. */
  abstract finish(): LeafPages;

  protected page(encoding: number, values: Buffer): Page {
    const { count } = this.levels;
    return { kind: 'data', count, encoding, bytes: Buffer.concat([this.levels.encode(), values]) };
  }

  protected pages(pages: readonly Page[], bounds?: readonly [Buffer, Buffer]): LeafPages {
    const { count, nulls } = this.levels;
    this.levels.clear();
    return { pages, count, nulls, ...(bounds ? { least: bounds[0], greatest: bounds[1] } : {}) };
  }
}

/** More different values than this, or more bytes of them, are written as they come. */
const DICTIONARY_ENTRIES = 1 << 17;
const DICTIONARY_BYTES = 4 * 1024 * 1024;
/** Every so often it is looked at whether a dictionary pays: not where most values are new ones. */
const LOOKED_AT = 4096;
const LONGEST_BOUND = 64;
/** Bytes of a column's texts, each with its length, from which on they count as long. */
const LONG_TEXT = 40;

/** Whether so many different values among so many are too many for a dictionary. */
function isPoor(entries: number, values: number): boolean {
  return entries > DICTIONARY_ENTRIES || (values % LOOKED_AT === 0 && entries > values * 0.75);
}

/** Text, by a dictionary while one pays. */
export class TextLeaf extends Leaf {
  readonly physical = PHYSICAL.BYTE_ARRAY;
  #dictionary = new ByteDictionary();
  #indices = new GrowingIntegers();
  #plain: GrowingBytes | undefined;

  add(repetition: number, bytes: Uint8Array, start: number, end: number): void {
    this.levels.add(repetition, this.levels.maxDefinition);
    if (this.#plain) return this.#addPlain(this.#plain, bytes, start, end);
    this.#indices.add(this.#dictionary.index(bytes, start, end));
    const { count, size } = this.#dictionary;
    if (size > DICTIONARY_BYTES || isPoor(count, this.#indices.length)) this.#abandon();
  }

  value(repetition: number, value: string | number | bigint | boolean): void {
    const bytes = Buffer.from(String(value));
    this.add(repetition, bytes, 0, bytes.length);
  }

  finish(): LeafPages {
    const plain = this.#plain;
    if (plain) {
      this.#plain = undefined;
      const isLong = plain.length > this.levels.count * LONG_TEXT;
      return this.pages([{ ...this.page(ENCODING.PLAIN, plain.whole()), isLong }]);
    }
    const dictionary = this.#dictionary;
    const pages = [
      {
        kind: 'dictionary',
        count: dictionary.count,
        encoding: ENCODING.PLAIN,
        bytes: dictionary.plain(),
      } as const,
      this.page(ENCODING.RLE_DICTIONARY, indexBytes(this.#indices, dictionary.count)),
    ];
    const bounds = dictionary.bounds(LONGEST_BOUND);
    this.#restart();
    return this.pages(pages, bounds);
  }

  #restart(): void {
    this.#dictionary = new ByteDictionary();
    this.#indices = new GrowingIntegers();
  }

  /** Writes what was indexed so far as values: a dictionary that does not repeat costs more than it saves. */
  #abandon(): void {
    const plain = new GrowingBytes(this.#dictionary.size * 2);
    const { values, length } = this.#indices;
    for (let index = 0; index < length; index++) this.#dictionary.copyTo(plain, values[index]!);
    this.#plain = plain;
    this.#restart();
  }

  #addPlain(plain: GrowingBytes, bytes: Uint8Array, start: number, end: number): void {
    plain.uint32(end - start);
    plain.copy(bytes, start, end);
  }
}

/** Small numbers that are not negative find their index in a table, others in a map. */
const TABLE = 1 << 16;

/** Numbers by a dictionary while one pays: genotypes, depths and likelihoods repeat. */
abstract class NumberLeaf extends Leaf {
  protected numbers: number[] = [];
  readonly #table = new Int32Array(TABLE);
  #others = new Map<number, number>();
  #indices = new GrowingIntegers();
  #plain: number[] | undefined;

  add(repetition: number, value: number): void {
    this.levels.add(repetition, this.levels.maxDefinition);
    if (this.#plain) return void this.#plain.push(value);
    this.#indices.add(this.#index(value));
    if (isPoor(this.numbers.length, this.#indices.length)) this.#abandon();
  }

  value(repetition: number, value: string | number | bigint | boolean): void {
    this.add(repetition, Number(value));
  }

  finish(): LeafPages {
    const plain = this.#plain;
    const all = plain ?? this.numbers;
    const bounds = this.#bounds(all);
    const pages: Page[] = plain
      ? [this.page(ENCODING.PLAIN, this.encoded(plain))]
      : [
          { kind: 'dictionary', count: all.length, encoding: ENCODING.PLAIN, bytes: this.encoded(all) },
          this.page(ENCODING.RLE_DICTIONARY, indexBytes(this.#indices, all.length)),
        ];
    this.#plain = undefined;
    this.#restart();
    return this.pages(pages, bounds);
  }

  protected abstract encoded(values: readonly number[]): Buffer;

  #index(value: number): number {
    // -0 would be found as 0, so it goes by the map with the rest.
    const small = value >= 0 && value < TABLE && Number.isInteger(value) && !Object.is(value, -0);
    const known = small ? this.#table[value]! - 1 : (this.#others.get(keyOf(value)) ?? -1);
    if (known >= 0) return known;
    const index = this.numbers.push(value) - 1;
    if (small) this.#table[value] = index + 1;
    else this.#others.set(keyOf(value), index);
    return index;
  }

  #abandon(): void {
    const { values, length } = this.#indices;
    this.#plain = Array.from({ length }, (_, index) => this.numbers[values[index]!]!);
    this.#restart();
  }

  #restart(): void {
    for (const value of this.numbers) if (value >= 0 && value < TABLE) this.#table[value] = 0;
    this.numbers = [];
    this.#others = new Map();
    this.#indices = new GrowingIntegers();
  }

  #bounds(values: readonly number[]): readonly [Buffer, Buffer] | undefined {
    let [least, greatest] = [Infinity, -Infinity];
    for (const value of values) {
      if (Number.isNaN(value)) return undefined; // NaN has no place in an order
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    return values.length === 0 ? undefined : [this.encoded([least]), this.encoded([greatest])];
  }
}

/** Map keys do not tell -0 from 0. */
function keyOf(value: number): number {
  return Object.is(value, -0) ? Number.MIN_VALUE : value;
}

export class IntLeaf extends NumberLeaf {
  readonly physical = PHYSICAL.INT32;
  protected encoded(values: readonly number[]): Buffer {
    const bytes = Buffer.allocUnsafe(values.length * 4);
    for (const [index, value] of values.entries()) bytes.writeInt32LE(value, index * 4);
    return bytes;
  }
}

export class FloatLeaf extends NumberLeaf {
  readonly physical = PHYSICAL.FLOAT;
  protected encoded(values: readonly number[]): Buffer {
    const bytes = Buffer.allocUnsafe(values.length * 4);
    for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4);
    return bytes;
  }
}

export class DoubleLeaf extends NumberLeaf {
  readonly physical = PHYSICAL.DOUBLE;
  protected encoded(values: readonly number[]): Buffer {
    const bytes = Buffer.allocUnsafe(values.length * 8);
    for (const [index, value] of values.entries()) bytes.writeDoubleLE(value, index * 8);
    return bytes;
  }
}

/** Differences of numbers below this are exact; greater ones are written as they are. */
const EXACT = 2 ** 51;

/** Positions and other whole numbers that mostly grow: written as their differences. */
export class LongLeaf extends Leaf {
  readonly physical = PHYSICAL.INT64;
  #values: number[] = [];
  #wide: bigint[] | undefined;

  add(repetition: number, value: number): void {
    this.levels.add(repetition, this.levels.maxDefinition);
    if (this.#wide) this.#wide.push(BigInt(value));
    else this.#values.push(value);
  }

  value(repetition: number, value: string | number | bigint | boolean): void {
    const number = Number(value);
    if (typeof value === 'bigint' && Math.abs(number) >= EXACT) this.#wide ??= this.#values.map(BigInt);
    if (!this.#wide) return this.add(repetition, number);
    this.levels.add(repetition, this.levels.maxDefinition);
    this.#wide.push(BigInt(value));
  }

  finish(): LeafPages {
    const [values, wide] = [this.#values, this.#wide];
    this.#values = [];
    this.#wide = undefined;
    if (wide) return this.pages([this.page(ENCODING.PLAIN, longs(wide))]);
    if (values.length === 0) return this.pages([this.page(ENCODING.PLAIN, Buffer.alloc(0))]);
    let [least, greatest] = [Infinity, -Infinity];
    for (const value of values) {
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    const bounds = [longs([BigInt(least)]), longs([BigInt(greatest)])] as const;
    return this.pages([this.page(ENCODING.DELTA_BINARY_PACKED, delta(values))], bounds);
  }
}

function longs(values: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigInt64LE(value, index * 8);
  return bytes;
}

export class BooleanLeaf extends Leaf {
  readonly physical = PHYSICAL.BOOLEAN;
  #values = new GrowingIntegers();

  add(repetition: number, value: boolean): void {
    this.levels.add(repetition, this.levels.maxDefinition);
    this.#values.add(value ? 1 : 0);
  }

  value(repetition: number, value: string | number | bigint | boolean): void {
    this.add(repetition, Boolean(value));
  }

  finish(): LeafPages {
    const { values, length } = this.#values;
    const bytes = Buffer.alloc(Math.ceil(length / 8));
    for (let index = 0; index < length; index++) if (values[index]) bytes[index >> 3]! |= 1 << (index & 7);
    this.#values = new GrowingIntegers();
    return this.pages([this.page(ENCODING.PLAIN, bytes)]);
  }
}

/** Indices of a dictionary: their width in bits, then the hybrid. */
function indexBytes({ values, length }: GrowingIntegers, entries: number): Buffer {
  const width = bitWidth(Math.max(0, entries - 1));
  return Buffer.concat([Buffer.from([width]), hybrid(values, length, width)]);
}
