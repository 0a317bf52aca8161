import type { Version } from '../syntax/document-node.ts';
import { coerces, type CoercionRules } from './coercion.ts';
import {
  ANY,
  arrayOf,
  BOOLEAN,
  FILE,
  FLOAT,
  INT,
  mapOf,
  OBJECT,
  pairOf,
  STRING,
  type Type,
  typeText,
  withOptional,
} from './type.ts';

/** What a function's arguments come to: its result, or which argument is wrong and what it should be. */
export type Application =
  { readonly result: Type } | { readonly argument: number; readonly expected: string };

export interface Signature {
  readonly minimum: number;
  readonly maximum: number;
  /** The version that the function came with. */
  readonly since: Version;
  /** May stand in the output section of a task only. */
  readonly outputsOnly: boolean;
  apply(args: readonly Type[], rules: CoercionRules): Application;
}

type Apply = Signature['apply'];
type Options = Partial<Pick<Signature, 'since' | 'outputsOnly' | 'minimum'>>;

function signature(count: number, apply: Apply, options: Options = {}): Signature {
  return { minimum: count, maximum: count, since: '1.0', outputsOnly: false, ...options, apply };
}

/** A function of fixed parameter types. */
function plain(parameters: readonly Type[], result: Type, options: Options = {}): Signature {
  const apply: Apply = (args, rules) => {
    const wrong = args.findIndex((type, index) => !coerces(type, parameters[index]!, rules));
    return wrong === -1 ? { result } : { argument: wrong + 1, expected: typeText(parameters[wrong]!) };
  };
  return signature(parameters.length, apply, options);
}

const wrong = (argument: number, expected: string): Application => ({ argument, expected });

/** A function of one array; `result` makes its type from the items'. */
function ofArray(
  expected: string,
  result: (item: Type, nonEmpty: boolean) => Type | undefined,
  options: Options = {},
) {
  return signature(
    1,
    ([array], rules) => {
      if (array!.kind === 'Any') return { result: result(ANY, false) ?? ANY };
      if (array!.kind !== 'Array' || (array!.optional && !rules.lenient)) return wrong(1, expected);
      const type = result(array!.item, array!.nonEmpty);
      return type ? { result: type } : wrong(1, expected);
    },
    options,
  );
}

/** A function of one map, or of something that may become one. */
function ofMap(result: (key: Type, value: Type) => Type, options: Options) {
  return signature(
    1,
    ([map]) => {
      if (map!.kind === 'Any') return { result: result(ANY, ANY) };
      return map!.kind === 'Map' && !map!.optional
        ? { result: result(map!.key, map!.value) }
        : wrong(1, 'Map');
    },
    options,
  );
}

const ofPairs = (result: (left: Type, right: Type) => Type) => (item: Type) => {
  if (item.kind === 'Any') return result(ANY, ANY);
  return item.kind === 'Pair' && !item.optional ? result(item.left, item.right) : undefined;
};

const twoArrays = (result: (left: Type, right: Type, nonEmpty: boolean) => Type): Signature =>
  signature(2, (args) => {
    const items = args.map((type) => (type.kind === 'Array' && !type.optional ? type.item : undefined));
    const missing = args.findIndex((type, index) => type.kind !== 'Any' && items[index] === undefined);
    if (missing !== -1) return wrong(missing + 1, 'Array');
    const nonEmpty = args.every((type) => type.kind === 'Array' && type.nonEmpty);
    return { result: result(items[0] ?? ANY, items[1] ?? ANY, nonEmpty) };
  });

const minimumOrMaximum = signature(
  2,
  ([a, b], rules) => {
    if (!coerces(a!, FLOAT, rules) || a!.kind === 'String') return wrong(1, 'Int or Float');
    if (!coerces(b!, FLOAT, rules) || b!.kind === 'String') return wrong(2, 'Int or Float');
    return { result: a!.kind === 'Int' && b!.kind === 'Int' ? INT : FLOAT };
  },
  { since: '1.1' },
);

/** length() of an array; from 1.2 on of maps, objects and strings too, which miniwdl takes in every version. */
const lengthOf = signature(1, ([value]) => {
  const counts = ['Array', 'Map', 'Object', 'Struct', 'Any'].includes(value!.kind) && !value!.optional;
  return counts ? { result: INT } : wrong(1, 'Array');
});

const sizeOf: Signature = signature(
  2,
  ([value, unit], rules) => {
    if (!hasFiles(value!)) return wrong(1, 'File, File?, or an Array of them');
    if (unit && !coerces(unit, STRING, rules)) return wrong(2, 'String');
    return { result: FLOAT };
  },
  { minimum: 1 },
);

function hasFiles(type: Type): boolean {
  if (type.kind === 'Array') return hasFiles(type.item);
  return ['File', 'Directory', 'String', 'Any', 'None'].includes(type.kind);
}

const selectFirst = ofArray('Array[X?]+', (item) => withOptional(item, false));
const selectAll = ofArray('Array[X?]', (item) => arrayOf(withOptional(item, false)));

const fixSide = signature(2, ([affix, array], rules) => {
  if (!coerces(affix!, STRING, rules)) return wrong(1, 'String');
  if (!coerces(array!, arrayOf(STRING), rules)) return wrong(2, 'Array[P] of a primitive P');
  return { result: arrayOf(STRING, array!.kind === 'Array' && array!.nonEmpty) };
});

const quoted = ofArray(
  'Array[P] of a primitive P',
  (item, nonEmpty) => (coerces(item, STRING) ? arrayOf(STRING, nonEmpty) : undefined),
  { since: '1.1' },
);

const flattened = ofArray('Array[Array[X]]', (item) => {
  if (item.kind === 'Any') return arrayOf(ANY);
  return item.kind === 'Array' && !item.optional ? arrayOf(item.item) : undefined;
});

/** basename() of a File or String; development knows Directory. */
const baseName: Signature = { ...plain([STRING, STRING], STRING), minimum: 1 };

const writeObjects = signature(1, ([array]) => {
  const items = array!.kind === 'Array' ? array!.item.kind : array!.kind;
  return ['Object', 'Struct', 'Map', 'Any'].includes(items) ? { result: FILE } : wrong(1, 'Array[Object]');
});

const writeObject = signature(1, ([value]) =>
  ['Object', 'Struct', 'Map', 'Any'].includes(value!.kind) ? { result: FILE } : wrong(1, 'Object'),
);

const STRINGS = arrayOf(STRING);

/** The standard library of 1.0 and 1.1. */
export const library: ReadonlyMap<string, Signature> = new Map(
  Object.entries({
    floor: plain([FLOAT], INT),
    ceil: plain([FLOAT], INT),
    round: plain([FLOAT], INT),
    min: minimumOrMaximum,
    max: minimumOrMaximum,
    sub: plain([STRING, STRING, STRING], STRING),
    basename: baseName,
    glob: plain([STRING], arrayOf(FILE), { outputsOnly: true }),
    size: sizeOf,
    stdout: plain([], FILE, { outputsOnly: true }),
    stderr: plain([], FILE, { outputsOnly: true }),
    read_string: plain([FILE], STRING),
    read_int: plain([FILE], INT),
    read_float: plain([FILE], FLOAT),
    read_boolean: plain([FILE], BOOLEAN),
    read_lines: plain([FILE], STRINGS),
    read_tsv: plain([FILE], arrayOf(STRINGS)),
    read_map: plain([FILE], mapOf(STRING, STRING)),
    read_json: plain([FILE], ANY),
    read_object: plain([FILE], OBJECT),
    read_objects: plain([FILE], arrayOf(OBJECT)),
    write_lines: plain([STRINGS], FILE),
    write_tsv: plain([arrayOf(STRINGS)], FILE),
    write_map: plain([mapOf(STRING, STRING)], FILE),
    write_json: plain([ANY], FILE),
    write_object: writeObject,
    write_objects: writeObjects,
    prefix: fixSide,
    suffix: { ...fixSide, since: '1.1' as const },
    quote: quoted,
    squote: quoted,
    sep: plain([STRING, STRINGS], STRING, { since: '1.1' }),
    length: lengthOf,
    range: plain([INT], arrayOf(INT)),
    transpose: ofArray('Array[Array[X]]', (item) =>
      item.kind === 'Any' || item.kind === 'Array' ? arrayOf(item) : undefined,
    ),
    cross: twoArrays((left, right, nonEmpty) => arrayOf(pairOf(left, right), nonEmpty)),
    zip: twoArrays((left, right, nonEmpty) => arrayOf(pairOf(left, right), nonEmpty)),
    unzip: ofArray(
      'Array[Pair[X, Y]]',
      ofPairs((left, right) => pairOf(arrayOf(left), arrayOf(right))),
      {
        since: '1.1',
      },
    ),
    flatten: flattened,
    select_first: selectFirst,
    select_all: selectAll,
    as_pairs: ofMap((key, value) => arrayOf(pairOf(key, value)), { since: '1.1' }),
    as_map: ofArray('Array[Pair[P, Y]]', ofPairs(mapOf), { since: '1.1' }),
    keys: ofMap((key) => arrayOf(key), { since: '1.1' }),
    collect_by_key: ofArray(
      'Array[Pair[P, Y]]',
      ofPairs((key, value) => mapOf(key, arrayOf(value, true))),
      {
        since: '1.1',
      },
    ),
    defined: signature(1, () => ({ result: BOOLEAN })),
  } satisfies Record<string, Signature>),
);
