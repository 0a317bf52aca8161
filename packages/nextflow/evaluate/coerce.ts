import type { TypeNode } from '../syntax/expression-node.ts';
import { classNameOf, isKindOf } from '../values/class-name.ts';
import { Closure } from '../values/closure.ts';
import { Duration } from '../values/duration.ts';
import { Double } from '../values/double.ts';
import { fault } from '../values/errors.ts';
import { exceptionIsA, isException } from '../values/exception.ts';
import { GroovyMap, GroovySet } from '../values/map.ts';
import { MemoryUnit } from '../values/memory.ts';
import { isNumber, parseNumber, toDecimal, toDouble, toInteger } from '../values/number.ts';
import { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { VersionNumber } from '../values/version.ts';
import { Instance } from './instance.ts';
import { items } from './items.ts';
import { bagOf, BagList } from '../values/bag.ts';

/** Where texts become paths. */
export interface PathMaker {
  path(location: string): FilePath;
}

/** `value as Type`, `(Type) value`, and the type of a declaration. */
export function coerce(value: Value, type: Pick<TypeNode, 'name' | 'array'>, paths: PathMaker): Value {
  const name = type.name.slice(type.name.lastIndexOf('.') + 1);
  if (type.array) return value === null ? null : items(value);
  if (value === null)
    return name === 'boolean' || name === 'Boolean' ? (name === 'boolean' ? false : null) : null;
  switch (name) {
    case 'String':
    case 'CharSequence':
    case 'GString':
      return value instanceof Closure ? value : text(value);
    case 'int':
    case 'Integer':
    case 'long':
    case 'Long':
    case 'short':
    case 'byte':
    case 'BigInteger':
      return asInteger(value, name);
    case 'float':
    case 'Float':
    case 'double':
    case 'Double':
      return new Double(toDouble(numberOf(value, name)));
    case 'BigDecimal':
      return toDecimal(numberOf(value, name));
    case 'Number':
      return numberOf(value, name);
    case 'boolean':
    case 'Boolean':
      return truth(value);
    case 'List':
    case 'ArrayList':
    case 'Collection':
    case 'Iterable':
    case 'LinkedList':
    case 'Tuple':
      return Array.isArray(value) ? value : items(value);
    case 'Bag':
      return value instanceof BagList ? value : bagOf(items(value));
    case 'Set':
    case 'HashSet':
    case 'LinkedHashSet':
    case 'TreeSet':
      return value instanceof GroovySet ? value : new GroovySet(items(value));
    case 'Map':
    case 'LinkedHashMap':
    case 'HashMap':
      return asMap(value);
    case 'Path':
    case 'File':
      return value instanceof FilePath ? value : paths.path(text(value));
    case 'Duration':
      return Duration.parse(value);
    case 'MemoryUnit':
      return MemoryUnit.parse(value);
    case 'VersionNumber':
      return new VersionNumber(text(value));
    case 'char':
    case 'Character':
      return typeof value === 'number' ? String.fromCharCode(value) : text(value)[0];
    default:
      return value;
  }
}

function asMap(value: Value): Value {
  if (value instanceof Instance) return value.fields.copy();
  if (value instanceof GroovyMap || value instanceof GroovyObject) return value;
  throw fault(`${classNameOf(value)} ${text(value)} cannot become a Map.`, 'GroovyCastException');
}

function asInteger(value: Value, name: string): Value {
  if (typeof value === 'string' && value.length === 1 && !/\d/.test(value)) return value.charCodeAt(0);
  if (typeof value === 'string' && !/^\s*[+-]?\d+\s*$/.test(value))
    throw fault(`"${value}" is not a whole number (${name}).`, 'NumberFormatException');
  const number = toInteger(numberOf(value, name));
  if (name !== 'int' && name !== 'Integer') return number;
  return typeof number === 'number' && Math.abs(number) <= 2 ** 31
    ? number
    : Number(BigInt.asIntN(32, BigInt(number)));
}

function numberOf(value: Value, name: string): Value {
  if (isNumber(value)) return value;
  if (typeof value === 'string' || (value instanceof GroovyObject && value.className === 'GString')) {
    return parseText(text(value), name);
  }
  if (typeof value === 'object' && value !== null && classNameOf(value) === 'GString')
    return parseText(text(value), name);
  throw fault(`${classNameOf(value)} ${text(value)} cannot become ${name}.`, 'GroovyCastException');
}

export function parseText(written: string, name: string): Value {
  const trimmed = written.trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfFlLgG]?$/.test(trimmed)) {
    throw fault(`"${written}" is not a number (${name}).`, 'NumberFormatException');
  }
  const sign = trimmed.startsWith('-') ? -1 : 1;
  const number = parseNumber(trimmed.replace(/^[+-]/, '').replace(/^0+(?=\d)/, ''));
  if (sign === 1) return number;
  if (typeof number === 'number' || typeof number === 'bigint') return -number;
  return number instanceof Double ? new Double(-number.value) : (number as { negate(): Value }).negate();
}

/** `value instanceof Type`. */
export function isInstance(value: Value, asked: string): boolean {
  if (value === null || value === undefined) return false;
  const simple = asked.slice(asked.lastIndexOf('.') + 1);
  if (value instanceof Instance) return value.isA(simple) || (simple === 'Map' && value.type.isRecord);
  if (value instanceof BagList) return isKindOf('ArrayBag', simple);
  const name = classNameOf(value);
  if (isException(name)) return exceptionIsA(name, simple);
  if (simple === 'Record') return value instanceof GroovyMap;
  if (simple === 'Tuple') return Array.isArray(value);
  if (value instanceof FilePath && simple === 'File') return true;
  if (simple === 'Integer' && name === 'Long') return false;
  return isKindOf(name, simple);
}
