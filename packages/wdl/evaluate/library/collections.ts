import { array, boolean, equal, EvaluationError, int, keyText, map, pair, type Value } from '../value.ts';
import { checkItems } from '../limits.ts';
import { entriesOf, itemsOf, type LibraryFunction, numberOf, pairsOf } from './function.ts';

const range: LibraryFunction = ([count]) => {
  const length = numberOf(count!);
  if (length < 0) throw new EvaluationError('range() needs a number that is not negative.');
  checkItems(length);
  return array(Array.from({ length }, (_, index) => int(index)));
};

const length: LibraryFunction = ([value]) => {
  if (value!.kind === 'Map') return int(value!.entries.size);
  if (value!.kind === 'Object') return int(value!.members.size);
  if (value!.kind === 'String') return int([...value!.value].length);
  return int(itemsOf(value!).length);
};

const transpose: LibraryFunction = ([matrix]) => {
  const rows = itemsOf(matrix!).map(itemsOf);
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width))
    throw new EvaluationError('transpose() needs rows of equal length.');
  return array(Array.from({ length: width }, (_, column) => array(rows.map((row) => row[column]!))));
};

const zip: LibraryFunction = ([left, right]) => {
  const [lefts, rights] = [itemsOf(left!), itemsOf(right!)];
  if (lefts.length !== rights.length) {
    throw new EvaluationError(
      `zip() needs arrays of equal length, not ${lefts.length} and ${rights.length}.`,
    );
  }
  return array(lefts.map((item, index) => pair(item, rights[index]!)));
};

const cross: LibraryFunction = ([left, right]) => {
  const rights = itemsOf(right!);
  checkItems(itemsOf(left!).length * rights.length);
  return array(itemsOf(left!).flatMap((item) => rights.map((other) => pair(item, other))));
};

const selectFirst: LibraryFunction = ([values, otherwise]) => {
  const found = itemsOf(values!).find((item) => item.kind !== 'None') ?? otherwise;
  if (!found) throw new EvaluationError('select_first() was given nothing that is defined.');
  return found;
};

const asMap: LibraryFunction = ([pairs]) => {
  const entries = pairsOf(pairs!).map(({ left, right }) => [left, right] as const);
  const made = map(entries);
  if (made.entries.size !== entries.length)
    throw new EvaluationError('as_map() was given the same key twice.');
  return made;
};

const collectByKey: LibraryFunction = ([pairs]) => {
  const collected = new Map<string, { key: Value; values: Value[] }>();
  for (const { left, right } of pairsOf(pairs!)) {
    const text = keyText(left);
    const known = collected.get(text);
    if (known) known.values.push(right);
    else collected.set(text, { key: left, values: [right] });
  }
  return map([...collected.values()].map(({ key, values }) => [key, array(values)]));
};

const contains: LibraryFunction = ([values, value]) =>
  boolean(itemsOf(values!).some((item) => equal(item, value!)));

const chunk: LibraryFunction = ([values, size]) => {
  const [items, width] = [itemsOf(values!), numberOf(size!)];
  if (width <= 0) throw new EvaluationError('chunk() needs a size above 0.');
  const count = Math.ceil(items.length / width);
  return array(
    Array.from({ length: count }, (_, index) => array(items.slice(index * width, (index + 1) * width))),
  );
};

/** An array of keys leads through nested maps and objects. */
const containsKey: LibraryFunction = ([value, key]) => {
  let at: Value | undefined = value!;
  for (const step of key!.kind === 'Array' ? key!.items : [key!]) {
    if (at?.kind === 'Map') at = at.entries.get(keyText(step))?.[1];
    else if (at?.kind === 'Object') at = at.members.get(keyText(step));
    else return boolean(false);
  }
  return boolean(at !== undefined);
};

export const collectionFunctions: Readonly<Record<string, LibraryFunction>> = {
  length,
  range,
  transpose,
  zip,
  cross,
  unzip: ([pairs]) => {
    const both = pairsOf(pairs!);
    return pair(array(both.map(({ left }) => left)), array(both.map(({ right }) => right)));
  },
  flatten: ([arrays]) => {
    const inner = itemsOf(arrays!).map(itemsOf);
    checkItems(inner.reduce((sum, items) => sum + items.length, 0));
    return array(inner.flat());
  },
  select_first: selectFirst,
  select_all: ([values]) => array(itemsOf(values!).filter((item) => item.kind !== 'None')),
  as_pairs: ([value]) => array(entriesOf(value!).map(([key, item]) => pair(key, item))),
  as_map: asMap,
  values: ([value]) => array(entriesOf(value!).map(([, item]) => item)),
  contains_key: containsKey,
  contains,
  chunk,
  keys: ([value]) => array(entriesOf(value!).map(([key]) => key)),
  collect_by_key: collectByKey,
  defined: ([value]) => boolean(value!.kind !== 'None'),
};
