import { bitWidth, hybrid } from './hybrid.ts';

const FIRST_CAPACITY = 1024;

/** Repetition and definition levels of one column, as Dremel has them: where a value stands in its nesting. */
export class Levels {
  readonly maxRepetition: number;
  readonly maxDefinition: number;
  count = 0;
  nulls = 0;
  #repetitions: Uint8Array;
  #definitions: Uint8Array;

  constructor(maxRepetition: number, maxDefinition: number) {
    this.maxRepetition = maxRepetition;
    this.maxDefinition = maxDefinition;
    this.#repetitions = new Uint8Array(maxRepetition > 0 ? FIRST_CAPACITY : 0);
    this.#definitions = new Uint8Array(FIRST_CAPACITY);
  }

  add(repetition: number, definition: number): void {
    if (this.count === this.#definitions.length) this.#grow();
    this.#definitions[this.count] = definition;
    if (this.maxRepetition > 0) this.#repetitions[this.count] = repetition;
    if (definition < this.maxDefinition) this.nulls++;
    this.count++;
  }

  /** Both as a data page has them: each with its length before it, none where it is always zero. */
  encode(): Buffer {
    const parts = [
      prefixed(this.#repetitions, this.count, this.maxRepetition),
      prefixed(this.#definitions, this.count, this.maxDefinition),
    ];
    return Buffer.concat(parts);
  }

  clear(): void {
    this.count = 0;
    this.nulls = 0;
  }

  #grow(): void {
    this.#definitions = doubled(this.#definitions);
    if (this.maxRepetition > 0) this.#repetitions = doubled(this.#repetitions);
  }
}

function prefixed(levels: Uint8Array, count: number, greatest: number): Buffer {
  if (greatest === 0) return Buffer.alloc(0);
  const encoded = hybrid(levels, count, bitWidth(greatest));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(encoded.length);
  return Buffer.concat([length, encoded]);
}

function doubled(from: Uint8Array): Uint8Array {
  const to = new Uint8Array(from.length * 2);
  to.set(from);
  return to;
}
