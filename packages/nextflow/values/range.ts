import type { Value } from './value.ts';

/** `a..b`, of integers or of strings, without the list it stands for. */
export class Range {
  readonly from: number | string;
  readonly to: number | string;
  /** `a..<b`: as an index its end is told from `a..(b-1)`, since b may be negative. */
  readonly openEnd: boolean;

  constructor(from: number | string, to: number | string, openEnd = false) {
    this.from = from;
    this.to = to;
    this.openEnd = openEnd;
  }

  get reverse(): boolean {
    return this.from > this.to;
  }

  get size(): number {
    if (typeof this.from === 'number' && typeof this.to === 'number') {
      return Math.abs(this.to - this.from) + (this.openEnd ? 0 : 1);
    }
    return [...this].length;
  }

  at(index: number): Value {
    if (typeof this.from !== 'number') return [...this][index];
    return this.from + (this.reverse ? -index : index);
  }

  /** Whether the value lies between its ends. */
  contains(value: Value): boolean {
    if (typeof value !== typeof this.from) return false;
    const [low, high] = this.reverse ? [this.to, this.from] : [this.from, this.to];
    const inside = (value as number) >= (low as number) && (value as number) <= (high as number);
    return inside && !(this.openEnd && value === this.to);
  }

  *[Symbol.iterator](): IterableIterator<Value> {
    if (typeof this.from === 'number' && typeof this.to === 'number') {
      const step = this.reverse ? -1 : 1;
      const count = this.size;
      for (let index = 0; index < count; index += 1) yield this.from + index * step;
      return;
    }
    const [from, to] = [String(this.from).codePointAt(0)!, String(this.to).codePointAt(0)!];
    const step = from > to ? -1 : 1;
    const end = this.openEnd ? to : to + step;
    for (let code = from; code !== end; code += step) yield String.fromCodePoint(code);
  }
}
