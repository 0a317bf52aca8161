/**
 * Groovy's values in ours: null, booleans and strings are JavaScript's; an integer is a number, beyond 2^53 a bigint;
 * decimals are `Decimal`, floating-point numbers `Double`; lists are arrays; the rest are classes of this folder.
 */
export type Value = unknown;

/** A value with properties and methods of its own. Undefined: it has none of that name. */
export abstract class GroovyObject {
  /** The name of its class, as messages and `instanceof` use it. */
  abstract readonly className: string;

  property(_name: string): Value | undefined {
    return undefined;
  }

  /** False: there is no such property, or it cannot be set. */
  setProperty(_name: string, _value: Value): boolean {
    return false;
  }

  /** `args` begin with a map where the call names arguments. */
  invoke(_name: string, _args: readonly Value[]): Value | undefined {
    return undefined;
  }

  /** The value that answers calls and operators which it has not itself; undefined where there is none. */
  standsFor(): Value | undefined {
    return undefined;
  }

  /** Names for suggestions. */
  members(): Iterable<string> {
    return [];
  }

  abstract toString(): string;

  /** Equality of values; identity unless told. */
  equals(other: Value): boolean {
    return this === other;
  }

  /** What stands for it as the key of a map: equal keys for equal values. */
  key(): Value {
    return this;
  }

  /** Ordering; undefined where it has none against that value. */
  compare(_other: Value): number | undefined {
    return undefined;
  }

  truth(): boolean {
    return true;
  }
}
