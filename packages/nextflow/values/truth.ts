import { Decimal } from './decimal.ts';
import { Double } from './double.ts';
import { LazyString } from './lazy-string.ts';
import { GroovyMap, GroovySet } from './map.ts';
import { Range } from './range.ts';
import { GroovyObject, type Value } from './value.ts';

/** Groovy's truth: null, false, zero and what is empty are false. */
export function truth(value: Value): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value.length > 0;
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    case 'object':
      return value !== null && objectTruth(value);
    default:
      return false;
  }
}

function objectTruth(value: object): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof GroovyMap || value instanceof GroovySet || value instanceof Range)
    return value.size > 0;
  if (value instanceof Decimal) return value.unscaled !== 0n;
  if (value instanceof Double) return value.value !== 0 && !Number.isNaN(value.value);
  if (value instanceof LazyString) return value.toString().length > 0;
  if (value instanceof GroovyObject) return value.truth();
  return true;
}
