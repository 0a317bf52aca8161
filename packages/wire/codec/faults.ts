import { errors } from '../errors.ts';
import { display } from '../validation/display.ts';

/** Gathers what cannot be read, so that a client learns all of it at once. */
export class ReadFaults {
  readonly #sentences: string[] = [];

  /** `Value 'abc' at 'maxResults' is a string; expected a number`. Gives undefined, for the value's place. */
  wrongType(value: unknown, at: string, expected: string): undefined {
    if (this.#sentences.length < 50) {
      this.#sentences.push(`Value '${display(value)}' at '${at}' is ${kindOf(value)}; expected ${expected}`);
    }
    return undefined;
  }

  /** Throws SerializationException where there were any. */
  check(): void {
    if (this.#sentences.length > 0) throw errors.wrongTypes({ faults: this.#sentences.join('; ') });
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
