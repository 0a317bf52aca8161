import { classNameOf } from './class-name.ts';
import { Decimal } from './decimal.ts';
import { Double } from './double.ts';
import { fault } from './errors.ts';
import { LazyString } from './lazy-string.ts';
import { GroovyMap, GroovySet } from './map.ts';
import { isNumber, toDecimal, toDouble } from './number.ts';
import { Range } from './range.ts';
import { GroovyObject, type Value } from './value.ts';

/** Groovy's `==`. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null || a === undefined || b === undefined) return (a ?? null) === (b ?? null);
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0;
  if (isText(a) && isText(b)) return String(a) === String(b);
  if (isSequence(a) && isSequence(b)) return equalItems([...a], [...b]);
  if (a instanceof GroovyMap && b instanceof GroovyMap) return equalMaps(a, b);
  if (a instanceof GroovySet && b instanceof GroovySet)
    return a.size === b.size && [...a].every((each) => b.has(each));
  if (a instanceof GroovyObject)
    return a.equals(b) || (b instanceof GroovyObject && b.equals(a)) || a.compare(b) === 0;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return false;
}

function isText(value: Value): value is string | LazyString {
  return typeof value === 'string' || value instanceof LazyString;
}

function isSequence(value: Value): value is Iterable<Value> {
  return Array.isArray(value) || value instanceof Range;
}

function equalItems(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, index) => equal(item, b[index]));
}

function equalMaps(a: GroovyMap, b: GroovyMap): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !equal(value, b.get(key))) return false;
  return true;
}

/** Groovy's `<=>`: null is the smallest. */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : 1;
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : -1;
  if (b === null || b === undefined) return 1;
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (isText(a) && isText(b)) return compareTexts(String(a), String(b));
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof GroovyObject) {
    const order = a.compare(b);
    if (order !== undefined) return order;
  }
  if (b instanceof GroovyObject) {
    const order = b.compare(a);
    if (order !== undefined) return -order;
  }
  if (isSequence(a) && isSequence(b)) return compareItems([...a], [...b]);
  if (equal(a, b)) return 0;
  throw fault(`Cannot compare ${classNameOf(a)} with ${classNameOf(b)}.`, 'IllegalArgumentException');
}

/** As Java compares: by UTF-16 units, the length last. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareItems(a: readonly Value[], b: readonly Value[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const order = compare(a[index], b[index]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareNumbers(a: Value, b: Value): number {
  if (a instanceof Double || b instanceof Double) {
    const [x, y] = [toDouble(a), toDouble(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a instanceof Decimal || b instanceof Decimal) return toDecimal(a).compare(toDecimal(b));
  const [x, y] = [a as number | bigint, b as number | bigint];
  return x < y ? -1 : x > y ? 1 : 0;
}
