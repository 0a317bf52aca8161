import type { Source } from '../syntax/source.ts';
import { ScriptFault } from '../diagnostics/fault.ts';
import { Closure } from '../values/closure.ts';
import { compare, equal } from '../values/compare.ts';
import { classNameOf } from '../values/class-name.ts';
import { fault, nullReference } from '../values/errors.ts';
import { caught } from '../values/exception.ts';
import { LazyString } from '../values/lazy-string.ts';
import { GroovyMap, GroovySet } from '../values/map.ts';
import { isNumber } from '../values/number.ts';
import { Matcher, Pattern } from '../values/pattern.ts';
import { Range } from '../values/range.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { add, bitwise, calculate, multiply, negate, subtract } from './arithmetic.ts';
import { Choice } from './choice.ts';
import { Instance, UserClass } from './instance.ts';
import { isCase } from './is-case.ts';
import { items } from './items.ts';
import { indexed, setAt } from './methods/lists.ts';
import { characters } from './methods/strings.ts';
import type { Interpreter } from './interpreter.ts';

/** Groovy's operators, indexes and literals over values; whoever extends it knows properties and calls. */
export abstract class OperatorMachine {
  readonly source: Source;
  readonly interpreter: Interpreter;

  constructor(source: Source, interpreter: Interpreter) {
    this.source = source;
    this.interpreter = interpreter;
  }

  t = truth;
  text = text;
  caught = caught;

  /** Adds to a fault where it happened, unless that is known. */
  located(error: unknown, at: number): unknown {
    const start = Math.floor(at / 65_536);
    const stretch = { source: this.source, start, end: start + (at % 65_536) };
    if (error instanceof ScriptFault) {
      error.stretch ??= stretch;
      return error;
    }
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      return new ScriptFault('Too deep a recursion: a function calls itself without end.', stretch, {
        className: 'StackOverflowError',
      });
    }
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (typeof code === 'string' && error instanceof Error) {
      return new ScriptFault(`${error.message}.`, stretch, {
        className: caught(error).className,
        cause: error,
      });
    }
    return error;
  }

  protected abstract property(object: Value, name: string): Value | undefined;
  abstract call(object: Value, name: string, args: readonly Value[], at: number): Value;

  // Indexes

  getAt(object: Value, index: Value, at: number): Value {
    try {
      if (Array.isArray(object)) return indexed(object as Value[], index);
      if (object instanceof GroovyMap) return object.get(index) ?? null;
      if (object === null) throw nullReference('take an item');
      if (typeof object === 'string') return characters(object, index);
      if (object instanceof Matcher)
        return index instanceof Range ? indexed(object.items(), index) : object.at(Number(index));
      if (object instanceof Range || object instanceof GroovySet) return indexed([...object], index);
      if (object instanceof Instance || object instanceof UserClass)
        return this.property(object, text(index)) ?? null;
      if (object instanceof LazyString) return characters(object.toString(), index);
      return this.interpreter.call(object, 'getAt', [index]);
    } catch (error) {
      throw this.located(error, at);
    }
  }

  getAtSafe(object: Value, index: Value, at: number): Value {
    return object === null ? null : this.getAt(object, index, at);
  }

  putAt(object: Value, index: Value, value: Value, at: number): Value {
    try {
      if (Array.isArray(object)) setAt(object as Value[], Number(index), value);
      else if (object instanceof GroovyMap) object.set(index, value);
      else if (object === null) throw nullReference('set an item');
      else if (object instanceof GroovyObject && object.setProperty(text(index), value)) return value;
      else this.interpreter.call(object, 'putAt', [index, value]);
      return value;
    } catch (error) {
      throw this.located(error, at);
    }
  }

  // Operators

  add(a: Value, b: Value, at: number): Value {
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    return this.guarded(() => add(a, b), at);
  }

  subtract(a: Value, b: Value, at: number): Value {
    return this.guarded(() => subtract(a, b), at);
  }

  multiply(a: Value, b: Value, at: number): Value {
    if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a * b)) return a * b;
    return this.guarded(() => multiply(a, b), at);
  }

  calculate(operator: '/' | '%' | '**', a: Value, b: Value, at: number): Value {
    if (operator === '%' && typeof a === 'number' && typeof b === 'number' && b !== 0) return a % b;
    return this.guarded(() => calculate(operator, a, b), at);
  }

  bitwise(operator: string, a: Value, b: Value, at: number): Value {
    return this.guarded(() => bitwise(operator, a, b), at);
  }

  negate(value: Value, at: number): Value {
    return this.guarded(() => negate(value), at);
  }

  protected guarded(calculate: () => Value, at: number): Value {
    try {
      return calculate();
    } catch (error) {
      throw this.located(error, at);
    }
  }

  next(value: Value, at: number): Value {
    return isNumber(value) ? this.add(value, 1, at) : this.call(value, 'next', [], at);
  }

  previous(value: Value, at: number): Value {
    return isNumber(value) ? this.subtract(value, 1, at) : this.call(value, 'previous', [], at);
  }

  /** The value before `x++`. */
  first(old: Value, _new: Value): Value {
    return old;
  }

  or(value: Value, other: () => Value): Value {
    return truth(value) ? value : other();
  }

  eq = equal;
  ne = (a: Value, b: Value): boolean => !equal(a, b);
  same = (a: Value, b: Value): boolean => a === b;
  differs = (a: Value, b: Value): boolean => a !== b;

  lt(a: Value, b: Value, at: number): boolean {
    return typeof a === 'number' && typeof b === 'number' ? a < b : this.compare(a, b, at) < 0;
  }

  le(a: Value, b: Value, at: number): boolean {
    return typeof a === 'number' && typeof b === 'number' ? a <= b : this.compare(a, b, at) <= 0;
  }

  gt(a: Value, b: Value, at: number): boolean {
    return typeof a === 'number' && typeof b === 'number' ? a > b : this.compare(a, b, at) > 0;
  }

  ge(a: Value, b: Value, at: number): boolean {
    return typeof a === 'number' && typeof b === 'number' ? a >= b : this.compare(a, b, at) >= 0;
  }

  compare(a: Value, b: Value, at: number): number {
    try {
      return Math.sign(compare(a, b));
    } catch (error) {
      throw this.located(error, at);
    }
  }

  isIn(value: Value, collection: Value): boolean {
    return collection !== null && isCase(value, collection);
  }

  isNotIn(value: Value, collection: Value): boolean {
    return !this.isIn(value, collection);
  }

  isCase(value: Value, test: Value): boolean {
    return isCase(value, test);
  }

  find(value: Value, pattern: Value, at: number): Value {
    return this.guarded(
      () => new Matcher(Pattern.of(pattern instanceof Pattern ? pattern : text(pattern)), text(value)),
      at,
    );
  }

  matches(value: Value, pattern: Value, at: number): Value {
    return this.guarded(
      () =>
        value !== null &&
        Pattern.of(pattern instanceof Pattern ? pattern : text(pattern)).matches(text(value)) !== null,
      at,
    );
  }

  pattern(value: Value, at: number): Value {
    return this.guarded(() => (typeof value === 'number' ? ~value : new Pattern(text(value))), at);
  }

  range(from: Value, to: Value, openStart: boolean, openEnd: boolean, at: number): Value {
    if (typeof from === 'string' && typeof to === 'string') return new Range(from, to, openEnd);
    if (!isNumber(from) || !isNumber(to)) {
      throw this.located(
        fault(`A range is of numbers or texts, not of ${classNameOf(from)} and ${classNameOf(to)}.`),
        at,
      );
    }
    return new Range(
      Math.trunc(Number(from.toString())) + (openStart ? 1 : 0),
      Math.trunc(Number(to.toString())),
      openEnd,
    );
  }

  // Literals

  lazy(texts: readonly string[], values: readonly Value[]): LazyString {
    return new LazyString(texts, values, (value) =>
      value instanceof Closure && value.facts.arity <= 0 ? text(value.apply([])) : text(value),
    );
  }

  map(entries: readonly (readonly [Value, Value])[]): GroovyMap {
    return GroovyMap.from(
      entries.map(([key, value]) => [key instanceof LazyString ? key.toString() : key, value] as const),
    );
  }

  entries(value: Value): readonly (readonly [Value, Value])[] {
    return value instanceof GroovyMap ? [...value] : [];
  }

  spread(value: Value): readonly Value[] {
    return items(value);
  }

  destructure(value: Value, store: (list: readonly Value[]) => void): Value {
    store(items(value));
    return value;
  }

  iterate(value: Value, _at: number): Iterable<Value> {
    return value instanceof Range ? value : [...items(value)];
  }

  choice(label: string, value: Value | undefined): Choice {
    return new Choice(label, value);
  }
}
