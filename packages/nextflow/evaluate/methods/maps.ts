import { Closure } from '../../values/closure.ts';
import { equal } from '../../values/compare.ts';
import { GroovyMap, GroovySet } from '../../values/map.ts';
import { MapEntry } from '../../values/map-entry.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import type { Value } from '../../values/value.ts';
import { add, subtract } from '../arithmetic.ts';
import { isCollection, items } from '../items.ts';
import { addEntry, inspect } from './lists.ts';
import { closureOf, type Methods, ordering } from './method.ts';

/** Closures over a map get its entry, or key and value where they have two parameters. */
function each(closure: Value, method: string): (map: GroovyMap, key: Value, value: Value) => Value {
  const fn = closureOf(closure, method);
  if (fn.facts.arity >= 2) return (_map, key, value) => fn.body(fn, key, value);
  return (map, key, value) => fn.apply([new MapEntry(map, key, value)]);
}

function filtered(map: GroovyMap, closure: Value, method: string): GroovyMap {
  const test = each(closure, method);
  return GroovyMap.from([...map].filter(([key, value]) => truth(test(map, key, value))));
}

export const maps: Methods<GroovyMap> = {
  size: (map) => map.size,
  isEmpty: (map) => map.size === 0,
  get: (map, [key, fallback]) => {
    const found = map.get(key);
    if (found !== undefined || fallback === undefined) return found ?? null;
    map.set(key, fallback);
    return fallback;
  },
  getAt: (map, [key]) => map.get(key) ?? null,
  getOrDefault: (map, [key, fallback]) => (map.has(key) ? map.get(key) : fallback),
  put: (map, [key, value]) => {
    const old = map.get(key) ?? null;
    map.set(key, value);
    return old;
  },
  putAt: (map, [key, value]) => {
    map.set(key, value);
    return null;
  },
  putIfAbsent: (map, [key, value]) => {
    const old = map.get(key) ?? null;
    if (old === null) map.set(key, value);
    return old;
  },
  computeIfAbsent: (map, [key, closure]) => {
    if ((map.get(key) ?? null) === null) map.set(key, closureOf(closure, 'computeIfAbsent').apply([key]));
    return map.get(key) ?? null;
  },
  putAll: (map, [other]) => {
    for (const [key, value] of other as GroovyMap) map.set(key, value);
    return null;
  },
  leftShift: (map, [other]) => {
    addEntry(map, other);
    return map;
  },
  remove: (map, [key]) => {
    const old = map.get(key) ?? null;
    map.delete(key);
    return old;
  },
  removeAll: (map, [closure]) => {
    const test = each(closure, 'removeAll');
    for (const [key, value] of [...map]) if (truth(test(map, key, value))) map.delete(key);
    return true;
  },
  retainAll: (map, [closure]) => {
    const test = each(closure, 'retainAll');
    for (const [key, value] of [...map]) if (!truth(test(map, key, value))) map.delete(key);
    return true;
  },
  clear: (map) => {
    map.clear();
    return null;
  },
  containsKey: (map, [key]) => map.has(key),
  containsValue: (map, [value]) => [...map.values()].some((one) => equal(one, value)),
  keySet: (map) => new GroovySet(map.keys()),
  values: (map) => [...map.values()],
  entrySet: (map) => items(map),
  each: (map, [closure]) => {
    const fn = each(closure, 'each');
    for (const [key, value] of [...map]) fn(map, key, value);
    return map;
  },
  forEach: (map, [closure]) => maps['each']!(map, [closure], undefined as never),
  eachWithIndex: (map, [closure]) => {
    const fn = closureOf(closure, 'eachWithIndex');
    for (const [index, [key, value]] of [...map].entries()) {
      if (fn.arity >= 3) fn.body(fn, key, value, index);
      else fn.body(fn, new MapEntry(map, key, value), index);
    }
    return map;
  },
  collect: (map, [first, second]) => {
    const fn = each(second ?? first, 'collect');
    const made = Array.from(map, ([key, value]) => fn(map, key, value));
    return second === undefined ? made : [...items(first), ...made];
  },
  collectMany: (map, [closure]) =>
    [...map].flatMap(([key, value]) => [...items(each(closure, 'collectMany')(map, key, value))]),
  collectEntries: (map, [closure]) => {
    const made = new GroovyMap();
    for (const [key, value] of map)
      addEntry(made, closure === undefined ? [key, value] : each(closure, 'collectEntries')(map, key, value));
    return made;
  },
  find: (map, [closure]) => {
    for (const [key, value] of map)
      if (truth(each(closure, 'find')(map, key, value))) return new MapEntry(map, key, value);
    return null;
  },
  findAll: (map, [closure]) => filtered(map, closure, 'findAll'),
  findResult: (map, [closure]) => {
    for (const [key, value] of map) {
      const found = each(closure, 'findResult')(map, key, value);
      if (found !== null) return found;
    }
    return null;
  },
  findResults: (map, [closure]) =>
    Array.from(map, ([key, value]) => each(closure, 'findResults')(map, key, value)).filter(
      (one) => one !== null,
    ),
  any: (map, [closure]) => [...map].some(([key, value]) => truth(each(closure, 'any')(map, key, value))),
  every: (map, [closure]) => [...map].every(([key, value]) => truth(each(closure, 'every')(map, key, value))),
  count: (map, [closure]) => filtered(map, closure, 'count').size,
  inject: (map, [first, closure]) => {
    const fn = closureOf(closure, 'inject');
    return [...map].reduce<Value>(
      (sum, [key, value]) =>
        fn.arity >= 3 ? fn.body(fn, sum, key, value) : fn.body(fn, sum, new MapEntry(map, key, value)),
      first,
    );
  },
  sum: (map, [closure]) =>
    [...map].reduce<Value>((sum, [key, value], index) => {
      const next = each(closure, 'sum')(map, key, value);
      return index === 0 ? next : add(sum, next);
    }, null),
  groupBy: (map, [closure]) => {
    const groups = new GroovyMap();
    for (const [key, value] of map) {
      const group = each(closure, 'groupBy')(map, key, value);
      if (!groups.has(group)) groups.set(group, new GroovyMap());
      (groups.get(group) as GroovyMap).set(key, value);
    }
    return groups;
  },
  sort: (map, [by]) => sorted(map, by),
  toSorted: (map, [by]) => sorted(map, by),
  min: (map, [by]) => [...items(map)].sort(ordering(by))[0] ?? null,
  max: (map, [by]) => [...items(map)].sort(ordering(by)).at(-1) ?? null,
  subMap: (map, keys) => {
    const wanted = keys.length === 1 && isCollection(keys[0]!) ? [...keys[0]] : keys;
    return GroovyMap.from(wanted.filter((key) => map.has(key)).map((key) => [key, map.get(key)] as const));
  },
  plus: (map, [other]) => add(map, other),
  minus: (map, [other]) => subtract(map, other),
  intersect: (map, [other]) =>
    GroovyMap.from([...map].filter(([key, value]) => equal((other as GroovyMap).get(key), value))),
  withDefault: (map, [closure]) => {
    const fn = closureOf(closure, 'withDefault');
    const copy = map.copy();
    copy.fallback = (key) => fn.apply([key]);
    return copy;
  },
  take: (map, [count]) => GroovyMap.from([...map].slice(0, Number(count))),
  drop: (map, [count]) => GroovyMap.from([...map].slice(Number(count))),
  iterator: (map) => items(map),
  toMapString: (map) => text(map),
  toString: (map: GroovyMap): Value => text(map),
  inspect: (map) => inspect(map),
  equals: (map, [other]) => equal(map, other),
  clone: (map) => map.copy(),
  deepClone: (map) => map.copy(),
  toMap: (map) => map.copy(),
  asImmutable: (map) => map,
  asUnmodifiable: (map) => map,
  asBoolean: (map) => map.size > 0,
  toList: (map) => items(map),
  hashCode: (map) => map.size,
  invertMap: (map) => GroovyMap.from(Array.from(map, ([key, value]) => [value, key] as const)),
};

function sorted(map: GroovyMap, by: Value): GroovyMap {
  const entries = items(map) as MapEntry[];
  const order =
    by instanceof Closure
      ? ordering(by)
      : (a: Value, b: Value) => ordering(undefined)((a as MapEntry).entryKey, (b as MapEntry).entryKey);
  return GroovyMap.from([...entries].sort(order).map((entry) => [entry.entryKey, entry.value] as const));
}
