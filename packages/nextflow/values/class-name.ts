import { Decimal } from './decimal.ts';
import { Double } from './double.ts';
import { LazyString } from './lazy-string.ts';
import { GroovyMap, GroovySet } from './map.ts';
import { Range } from './range.ts';
import { GroovyObject, type Value } from './value.ts';

const INTEGER_LIMIT = 2 ** 31;

/** The name of a value's class without its package: what `getClass().simpleName` gives. */
export function classNameOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'String';
    case 'boolean':
      return 'Boolean';
    case 'number':
      return value >= -INTEGER_LIMIT && value < INTEGER_LIMIT ? 'Integer' : 'Long';
    case 'bigint':
      return 'Long';
    case 'object':
      return value === null ? 'null' : objectClass(value);
    default:
      return typeof value;
  }
}

function objectClass(value: object): string {
  if (Array.isArray(value)) return 'ArrayList';
  if (value instanceof GroovyMap) return 'LinkedHashMap';
  if (value instanceof GroovySet) return 'LinkedHashSet';
  if (value instanceof Decimal) return 'BigDecimal';
  if (value instanceof Double) return 'Double';
  if (value instanceof Range) return typeof value.from === 'number' ? 'IntRange' : 'ObjectRange';
  if (value instanceof LazyString) return 'GString';
  if (value instanceof GroovyObject) return value.className;
  return value.constructor.name;
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  String: ['CharSequence', 'Comparable'],
  GString: ['CharSequence', 'Comparable'],
  Integer: ['Number', 'int', 'Comparable', 'Long', 'long'],
  Long: ['Number', 'long', 'Comparable', 'BigInteger'],
  BigDecimal: ['Number', 'Comparable', 'Float', 'Double'],
  Double: ['Number', 'double', 'Comparable', 'Float'],
  Boolean: ['boolean', 'Comparable'],
  ArrayList: ['List', 'Collection', 'Iterable', 'AbstractList', 'Bag', 'RandomAccess'],
  ArrayBag: ['Bag', 'List', 'Collection', 'Iterable', 'ArrayList'],
  IntRange: ['List', 'Collection', 'Iterable', 'Range'],
  ObjectRange: ['List', 'Collection', 'Iterable', 'Range'],
  LinkedHashMap: ['Map', 'HashMap', 'AbstractMap', 'TreeMap'],
  LinkedHashSet: ['Set', 'HashSet', 'Collection', 'Iterable', 'TreeSet'],
  Closure: ['Callable', 'Runnable', 'groovy.lang.Closure', 'Function'],
  UnixPath: ['Path', 'TaskPath', 'XPath'],
  MemoryUnit: ['Comparable'],
  Duration: ['Comparable'],
  DataflowQueue: ['DataflowReadChannel', 'DataflowWriteChannel', 'DataflowBroadcast', 'Channel'],
  DataflowVariable: ['DataflowReadChannel', 'DataflowWriteChannel', 'Value'],
};

/** Whether a value of the class `name` is also one of the class `asked`, of those that we know. */
export function isKindOf(name: string, asked: string): boolean {
  const simple = asked.slice(asked.lastIndexOf('.') + 1);
  return (
    simple === 'Object' || simple === name || (Object.hasOwn(KINDS, name) && KINDS[name]!.includes(simple))
  );
}
