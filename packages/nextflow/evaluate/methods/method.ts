import { Closure } from '../../values/closure.ts';
import { compare, compareTexts } from '../../values/compare.ts';
import { illegalArgument } from '../../values/errors.ts';
import type { FilePath } from '../../values/path.ts';
import { text } from '../../values/text.ts';
import type { Value } from '../../values/value.ts';

/** What methods of values need of what is around them. */
export interface World {
  path(location: string): FilePath;
  print(line: string): void;
  /** Calls a method of any value. */
  call(object: Value, name: string, args: readonly Value[]): Value;
  /** The same; undefined where there is no such method. */
  tryCall(object: Value, name: string, args: readonly Value[]): Value | undefined;
  coerce(value: Value, type: string): Value;
  isInstance(value: Value, type: string): boolean;
  classOf(value: Value): Value;
  /** Starts a program of the machine, where that is allowed. */
  execute(command: readonly string[]): Value;
  /** A text with `${...}` in it, with the names of a map. */
  template(written: string, binding: Value): string;
  /** The variables that scripts may see: the user's on the command line, none on a server. */
  environment(): ReadonlyMap<string, string>;
  random(): number;
  now(): number;
}

export type Method<Self> = (self: Self, args: readonly Value[], world: World) => Value;
export type Methods<Self> = Readonly<Record<string, Method<Self>>>;

/** The closure among the arguments. */
export function closureOf(value: Value, method: string): Closure {
  if (value instanceof Closure) return value;
  throw illegalArgument(`"${method}" needs a closure, not ${text(value)}.`);
}

export function numberArgument(value: Value, method: string): number {
  if (typeof value === 'number') return value;
  throw illegalArgument(`"${method}" needs a whole number, not ${text(value)}.`);
}

/** The order that a closure with one parameter (a key) or two (a comparison) gives; without one, the natural order. */
export function ordering(by: Value): (a: Value, b: Value) => number {
  if (!(by instanceof Closure)) return naturalOrder;
  if (by.arity === 2) return (a, b) => Number(by.body(by, a, b));
  return (a, b) => compare(by.apply([a]), by.apply([b]));
}

/** What has no order of its own goes by its text, so that sorting never fails. */
function naturalOrder(a: Value, b: Value): number {
  try {
    return compare(a, b);
  } catch {
    return compareTexts(text(a), text(b));
  }
}
