import { type Type, typeText } from '../check/type.ts';
import {
  array,
  boolean,
  EvaluationError,
  float,
  int,
  map,
  object,
  pair,
  string,
  text,
  type Value,
} from './value.ts';

const INT_MINIMUM = -(2n ** 63n);
const INT_MAXIMUM = 2n ** 63n - 1n;

/** The Int, where 64 bits hold it. */
export function checkedInt(value: bigint): Value {
  if (value < INT_MINIMUM || value > INT_MAXIMUM)
    throw new EvaluationError(`${value} does not fit into an Int.`);
  return int(value);
}

/** The value as one of `type`, by the specification's coercions. Throws EvaluationError where it cannot become one. */
export function coerce(value: Value, type: Type): Value {
  if (type.kind === 'Any') return value;
  if (value.kind === 'None') {
    if (type.optional) return value;
    throw new EvaluationError(`A value of type ${typeText(type)} is needed, but it is undefined.`);
  }
  switch (type.kind) {
    case 'Boolean':
      return toBoolean(value);
    case 'Int':
      return toInt(value);
    case 'Float':
      return toFloat(value);
    case 'String':
      return value.kind === 'String' ? value : string(scalarText(value, type));
    case 'File':
    case 'Directory':
      if (value.kind === type.kind) return value;
      if (value.kind === 'String' || value.kind === 'File') return { kind: type.kind, value: value.value };
      throw mismatch(value, type);
    case 'Array':
      return toArray(value, type);
    case 'Map':
      return map(
        pairsOf(value, type).map(([key, item]) => [coerce(key, type.key), coerce(item, type.value)]),
      );
    case 'Pair':
      return toPair(value, type);
    case 'Struct':
      return toStruct(value, type);
    case 'Object':
      return object(membersOf(value, type));
    case 'None':
      throw mismatch(value, type);
  }
}

function mismatch(value: Value, type: Type): EvaluationError {
  return new EvaluationError(`${describe(value)} cannot become ${typeText(type)}.`);
}

function describe(value: Value): string {
  switch (value.kind) {
    case 'String':
    case 'File':
    case 'Directory':
      return `${value.kind} ${JSON.stringify(value.value.slice(0, 80))}`;
    case 'Boolean':
    case 'Int':
    case 'Float':
      return `${value.kind} ${value.value}`;
    default:
      return value.kind;
  }
}

function scalarText(value: Value, type: Type): string {
  if (['Array', 'Map', 'Pair', 'Object'].includes(value.kind)) throw mismatch(value, type);
  return text(value);
}

function toBoolean(value: Value): Value {
  if (value.kind === 'Boolean') return value;
  if (value.kind === 'String' && /^(true|false)$/i.test(value.value))
    return boolean(value.value.toLowerCase() === 'true');
  throw new EvaluationError(`${describe(value)} cannot become Boolean.`);
}

function toInt(value: Value): Value {
  if (value.kind === 'Int') return value;
  if (value.kind === 'Float' && Number.isInteger(value.value)) return checkedInt(BigInt(value.value));
  if (value.kind === 'String' && /^[+-]?\d+$/.test(value.value.trim())) {
    return checkedInt(BigInt(value.value.trim().replace(/^\+/, '')));
  }
  throw new EvaluationError(`${describe(value)} cannot become Int.`);
}

function toFloat(value: Value): Value {
  if (value.kind === 'Float') return value;
  if (value.kind === 'Int') return float(Number(value.value));
  const number = value.kind === 'String' && value.value.trim() !== '' ? Number(value.value) : NaN;
  if (Number.isFinite(number)) return float(number);
  throw new EvaluationError(`${describe(value)} cannot become Float.`);
}

function toArray(value: Value, type: Extract<Type, { kind: 'Array' }>): Value {
  const items =
    value.kind === 'Map' ? [...value.entries.values()].map(([key, item]) => pair(key, item)) : undefined;
  const source = value.kind === 'Array' ? value.items : items;
  if (!source) throw mismatch(value, type);
  if (type.nonEmpty && source.length === 0) throw new EvaluationError(`${typeText(type)} must not be empty.`);
  return array(source.map((item) => coerce(item, type.item)));
}

function pairsOf(value: Value, type: Type): (readonly [Value, Value])[] {
  if (value.kind === 'Map') return [...value.entries.values()];
  if (value.kind === 'Object') return [...value.members].map(([name, member]) => [string(name), member]);
  if (value.kind === 'Array' && value.items.every((item) => item.kind === 'Pair')) {
    return value.items.map((item) => [item.left, item.right]);
  }
  throw mismatch(value, type);
}

function toPair(value: Value, type: Extract<Type, { kind: 'Pair' }>): Value {
  if (value.kind === 'Pair') return pair(coerce(value.left, type.left), coerce(value.right, type.right));
  // JSON has no pairs: the guide writes them as an object with left and right, others as an array of two.
  if (value.kind === 'Object' && value.members.has('left') && value.members.has('right')) {
    return pair(
      coerce(value.members.get('left')!, type.left),
      coerce(value.members.get('right')!, type.right),
    );
  }
  throw mismatch(value, type);
}

function membersOf(value: Value, type: Type): (readonly [string, Value])[] {
  if (value.kind === 'Object') return [...value.members];
  if (value.kind === 'Map') return [...value.entries.values()].map(([key, item]) => [text(key), item]);
  throw mismatch(value, type);
}

function toStruct(value: Value, type: Extract<Type, { kind: 'Struct' }>): Value {
  const given = new Map(membersOf(value, type));
  const extra = [...given.keys()].find((name) => !type.members.has(name));
  if (extra !== undefined) throw new EvaluationError(`${type.name} has no member ${extra}.`);
  return object(
    [...type.members].map(([name, member]) => {
      const found = given.get(name);
      if (!found && !member.optional) throw new EvaluationError(`${type.name} needs the member ${name}.`);
      return [name, coerce(found ?? { kind: 'None' }, member)];
    }),
  );
}
