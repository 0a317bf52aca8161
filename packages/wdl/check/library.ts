import { hasFeaturesOf, type Version } from '../syntax/document-node.ts';
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

/** What the document that calls a function goes by. */
export interface CallRules extends CoercionRules {
  readonly version: Version;
}

export interface Signature {
  readonly minimum: number;
  maximum(version: Version): number;
  /** The version that the function came with. */
  readonly since: Version;
  /** May stand in the output section of a task only. */
  readonly outputsOnly: boolean;
  apply(args: readonly Type[], rules: CallRules): Application;
}

type Apply = Signature['apply'];
interface Options extends Partial<Pick<Signature, 'since' | 'outputsOnly' | 'minimum'>> {
  /** How many further arguments 1.2 allows. */
  readonly moreSince1_2?: number;
}

function signature(count: number, apply: Apply, options: Options = {}): Signature {
  const { moreSince1_2: more = 0, ...rest } = options;
  const maximum = (version: Version) => (isNew(version) ? count + more : count);
  return { minimum: count, maximum, since: '1.0', outputsOnly: false, ...rest, apply };
}

const isNew = (version: Version) => hasFeaturesOf(version, '1.2');

/** A function of fixed parameter types. */
function plain(parameters: readonly Type[], result: Type, options: Options = {}): Signature {
  const apply: Apply = (args, rules) => {
    const wrong = args.findIndex((type, index) => !coerces(type, parameters[index]!, rules));
    return wrong === -1 ? { result } : { argument: wrong + 1, expected: typeText(parameters[wrong]!) };
  };
  return signature(parameters.length, apply, options);
}

const STRINGS = arrayOf(STRING);

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

/** length() of an array; from 1.2 on of maps, objects and strings too; maps and objects miniwdl takes in every version. */
const lengthOf = signature(1, ([value], { version }) => {
  if (value!.kind === 'String' && isNew(version)) return { result: INT };
  const counts = ['Array', 'Map', 'Object', 'Struct', 'Any'].includes(value!.kind) && !value!.optional;
  return counts ? { result: INT } : wrong(1, isNew(version) ? 'Array, Map, Object or String' : 'Array');
});

const sizeOf: Signature = signature(
  2,
  ([value, unit], rules) => {
    const fits = isNew(rules.version) ? mayHaveFiles(value!) : hasFiles(value!);
    if (!fits) return wrong(1, 'File, File?, or an Array of them');
    if (unit && !coerces(unit, STRING, rules)) return wrong(2, 'String');
    return { result: FLOAT };
  },
  { minimum: 1 },
);

function hasFiles(type: Type): boolean {
  if (type.kind === 'Array') return hasFiles(type.item);
  return ['File', 'Directory', 'String', 'Any', 'None'].includes(type.kind);
}

/** From 1.2 on "a compound value containing Files or Directories". */
function mayHaveFiles(type: Type): boolean {
  switch (type.kind) {
    case 'Array':
      return mayHaveFiles(type.item);
    case 'Pair':
      return mayHaveFiles(type.left) || mayHaveFiles(type.right);
    case 'Map':
      return mayHaveFiles(type.key) || mayHaveFiles(type.value);
    case 'Struct':
      return [...type.members.values()].some(mayHaveFiles);
    case 'Object':
      return true;
    default:
      return hasFiles(type);
  }
}

const firstOf = ofArray('Array[X?]+', (item) => withOptional(item, false));
/** With what to take where nothing is defined (1.2). */
const selectFirst = signature(
  1,
  ([array, otherwise], rules) => {
    const found = firstOf.apply([array!], rules);
    if (!otherwise || !('result' in found)) return found;
    return coerces(otherwise, found.result, rules) ? found : wrong(2, typeText(found.result));
  },
  { moreSince1_2: 1 },
);

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

const readTsv = signature(
  1,
  ([path, header, columns], rules) => {
    if (!coerces(path!, FILE, rules)) return wrong(1, 'File');
    if (header && !coerces(header, BOOLEAN, rules)) return wrong(2, 'Boolean');
    if (columns && !coerces(columns, STRINGS, rules)) return wrong(3, 'Array[String]');
    return { result: arrayOf(header ? OBJECT : STRINGS) };
  },
  { moreSince1_2: 2 },
);

const writeTsv = signature(
  1,
  ([rows, header, columns], rules) => {
    if (!coerces(rows!, arrayOf(STRINGS), rules) && !(isNew(rules.version) && areStructs(rows!)))
      return wrong(1, 'Array[Array[String]]');
    if (header && !coerces(header, BOOLEAN, rules)) return wrong(2, 'Boolean');
    if (columns && !coerces(columns, STRINGS, rules)) return wrong(3, 'Array[String]');
    return { result: FILE };
  },
  { moreSince1_2: 2 },
);

const areStructs = (type: Type) =>
  type.kind === 'Array' && (type.item.kind === 'Struct' || type.item.kind === 'Object');

/** keys() of a map; from 1.2 on of structs and objects. */
const keysOf = signature(
  1,
  ([value], { version }) => {
    if (value!.kind === 'Any') return { result: arrayOf(ANY) };
    if (value!.kind === 'Map' && !value!.optional) return { result: arrayOf(value!.key) };
    const structured = (value!.kind === 'Struct' || value!.kind === 'Object') && isNew(version);
    return structured ? { result: STRINGS } : wrong(1, isNew(version) ? 'Map, Struct or Object' : 'Map');
  },
  { since: '1.1' },
);

/** Of a map's key, or of a member, perhaps deep inside: then the keys that lead there. */
const containsKey = signature(
  2,
  ([value, key], rules) => {
    if (!['Map', 'Struct', 'Object', 'Any'].includes(value!.kind)) return wrong(1, 'Map, Struct or Object');
    const own = value!.kind === 'Map' ? value!.key : STRING;
    const fits = coerces(key!, withOptional(own, true), rules) || coerces(key!, STRINGS, rules);
    return fits ? { result: BOOLEAN } : wrong(2, `${typeText(own)} or Array[String]`);
  },
  { since: '1.2' },
);

const contains = signature(
  2,
  ([array, value], rules) => {
    if (array!.kind === 'Any') return { result: BOOLEAN };
    if (array!.kind !== 'Array') return wrong(1, 'Array[P] of a primitive P');
    const item = withOptional(array!.item, true);
    return coerces(value!, item, rules) ? { result: BOOLEAN } : wrong(2, typeText(item));
  },
  { since: '1.2' },
);

const chunk = signature(
  2,
  ([array, size], rules) => {
    if (array!.kind !== 'Array' && array!.kind !== 'Any') return wrong(1, 'Array[X]');
    if (!coerces(size!, INT, rules)) return wrong(2, 'Int');
    return { result: arrayOf(array!.kind === 'Array' ? arrayOf(array!.item) : ANY) };
  },
  { since: '1.2' },
);

/** Directory and path or paths, or all paths in one array. */
const joinPaths: Signature = signature(
  2,
  ([base, rest], rules) => {
    if (!rest) return coerces(base!, STRINGS, rules) ? { result: STRING } : wrong(1, 'Array[String]+');
    if (!coerces(base!, STRING, rules)) return wrong(1, 'Directory');
    const fits = coerces(rest, STRING, rules) || coerces(rest, STRINGS, rules);
    return fits ? { result: STRING } : wrong(2, 'String or Array[String]+');
  },
  { since: '1.2', minimum: 1 },
);

const writeObjects = signature(1, ([array]) => {
  const items = array!.kind === 'Array' ? array!.item.kind : array!.kind;
  return ['Object', 'Struct', 'Map', 'Any'].includes(items) ? { result: FILE } : wrong(1, 'Array[Object]');
});

const writeObject = signature(1, ([value]) =>
  ['Object', 'Struct', 'Map', 'Any'].includes(value!.kind) ? { result: FILE } : wrong(1, 'Object'),
);

/** The standard library of all versions. */
export const library: ReadonlyMap<string, Signature> = new Map(
  Object.entries({
    floor: plain([FLOAT], INT),
    ceil: plain([FLOAT], INT),
    round: plain([FLOAT], INT),
    min: minimumOrMaximum,
    max: minimumOrMaximum,
    sub: plain([STRING, STRING, STRING], STRING),
    find: plain([STRING, STRING], withOptional(STRING, true), { since: '1.2' }),
    matches: plain([STRING, STRING], BOOLEAN, { since: '1.2' }),
    // Of 1.3, which the development version leads to.
    split: plain([STRING, STRING], STRINGS, { since: 'development' }),
    join_paths: joinPaths,
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
    read_tsv: readTsv,
    read_map: plain([FILE], mapOf(STRING, STRING)),
    read_json: plain([FILE], ANY),
    read_object: plain([FILE], OBJECT),
    read_objects: plain([FILE], arrayOf(OBJECT)),
    write_lines: plain([STRINGS], FILE),
    write_tsv: writeTsv,
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
    keys: keysOf,
    values: ofMap((_key, value) => arrayOf(value), { since: '1.2' }),
    contains_key: containsKey,
    contains,
    chunk,
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
