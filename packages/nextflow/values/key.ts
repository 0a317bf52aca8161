import { Decimal } from './decimal.ts';
import { Double } from './double.ts';
import { Range } from './range.ts';
import { GroovyObject, type Value } from './value.ts';
import { LazyString } from './lazy-string.ts';

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** What stands for a value as a key: the value itself where it is simple, a text where it is made of parts. */
export function keyOf(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof GroovyObject) {
    const key = value.key();
    return key === value ? value : text(key);
  }
  if (isStructured(value)) return text(value);
  return value;
}

/** Maps and sets say themselves what stands for them. */
export interface Keyed {
  canonicalKey(of: (value: Value) => string): string;
}

function isKeyed(value: object): value is Keyed {
  return 'canonicalKey' in value;
}

function isStructured(value: object): boolean {
  return (
    Array.isArray(value) ||
    isKeyed(value) ||
    value instanceof Range ||
    value instanceof Decimal ||
    value instanceof Double ||
    value instanceof LazyString
  );
}

/** One text for equal values, never the same for different ones. The first character keeps it apart from strings. */
function text(value: Value): string {
  return `\u0000${canonical(value)}`;
}

function canonical(value: Value): string {
  if (value === null || value === undefined) return 'n';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return `${typeof value === 'boolean' ? '' : 'i'}${String(value)}`;
  if (Array.isArray(value) || value instanceof Range)
    return `[${Array.from(value as Iterable<Value>, canonical).join(',')}]`;
  if (isKeyed(value)) return value.canonicalKey(canonical);
  if (value instanceof Decimal) return `d${value.toString()}`;
  if (value instanceof Double) return `f${value.value}`;
  if (value instanceof LazyString) return `g${JSON.stringify(value.toString())}`;
  if (value instanceof GroovyObject) {
    const key = value.key();
    return key === value ? identity(value) : `o${canonical(key)}`;
  }
  return identity(value);
}

function identity(value: object): string {
  let id = identities.get(value);
  if (id === undefined) identities.set(value, (id = ++lastIdentity));
  return `#${id}`;
}
