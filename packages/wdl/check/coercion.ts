import {
  isPrimitive,
  type MapType,
  type ObjectType,
  STRING,
  type StructType,
  type Type,
  withOptional,
} from './type.ts';

/** How strictly optional types are told from others. */
export interface CoercionRules {
  /** `T?` may be given where `T` is needed; fails at run time where it is undefined. */
  readonly lenient: boolean;
}

const STRICT: CoercionRules = { lenient: false };

/**
 * Whether a value of type `from` may be used where `to` is needed: the specification's table of coercions and its
 * "limited exceptions" as miniwdl has them (String to numbers, any primitive to String, Map and Array[Pair]).
 */
export function coerces(from: Type, to: Type, rules: CoercionRules = STRICT): boolean {
  if (from.kind === 'Any' || to.kind === 'Any') return true;
  if (from.kind === 'None') return to.optional;
  if (from.optional && !to.optional && !rules.lenient) return false;
  switch (to.kind) {
    case 'Array':
      return coercesToArray(from, to.item, rules);
    case 'Map':
      return coercesToMap(from, to, rules);
    case 'Pair':
      return (
        from.kind === 'Pair' && coerces(from.left, to.left, rules) && coerces(from.right, to.right, rules)
      );
    case 'Struct':
      return coercesToStruct(from, to, rules);
    case 'Object':
      return coercesToObject(from);
    case 'None':
      return false;
    default:
      return isPrimitive(from) && PRIMITIVE[to.kind]!.includes(from.kind);
  }
}

const PRIMITIVE: Record<string, readonly string[]> = {
  Boolean: ['Boolean'],
  Int: ['Int', 'String'],
  Float: ['Float', 'Int', 'String'],
  String: ['String', 'Boolean', 'Int', 'Float', 'File', 'Directory'],
  File: ['File', 'String'],
  Directory: ['Directory', 'String'],
};

function coercesToArray(from: Type, item: Type, rules: CoercionRules): boolean {
  if (from.kind === 'Array') return coerces(from.item, item, rules);
  return (
    from.kind === 'Map' &&
    item.kind === 'Pair' &&
    coerces(from.key, item.left, rules) &&
    coerces(from.value, item.right, rules)
  );
}

function coercesToMap(from: Type, to: MapType, rules: CoercionRules): boolean {
  if (from.kind === 'Map') return coerces(from.key, to.key, rules) && coerces(from.value, to.value, rules);
  if (from.kind === 'Array' && from.item.kind === 'Pair') {
    return coerces(from.item.left, to.key, rules) && coerces(from.item.right, to.value, rules);
  }
  if (from.kind !== 'Struct' && from.kind !== 'Object') return false;
  if (!coerces(STRING, to.key, rules)) return false;
  return [...(from.members?.values() ?? [])].every((member) => coerces(member, to.value, rules));
}

function coercesToStruct(from: Type, to: StructType, rules: CoercionRules): boolean {
  if (from.kind === 'Map') {
    const value = withOptional(from.value, false);
    // Which keys it has shows at run time; members that may be left out ask nothing of it here.
    const fits = [...to.members.values()].every((type) => type.optional || coerces(value, type, rules));
    return coerces(from.key, STRING, rules) && fits;
  }
  if (from.kind === 'Object' && from.members === undefined) return true;
  if (from.kind !== 'Struct' && from.kind !== 'Object') return false;
  const known = from.members!;
  if ([...known.keys()].some((name) => !to.members.has(name))) return false;
  return [...to.members].every(([name, type]) => {
    const member = known.get(name);
    return member ? coerces(member, type, rules) : type.optional;
  });
}

function coercesToObject(from: Type): boolean {
  if (from.kind === 'Map') return coerces(from.key, STRING);
  return from.kind === 'Object' || from.kind === 'Struct';
}

/** The type that all of `types` coerce to, or undefined: items of a literal, branches of an if. */
export function commonType(types: readonly Type[]): Type | undefined {
  const known = types.filter((type) => type.kind !== 'Any' && type.kind !== 'None');
  const optional = types.some((type) => type.optional);
  if (known.length === 0)
    return optional ? { kind: 'Any', optional: true } : { kind: 'Any', optional: false };
  for (const candidate of candidates(known)) {
    const target = withOptional(candidate, optional);
    if (types.every((type) => coerces(type, target))) return target;
  }
  return undefined;
}

function* candidates(types: readonly Type[]): Iterable<Type> {
  // Narrower first: Int and Float meet as Float, File and String as String only where one of them is no path.
  const order = ['Int', 'Float', 'File', 'Directory', 'Boolean'];
  const [first] = types;
  if (first && types.every((type) => type.kind === first.kind)) {
    yield* types;
    yield* merged(types);
    return;
  }
  if (types.some((type) => type.kind === 'String')) yield STRING;
  for (const kind of order) {
    const found = types.find((type) => type.kind === kind);
    if (found && kind !== 'Boolean' && !(kind === 'File' && types.some((type) => type.kind === 'String')))
      yield found;
  }
  yield* types.filter((type) => !isPrimitive(type));
  if (types.every(isPrimitive)) yield STRING;
}

/** For compound types of one kind, the type whose parts are the common types of the parts. */
function* merged(types: readonly Type[]): Iterable<Type> {
  const arrays = types.filter((type) => type.kind === 'Array');
  if (arrays.length === types.length) {
    const item = commonType(arrays.map((type) => type.item));
    if (item) yield { kind: 'Array', item, nonEmpty: arrays.every((type) => type.nonEmpty), optional: false };
  }
  const pairs = types.filter((type) => type.kind === 'Pair');
  if (pairs.length === types.length) {
    const left = commonType(pairs.map((type) => type.left));
    const right = commonType(pairs.map((type) => type.right));
    if (left && right) yield { kind: 'Pair', left, right, optional: false };
  }
  const maps = types.filter((type) => type.kind === 'Map');
  if (maps.length === types.length) {
    const key = commonType(maps.map((type) => type.key));
    const value = commonType(maps.map((type) => type.value));
    if (key && value) yield { kind: 'Map', key, value, optional: false };
  }
  const objects: ObjectType[] = types.filter((type) => type.kind === 'Object');
  if (objects.length === types.length) yield { kind: 'Object', members: undefined, optional: false };
}
