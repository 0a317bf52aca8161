import { array, boolean, EvaluationError, int, keyText, map, pair, type Value } from '../value.ts';
import { entriesOf, itemsOf, type LibraryFunction, numberOf, pairsOf } from './function.ts';

/** More items than any scatter has use for, and fewer than fill the memory. */
const RANGE_LIMIT = 10_000_000;

const range: LibraryFunction = ([count]) => {
  const length = numberOf(count!);
  if (length < 0) throw new EvaluationError('range() needs a number that is not negative.');
  if (length > RANGE_LIMIT) throw new EvaluationError(`range() gives ${RANGE_LIMIT} items at most.`);
  return array(Array.from({ length }, (_, index) => int(index)));
};

const length: LibraryFunction = ([value]) => {
  if (value!.kind === 'Map') return int(value!.entries.size);
  if (value!.kind === 'Object') return int(value!.members.size);
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
  return array(itemsOf(left!).flatMap((item) => rights.map((other) => pair(item, other))));
};

const selectFirst: LibraryFunction = ([values]) => {
  const found = itemsOf(values!).find((item) => item.kind !== 'None');
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
  flatten: ([arrays]) => array(itemsOf(arrays!).flatMap(itemsOf)),
  select_first: selectFirst,
  select_all: ([values]) => array(itemsOf(values!).filter((item) => item.kind !== 'None')),
  as_pairs: ([value]) => array(entriesOf(value!).map(([key, item]) => pair(key, item))),
  as_map: asMap,
  keys: ([value]) => array(entriesOf(value!).map(([key]) => key)),
  collect_by_key: collectByKey,
  defined: ([value]) => boolean(value!.kind !== 'None'),
};
