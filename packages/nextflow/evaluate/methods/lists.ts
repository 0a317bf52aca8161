import { Closure } from '../../values/closure.ts';
import { equal } from '../../values/compare.ts';
import { fault } from '../../values/errors.ts';
import { GroovyMap, GroovySet } from '../../values/map.ts';
import { MapEntry } from '../../values/map-entry.ts';
import { isNumber, toDouble } from '../../values/number.ts';
import { Range } from '../../values/range.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import type { Value } from '../../values/value.ts';
import { add, calculate, subtract } from '../arithmetic.ts';
import { isCollection, items } from '../items.ts';
import { closureOf, type Method, type Methods, numberArgument, ordering } from './method.ts';
import { isCase } from '../is-case.ts';
import { keyOf } from '../../values/key.ts';

type List = readonly Value[];
type Reading = Method<List>;

const test = (closure: Value, method: string) => {
  if (closure === undefined) return (item: Value) => truth(item);
  if (!(closure instanceof Closure)) return (item: Value) => isCase(item, closure);
  const fn = closureOf(closure, method);
  return (item: Value) => truth(fn.apply([item]));
};
const mapper = (closure: Value, method: string) => {
  if (closure === undefined || closure === null) return (item: Value) => item;
  const fn = closureOf(closure, method);
  return (item: Value) => fn.apply([item]);
};

const extreme =
  (sign: number): Reading =>
  (list, [by]) => {
    const order = ordering(by);
    let best: Value = null;
    for (const [index, item] of list.entries()) if (index === 0 || sign * order(item, best) > 0) best = item;
    return best;
  };

/** Methods of lists, sets and ranges that only read. */
export const reading: Methods<List> = {
  size: (list) => list.length,
  execute: (list, _args, world) => world.execute(list.map((word) => text(word))),
  isEmpty: (list) => list.length === 0,
  getFirst: (list) => firstOf(list),
  first: (list) => firstOf(list),
  head: (list) => firstOf(list),
  last: (list) => lastOf(list),
  getLast: (list) => lastOf(list),
  init: (list) => list.slice(0, -1),
  tail: (list) => list.slice(1),
  get: (list, [index]) => elementAt(list, numberArgument(index, 'get')),
  getAt: (list, [index]) => indexed(list, index),
  take: (list, [count]) => list.slice(0, numberArgument(count, 'take')),
  drop: (list, [count]) => list.slice(numberArgument(count, 'drop')),
  takeRight: (list, [count]) => (count === 0 ? [] : list.slice(-numberArgument(count, 'takeRight'))),
  dropRight: (list, [count]) => list.slice(0, Math.max(0, list.length - numberArgument(count, 'dropRight'))),
  takeWhile: (list, [closure]) => {
    const end = list.findIndex((item) => !test(closure, 'takeWhile')(item));
    return end === -1 ? [...list] : list.slice(0, end);
  },
  dropWhile: (list, [closure]) => {
    const start = list.findIndex((item) => !test(closure, 'dropWhile')(item));
    return start === -1 ? [] : list.slice(start);
  },
  subList: (list, [from, to]) => list.slice(Number(from), Number(to)),
  each: (list, [closure]) => {
    const fn = closureOf(closure, 'each');
    for (const item of list) fn.apply([item]);
    return list;
  },
  forEach: (list, [closure]) => {
    for (const item of list) closureOf(closure, 'forEach').apply([item]);
    return null;
  },
  eachWithIndex: (list, [closure]) => {
    const fn = closureOf(closure, 'eachWithIndex');
    for (const [index, item] of list.entries()) fn.body(fn, item, index);
    return list;
  },
  reverseEach: (list, [closure]) => {
    for (const item of [...list].reverse()) closureOf(closure, 'reverseEach').apply([item]);
    return list;
  },
  collect: (list, [first, second]) => {
    const target = second === undefined ? [] : [...items(first)];
    const by = mapper(second ?? first, 'collect');
    for (const item of list) target.push(by(item));
    return target;
  },
  collectMany: (list, [closure]) => list.flatMap((item) => [...items(mapper(closure, 'collectMany')(item))]),
  collectNested: (list, [closure]) => nested(list, mapper(closure, 'collectNested')),
  collectEntries: (list, [first, second]) => {
    const map = second === undefined ? new GroovyMap() : (first as GroovyMap).copy();
    const by = mapper(second ?? first, 'collectEntries');
    for (const item of list) addEntry(map, by(item));
    return map;
  },
  find: (list, [closure]) => list.find(test(closure, 'find')) ?? null,
  findAll: (list, [closure]) => list.filter(test(closure, 'findAll')),
  filter: (list, [closure]) => list.filter(test(closure, 'filter')),
  grep: (list, [closure]) => list.filter(test(closure, 'grep')),
  split: (list, [closure]) => [
    list.filter(test(closure, 'split')),
    list.filter((item) => !test(closure, 'split')(item)),
  ],
  findResult: (list, [first, second]) => {
    const fn = closureOf(second ?? first, 'findResult');
    for (const item of list) {
      const found = fn.apply([item]);
      if (found !== null) return found;
    }
    return second === undefined ? null : first;
  },
  findResults: (list, [closure]) => list.map(mapper(closure, 'findResults')).filter((item) => item !== null),
  findIndexOf: (list, [closure]) => list.findIndex(test(closure, 'findIndexOf')),
  findLastIndexOf: (list, [closure]) => list.findLastIndex(test(closure, 'findLastIndexOf')),
  findIndexValues: (list, [closure]) =>
    list.flatMap((item, index) => (test(closure, 'findIndexValues')(item) ? [index] : [])),
  any: (list, [closure]) => list.some(test(closure, 'any')),
  every: (list, [closure]) => list.every(test(closure, 'every')),
  count: (list, [what]) =>
    list.filter(what instanceof Closure ? test(what, 'count') : (item) => equal(item, what)).length,
  countBy: (list, [closure]) => {
    const counts = new GroovyMap();
    for (const item of list) {
      const key = mapper(closure, 'countBy')(item);
      counts.set(key, Number(counts.get(key) ?? 0) + 1);
    }
    return counts;
  },
  inject: (list, [first, second]) => {
    const fn = closureOf(second ?? first, 'inject');
    if (second === undefined && list.length === 0)
      throw fault('inject() of an empty list needs a first value.', 'NoSuchElementException');
    const rest = second === undefined ? list.slice(1) : list;
    return rest.reduce((sum, item) => fn.body(fn, sum, item), second === undefined ? list[0] : first);
  },
  sum: (list, [first, second]) => {
    const closure = first instanceof Closure ? first : second;
    const by = mapper(closure, 'sum');
    const start = first instanceof Closure ? undefined : first;
    return list.reduce<Value>(
      (sum, item, index) => (index === 0 && start === undefined ? by(item) : add(sum, by(item))),
      start ?? null,
    );
  },
  average: (list) => calculate('/', reading['sum']!(list, [], undefined as never), list.length),
  min: extreme(-1),
  max: extreme(1),
  join: (list, [by]) => list.map((item) => text(item)).join(by === undefined || by === null ? '' : text(by)),
  indexOf: (list, [item]) => list.findIndex((each) => equal(each, item)),
  lastIndexOf: (list, [item]) => list.findLastIndex((each) => equal(each, item)),
  contains: (list, [item]) => list.some((each) => equal(each, item)),
  containsAll: (list, [others]) => items(others).every((other) => list.some((each) => equal(each, other))),
  disjoint: (list, [others]) => !items(others).some((other) => list.some((each) => equal(each, other))),
  intersect: (list, [others]) =>
    distinct(list.filter((item) => items(others).some((other) => equal(item, other)))),
  plus: (list, [other]) => add([...list], other),
  minus: (list, [other]) => subtract([...list], other),
  multiply: (list, [times]) => Array.from({ length: Number(times) }, () => list).flat(),
  reverse: (list, [inPlace]) => (inPlace === true ? (list as Value[]).reverse() : [...list].reverse()),
  withIndex: (list, [offset]) => list.map((item, index) => [item, index + Number(offset ?? 0)]),
  indexed: (list, [offset]) =>
    GroovyMap.from(list.map((item, index) => [index + Number(offset ?? 0), item] as const)),
  flatten: (list) => flat(list),
  toList: (list) => [...list],
  asList: (list) => [...list],
  asImmutable: (list) => list,
  asUnmodifiable: (list) => list,
  asSynchronized: (list) => list,
  toSet: (list) => new GroovySet(list),
  toArray: (list) => [...list],
  toString: (list: List): Value => text(list),
  inspect: (list) => inspect(list),
  toSorted: (list, [by]) => [...list].sort(ordering(by)),
  toUnique: (list, [by]) => distinct(list, by),
  groupBy: (list, closures) =>
    grouped(
      list,
      closures.length === 1 && Array.isArray(closures[0])
        ? (closures[0] as Closure[])
        : (closures as Closure[]),
    ),
  step: (list, [by]) => {
    const step = Math.trunc(numberArgument(by, 'step'));
    return (step < 0 ? [...list].reverse() : [...list]).filter(
      (_item, index) => index % Math.abs(step) === 0,
    );
  },
  collate: (list, [size, second, third]) => collate(list, size, second, third),
  combinations: (list, [closure]) => {
    const all = combinations(list);
    return closure === undefined ? all : all.map((each) => closureOf(closure, 'combinations').apply([each]));
  },
  eachCombination: (list, [closure]) =>
    combinations(list).forEach((each) => closureOf(closure, 'eachCombination').apply([each])) ?? null,
  permutations: (list) => permutations(list),
  subsequences: (list) => new GroovySet(subsequences(list)),
  transpose: (list) => transpose(list),
  zip: (list, [other]) => list.map((item, index) => [item, items(other)[index] ?? null]),
  shuffled: (list, _args, world) => shuffle([...list], world.random),
  iterator: (list) => [...list],
  listIterator: (list) => [...list],
  stream: (list) => [...list],
  equals: (list, [other]) => equal(list, other),
  hashCode: (list) => String(keyOf(list)).length,
  swap: (list, [a, b]) => {
    const copy = list as Value[];
    [copy[Number(a)], copy[Number(b)]] = [copy[Number(b)], copy[Number(a)]];
    return copy;
  },
  chop: (list, sizes) => chop(list, sizes as number[]),
  spread: (list) => list,
  asBoolean: (list) => list.length > 0,
  getIndices: (list) => new Range(0, list.length, true),
  countFasta: (list) => list.length,
};

/** Methods that change a list. */
export const changing: Methods<Value[]> = {
  add: (list, [first, second]) => {
    if (second === undefined) list.push(first);
    else list.splice(Number(first), 0, second);
    return true;
  },
  addAll: (list, [first, second]) => {
    if (second === undefined) list.push(...items(first));
    else list.splice(Number(first), 0, ...items(second));
    return true;
  },
  leftShift: (list, [item]) => {
    list.push(item);
    return list;
  },
  push: (list, [item]) => {
    list.unshift(item);
    return true;
  },
  pop: (list) => {
    if (list.length === 0) throw fault('Cannot pop() from an empty list.', 'NoSuchElementException');
    return list.shift() ?? null;
  },
  poll: (list) => list.shift() ?? null,
  removeFirst: (list) => list.shift() ?? null,
  removeLast: (list) => list.pop() ?? null,
  addFirst: (list, [item]) => (list.unshift(item), null),
  addLast: (list, [item]) => (list.push(item), null),
  putAt: (list, [index, item]) => {
    setAt(list, Number(index), item);
    return null;
  },
  set: (list, [index, item]) => {
    const old = elementAt(list, Number(index));
    list[Number(index)] = item;
    return old;
  },
  remove: (list, [what]) =>
    typeof what === 'number' ? (list.splice(what, 1)[0] ?? null) : removeElement(list, what),
  removeAt: (list, [index]) => list.splice(Number(index), 1)[0] ?? null,
  removeElement: (list, [item]) => removeElement(list, item),
  removeAll: (list, [what]) =>
    keep(
      list,
      what instanceof Closure
        ? (item) => !truth(what.apply([item]))
        : (item) => !items(what).some((each) => equal(each, item)),
    ),
  removeIf: (list, [what]) => keep(list, (item) => !truth(closureOf(what, 'removeIf').apply([item]))),
  retainAll: (list, [what]) =>
    keep(
      list,
      what instanceof Closure
        ? (item) => truth(what.apply([item]))
        : (item) => items(what).some((each) => equal(each, item)),
    ),
  clear: (list) => {
    list.length = 0;
    return null;
  },
  sort: (list, [first, second]) => {
    const inPlace = first !== false;
    const by = first instanceof Closure ? first : second;
    return (inPlace ? list : [...list]).sort(ordering(by));
  },
  unique: (list, [first, second]) => {
    const result = distinct(list, first instanceof Closure ? first : second);
    if (first === false) return result;
    list.splice(0, list.length, ...result);
    return list;
  },
  shuffle: (list, _args, world) => {
    shuffle(list, world.random);
    return null;
  },
  replaceAll: (list, [closure]) => {
    for (const [index, item] of list.entries()) list[index] = closureOf(closure, 'replaceAll').apply([item]);
    return null;
  },
  swap: reading['swap'] as Method<Value[]>,
};

function firstOf(list: List): Value {
  if (list.length === 0) throw fault('An empty list has no first item.', 'NoSuchElementException');
  return list[0];
}

function lastOf(list: List): Value {
  if (list.length === 0) throw fault('An empty list has no last item.', 'NoSuchElementException');
  return list.at(-1);
}

function elementAt(list: List, index: number): Value {
  if (index < 0 || index >= list.length) {
    throw fault(`Index ${index} is out of a list of ${list.length}.`, 'IndexOutOfBoundsException');
  }
  return list[index];
}

/** `list[index]`: counted from the end where negative, null beyond it; a range or a list of indexes gives a list. */
export function indexed(list: List, index: Value): Value {
  if (typeof index === 'number') return (index < 0 ? list[list.length + index] : list[index]) ?? null;
  if (index instanceof Range) return slice(list, index);
  if (Array.isArray(index))
    return index.flatMap((each) =>
      each instanceof Range ? (slice(list, each) as Value[]) : [indexed(list, each)],
    );
  if (isNumber(index)) return indexed(list, Math.trunc(toDouble(index)));
  if (typeof index === 'string')
    return list.map((item) => (item instanceof GroovyMap ? (item.get(index) ?? null) : null));
  throw fault(`A list has no index ${text(index)}.`, 'MissingMethodException');
}

export function slice(list: List, range: Range): List {
  if (list.length === 0 && range.from === 0 && (range.to === -1 || range.openEnd)) return [];
  const at = (index: number) => (index < 0 ? list.length + index : index);
  const [from, end] = [at(range.from as number), at(range.to as number)];
  if (range.openEnd) return from <= end ? list.slice(from, end) : [];
  if (from > end) return list.slice(end, from + 1).reverse();
  if (end >= list.length)
    throw fault(
      `The range ${range.from}..${range.to} goes beyond a list of ${list.length}.`,
      'IndexOutOfBoundsException',
    );
  return list.slice(from, end + 1);
}

export function setAt(list: Value[], index: number, value: Value): void {
  const at = index < 0 ? list.length + index : index;
  if (at < 0 || at > 50_000_000)
    throw fault(`Index ${index} is out of a list of ${list.length}.`, 'IndexOutOfBoundsException');
  while (list.length < at) list.push(null);
  list[at] = value;
}

function removeElement(list: Value[], item: Value): boolean {
  const index = list.findIndex((each) => equal(each, item));
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}

function keep(list: Value[], wanted: (item: Value) => boolean): boolean {
  const kept = list.filter(wanted);
  const changed = kept.length !== list.length;
  list.splice(0, list.length, ...kept);
  return changed;
}

export function addEntry(map: GroovyMap, entry: Value): void {
  if (entry instanceof MapEntry) map.set(entry.entryKey, entry.value);
  else if (entry instanceof GroovyMap) for (const [key, value] of entry) map.set(key, value);
  else if (Array.isArray(entry)) map.set(entry[0], entry[1] ?? null);
  else
    throw fault(
      `collectEntries needs [key, value] or a map, not ${text(entry)}.`,
      'IllegalArgumentException',
    );
}

/** Without repetitions; of equal ones the first stays. */
export function distinct(list: List, by?: Value): Value[] {
  if (by instanceof Closure && by.arity === 2) {
    return list.filter(
      (item, index) => !list.slice(0, index).some((other) => Number(by.body(by, other, item)) === 0),
    );
  }
  const seen = new GroovySet();
  return list.filter((item) => seen.add(by instanceof Closure ? by.apply([item]) : item));
}

export function flat(list: Iterable<Value>): Value[] {
  const result: Value[] = [];
  for (const item of list) {
    if (isCollection(item)) result.push(...flat(item));
    else result.push(item);
  }
  return result;
}

function nested(list: List, by: (item: Value) => Value): Value[] {
  return list.map((item) => (Array.isArray(item) ? nested(item, by) : by(item)));
}

function grouped(list: List, closures: readonly Closure[]): GroovyMap {
  const [first, ...rest] = closures;
  const groups = new GroovyMap();
  for (const item of list) {
    const key = first ? first.apply([item]) : item;
    const group = groups.get(key) as Value[] | undefined;
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  if (rest.length > 0)
    for (const [key, group] of [...groups]) groups.set(key, grouped(group as Value[], rest));
  return groups;
}

function collate(list: List, size: Value, second: Value, third: Value): Value[][] {
  const length = numberArgument(size, 'collate');
  const step = typeof second === 'number' ? second : length;
  const keepRest = typeof second === 'boolean' ? second : third !== false;
  if (length <= 0 || step <= 0) return [[...list]];
  const groups: Value[][] = [];
  for (let at = 0; at < list.length; at += step) {
    const group = list.slice(at, at + length);
    if (group.length === length || keepRest) groups.push(group);
  }
  return groups;
}

function combinations(list: List): Value[][] {
  return list.reduce<Value[][]>((all, item, index) => {
    const choices = isCollection(item) ? [...items(item)] : [item];
    return index === 0
      ? choices.map((choice) => [choice])
      : choices.flatMap((choice) => all.map((each) => [...each, choice]));
  }, []);
}

function permutations(list: List): Value[][] {
  if (list.length > 9)
    throw fault(`All orders of ${list.length} items are too many.`, 'IllegalArgumentException');
  if (list.length <= 1) return [[...list]];
  return list.flatMap((item, index) => permutations(list.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

function subsequences(list: List): Value[][] {
  if (list.length > 20)
    throw fault(`All subsequences of ${list.length} items are too many.`, 'IllegalArgumentException');
  return list.reduce<Value[][]>((all, item) => [...all, [item], ...all.map((each) => [...each, item])], []);
}

export function transpose(list: List): Value[][] {
  const rows = list.map((row) => items(row));
  if (rows.length === 0) return [];
  const width = Math.min(...rows.map((row) => row.length));
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]));
}

function shuffle(list: Value[], random: () => number): Value[] {
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [list[index], list[other]] = [list[other], list[index]];
  }
  return list;
}

function chop(list: List, sizes: readonly number[]): Value[][] {
  let at = 0;
  return sizes.map((size) => {
    const piece = size === -1 ? list.slice(at) : list.slice(at, at + size);
    at += size;
    return [...piece];
  });
}

/** As the value would be written in a script. */
export function inspect(value: Value): string {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`;
  if (Array.isArray(value)) return `[${value.map(inspect).join(', ')}]`;
  if (value instanceof GroovyMap) {
    return value.size === 0
      ? '[:]'
      : `[${Array.from(value, ([key, item]) => `${inspect(key)}:${inspect(item)}`).join(', ')}]`;
  }
  return text(value);
}
