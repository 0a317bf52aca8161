import { Closure } from '../../values/closure.ts';
import { LazyString } from '../../values/lazy-string.ts';
import { GroovyMap, GroovySet } from '../../values/map.ts';
import { isNumber } from '../../values/number.ts';
import { FilePath } from '../../values/path.ts';
import { Matcher } from '../../values/pattern.ts';
import { Range } from '../../values/range.ts';
import type { Value } from '../../values/value.ts';
import { splitMethods } from '../../split/methods.ts';
import { items } from '../items.ts';
import { changing, reading } from './lists.ts';
import { maps } from './maps.ts';
import type { Method, Methods } from './method.ts';
import { numbers } from './numbers.ts';
import { closures, objects } from './objects.ts';
import { strings } from './strings.ts';

/** The method of that name which a value of Groovy's own types has. */
export function methodOf(value: Value, name: string): Method<Value> | undefined {
  for (const table of tables(value)) {
    if (Object.hasOwn(table, name)) return table[name];
  }
  return undefined;
}

export function methodNames(value: Value): string[] {
  return tables(value).flatMap((table) => Object.keys(table));
}

const LIST = [changing, reading, objects] as unknown as readonly Methods<Value>[];
const FIXED = [fixed(reading), objects] as unknown as readonly Methods<Value>[];
const SET = [setMethods(), fixed(changing), fixed(reading), objects] as unknown as readonly Methods<Value>[];
const MAP = [maps, objects] as unknown as readonly Methods<Value>[];
const STRING = [strings, splitMethods, objects] as unknown as readonly Methods<Value>[];
const LAZY = [lazy(), objects] as unknown as readonly Methods<Value>[];
const NUMBER = [numbers, objects] as unknown as readonly Methods<Value>[];
const CLOSURE = [closures, objects] as unknown as readonly Methods<Value>[];
const PATH = [splitMethods, objects] as unknown as readonly Methods<Value>[];
const OBJECT = [objects] as unknown as readonly Methods<Value>[];
const BOOLEAN = [booleans(), objects] as unknown as readonly Methods<Value>[];

function tables(value: Value): readonly Methods<Value>[] {
  if (typeof value === 'string') return STRING;
  if (isNumber(value)) return NUMBER;
  if (typeof value === 'boolean') return BOOLEAN;
  if (Array.isArray(value)) return LIST;
  if (value instanceof GroovyMap) return MAP;
  if (value instanceof GroovySet) return SET;
  if (value instanceof Range || value instanceof Matcher || value instanceof Uint8Array) return FIXED;
  if (value instanceof Closure) return CLOSURE;
  if (value instanceof LazyString) return LAZY;
  return value instanceof FilePath ? PATH : OBJECT;
}

/** Methods of lists for what can be listed; what they would change is a copy. */
function fixed(methods: Methods<never[]> | Methods<readonly Value[]>): Methods<Value> {
  const made: Record<string, Method<Value>> = {};
  for (const [name, method] of Object.entries(methods as Methods<Value[]>)) {
    made[name] = (self, args, world) => method([...items(self)], args, world);
  }
  return made;
}

function lazy(): Methods<LazyString> {
  const made: Record<string, Method<LazyString>> = {};
  for (const [name, method] of Object.entries(strings))
    made[name] = (self, args, world) => method(self.toString(), args, world);
  return made;
}

function setMethods(): Methods<GroovySet> {
  return {
    add: (set, [item]) => set.add(item),
    addAll: (set, [others]) => [...items(others)].map((item) => set.add(item)).some(Boolean),
    leftShift: (set, [item]) => {
      set.add(item);
      return set;
    },
    remove: (set, [item]) => set.delete(item),
    removeAll: (set, [others]) => [...items(others)].map((item) => set.delete(item)).some(Boolean),
    contains: (set, [item]) => set.has(item),
    clear: (set) => {
      set.clear();
      return null;
    },
    size: (set) => set.size,
    each: (set, args, world) => {
      reading['each']!([...set], args, world);
      return set;
    },
  };
}

function booleans(): Methods<boolean> {
  return {
    booleanValue: (self) => self,
    toBoolean: (self) => self,
    and: (self, [other]) => self && other === true,
    or: (self, [other]) => self || other === true,
    xor: (self, [other]) => self !== other,
    negate: (self) => !self,
  };
}
