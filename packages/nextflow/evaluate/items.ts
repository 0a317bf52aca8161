import { LazyString } from '../values/lazy-string.ts';
import { GroovyMap, GroovySet } from '../values/map.ts';
import { Range } from '../values/range.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { Matcher } from '../values/pattern.ts';
import { MapEntry } from '../values/map-entry.ts';

/** What iterating over a value gives, as a list. */
export function items(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value as Value[];
  if (value === null || value === undefined) return [];
  if (typeof value === 'string') return [...value];
  if (value instanceof GroovyMap) return Array.from(value, ([key, item]) => new MapEntry(value, key, item));
  if (value instanceof Range || value instanceof GroovySet) return [...value];
  if (value instanceof Matcher) return value.items();
  if (value instanceof LazyString) return [...value.toString()];
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof GroovyObject) {
    const listed = value.invoke('iterator', []);
    if (Array.isArray(listed)) return listed as Value[];
  }
  return [value];
}

export function isCollection(value: Value): value is Iterable<Value> {
  return Array.isArray(value) || value instanceof Range || value instanceof GroovySet;
}
