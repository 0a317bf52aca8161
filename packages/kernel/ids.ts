import type { Clock, Random } from './effects.ts';

// Early enough that ids of today have no leading zero, late enough for 12 digits until 2053.
const EPOCH = Date.UTC(2022, 0, 1);
const SEQUENCE_LIMIT = 1000;

/**
 * Ids that never repeat and sort by creation. HealthOmics ids are decimal digits, 10 to 36 of them for
 * storage and 1 to 18 for workflows, so 18 digits serve both: 12 of milliseconds since 2022, 3 of this
 * process's random number and 3 of a sequence within the millisecond.
 */
export class Ids {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #process: string;
  #millisecond = 0;
  #sequence = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#process = String(random.bytes(4).readUInt32BE() % 1000).padStart(3, '0');
  }

  /** 18 decimal digits, greater than every id this process gave before. */
  numeric(): string {
    const now = this.#clock.now() - EPOCH;
    if (now > this.#millisecond) {
      this.#millisecond = now;
      this.#sequence = 0;
    } else if (++this.#sequence === SEQUENCE_LIMIT) {
      // The clock stands still or went back: run ahead of it rather than repeat.
      this.#millisecond += 1;
      this.#sequence = 0;
    }
    const time = String(this.#millisecond).padStart(12, '0');
    return time + this.#process + String(this.#sequence).padStart(3, '0');
  }

  /** Lower-case UUID, version 4: analytics jobs, run uuids. */
  uuid(): string {
    const bytes = this.#random.bytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  /** Lower-case hexadecimal of `length` digits: store ids of analytics have 12. */
  hex(length: number): string {
    return this.#random
      .bytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length);
  }

  /** Upper-case base-32 of `length` characters after a prefix: access keys (`AKIA`), role ids (`AROA`). */
  iam(prefix: string, length: number): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const body = Array.from(this.#random.bytes(length), (byte) => alphabet[byte % 32]).join('');
    return prefix + body;
  }
}
