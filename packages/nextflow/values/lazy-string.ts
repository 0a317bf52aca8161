import type { Value } from './value.ts';

/** A string with `${-> ...}` in it: its text is made whenever it is asked for. Other placeholders are texts at once. */
export class LazyString {
  readonly #texts: readonly string[];
  readonly #values: readonly Value[];
  readonly #text: (value: Value) => string;

  constructor(texts: readonly string[], values: readonly Value[], text: (value: Value) => string) {
    this.#texts = texts;
    this.#values = values;
    this.#text = text;
  }

  toString(): string {
    return this.#texts
      .map((text, index) => text + (index < this.#values.length ? this.#text(this.#values[index]) : ''))
      .join('');
  }
}
