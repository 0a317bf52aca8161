import { Closure, type Scope } from '../../values/closure.ts';
import { compare, equal } from '../../values/compare.ts';
import { keyOf } from '../../values/key.ts';
import { text } from '../../values/text.ts';
import type { Value } from '../../values/value.ts';
import { isCase } from '../is-case.ts';
import { items } from '../items.ts';
import { ValueScope } from '../value-scope.ts';
import { inspect, reading } from './lists.ts';
import { closureOf, type Methods, type World } from './method.ts';

/** Methods that every value has. */
export const objects: Methods<Value> = {
  toString: (self: Value): Value => text(self),
  equals: (self, [other]) => equal(self, other),
  is: (self, [other]) => self === other,
  compareTo: (self, [other]) => compare(self, other),
  hashCode: (self) => String(keyOf(self)).length,
  getClass: (self, _args, world) => world.classOf(self),
  inspect: (self) => inspect(self),
  dump: (self) => inspect(self),
  isCase: (self, [value]) => isCase(value, self),
  with: (self, [closure], world) => around(self, closure, world).apply([self]),
  tap: (self, [closure], world) => {
    around(self, closure, world).apply([self]);
    return self;
  },
  asType: (self, [type], world) => world.coerce(self, text(type).replace(/^(class|interface) /, '')),
  asBoolean: (self) => self !== null,
  each: (self, args, world) => reading['each']!(items(self), args, world),
  collect: (self, args, world) => reading['collect']!(items(self), args, world),
  any: (self, args, world) => reading['any']!(items(self), args, world),
  every: (self, args, world) => reading['every']!(items(self), args, world),
  find: (self, args, world) => reading['find']!(items(self), args, world),
  findAll: (self, args, world) => reading['findAll']!(items(self), args, world),
  inject: (self, args, world) => reading['inject']!(items(self), args, world),
  eachWithIndex: (self, args, world) => reading['eachWithIndex']!(items(self), args, world),
  collectEntries: (self, args, world) => reading['collectEntries']!(items(self), args, world),
  invokeMethod: (self, [name, args], world) => world.call(self, text(name), [...items(args)]),
  print: (_self, [value], world) => (world.print(text(value)), null),
};

function around(self: Value, closure: Value, world: World): Closure {
  const scope: Scope = new ValueScope(self, world);
  return closureOf(closure, 'with').withDelegate(scope, 'delegate-first', self);
}

export const closures: Methods<Closure> = {
  call: (self, args) => self.apply(args),
  doCall: (self, args) => self.apply(args),
  run: (self) => self.apply([]),
  apply: (self, args) => self.apply(args),
  accept: (self, args) => self.apply(args),
  curry: (self, first) =>
    new Closure((_self, ...args) => self.apply([...first, ...args]), self.owner, {
      ...self.facts,
      arity: Math.max(0, self.facts.arity - first.length),
    }),
  rcurry: (self, last) =>
    new Closure((_self, ...args) => self.apply([...args, ...last]), self.owner, {
      ...self.facts,
      arity: Math.max(0, self.facts.arity - last.length),
    }),
  memoize: (self) => {
    const known = new Map<Value, Value>();
    return new Closure(
      (_self, ...args) => {
        const key = keyOf(args);
        if (!known.has(key)) known.set(key, self.apply(args));
        return known.get(key);
      },
      self.owner,
      self.facts,
    );
  },
  clone: (self) => new Closure(self.body, self.owner, self.facts),
  rehydrate: (self, [delegate], world) =>
    self.withDelegate(new ValueScope(delegate, world), 'owner-first', delegate),
  getMaximumNumberOfParameters: (self) => self.arity,
  setDelegate: (self, [value], world) => {
    self.delegate = new ValueScope(value, world);
    self.delegateValue = value;
    return null;
  },
  setResolveStrategy: (self, [strategy]) => {
    self.strategy =
      (['owner-first', 'delegate-first', 'owner-only', 'delegate-only'] as const)[Number(strategy)] ??
      'owner-first';
    return null;
  },
  andThen: (self, [other]) =>
    new Closure(
      (_self, ...args) => closureOf(other, 'andThen').apply([self.apply(args)]),
      self.owner,
      self.facts,
    ),
};
