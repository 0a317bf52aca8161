import { compare } from '../../values/compare.ts';
import { Decimal } from '../../values/decimal.ts';
import { Double } from '../../values/double.ts';
import { Duration, DURATION_UNITS } from '../../values/duration.ts';
import { MEMORY_UNITS, MemoryUnit } from '../../values/memory.ts';
import {
  type GroovyNumber,
  integer,
  isInteger,
  toDecimal,
  toDouble,
  toInteger,
} from '../../values/number.ts';
import { text } from '../../values/text.ts';
import type { Value } from '../../values/value.ts';
import { add, bitwise, calculate, multiply, negate, subtract } from '../arithmetic.ts';
import { closureOf, type Methods } from './method.ts';

export const numbers: Methods<GroovyNumber> = {
  plus: (self, [other]) => add(self, other),
  minus: (self, [other]) => subtract(self, other),
  multiply: (self, [other]) => multiply(self, other),
  div: (self, [other]) => calculate('/', self, other),
  divide: (self, [other]) => calculate('/', self, other),
  add: (self, [other]) => add(self, other),
  subtract: (self, [other]) => subtract(self, other),
  intdiv: (self, [other]) => toInteger(calculate('/', self, other)),
  mod: (self, [other]) => calculate('%', self, other),
  remainder: (self, [other]) => calculate('%', self, other),
  power: (self, [other]) => calculate('**', self, other),
  pow: (self, [other]) => calculate('**', self, other),
  and: (self, [other]) => bitwise('&', self, other),
  or: (self, [other]) => bitwise('|', self, other),
  xor: (self, [other]) => bitwise('^', self, other),
  negate: (self) => negate(self),
  negative: (self) => negate(self),
  next: (self) => add(self, 1),
  previous: (self) => subtract(self, 1),
  abs: (self) => (compare(self, 0) < 0 ? negate(self) : self),
  round: (self, [digits]) => round(self, digits),
  trunc: (self, [digits]) =>
    new Double(Math.trunc(toDouble(self) * 10 ** Number(digits ?? 0)) / 10 ** Number(digits ?? 0)),
  ceil: (self) => new Double(Math.ceil(toDouble(self))),
  floor: (self) => new Double(Math.floor(toDouble(self))),
  setScale: (self, [digits]) => toDecimal(self).round(Number(digits)),
  toInteger: (self) => toInteger(self),
  intValue: (self) => toInteger(self),
  longValue: (self) => toInteger(self),
  toLong: (self) => toInteger(self),
  toBigInteger: (self) => toInteger(self),
  toDouble: (self) => new Double(toDouble(self)),
  doubleValue: (self) => new Double(toDouble(self)),
  toFloat: (self) => new Double(toDouble(self)),
  floatValue: (self) => new Double(toDouble(self)),
  toBigDecimal: (self) => toDecimal(self),
  toString: (self: GroovyNumber, [radix]: readonly Value[]): Value =>
    radix === undefined ? text(self) : BigInt(toInteger(self)).toString(Number(radix)),
  compareTo: (self, [other]) => Math.sign(compare(self, other)),
  equals: (self, [other]) => compare(self, other) === 0,
  hashCode: (self) => toInteger(self),
  isNaN: (self) => Number.isNaN(toDouble(self)),
  isInteger: (self) => isInteger(self),
  isNumber: () => true,
  max: (self, [other]) => (compare(self, other) >= 0 ? self : other),
  min: (self, [other]) => (compare(self, other) <= 0 ? self : other),
  times: (self, [closure]) => {
    const fn = closureOf(closure, 'times');
    for (let index = 0; index < toDouble(self); index += 1) fn.apply([index]);
    return null;
  },
  upto: (self, [to, closure]) => {
    for (let at = toDouble(self); at <= toDouble(to); at += 1) closureOf(closure, 'upto').apply([at]);
    return null;
  },
  downto: (self, [to, closure]) => {
    for (let at = toDouble(self); at >= toDouble(to); at -= 1) closureOf(closure, 'downto').apply([at]);
    return null;
  },
  step: (self, [to, by, closure]) => {
    for (let at = toDouble(self); at < toDouble(to); at += toDouble(by))
      closureOf(closure, 'step').apply([at]);
    return null;
  },
  toPlainString: (self) => text(self),
  stripTrailingZeros: (self) => toDecimal(self).strip(),
};

function round(self: GroovyNumber, digits: Value): Value {
  if (isInteger(self)) return self;
  if (digits !== undefined) {
    const rounded = toDecimal(self).round(Number(digits));
    return self instanceof Double ? new Double(rounded.toNumber()) : rounded;
  }
  return self instanceof Decimal ? integer(self.round(0).toInteger()) : Math.floor(toDouble(self) + 0.5);
}

/** `5.GB`, `2.h`: a number with a unit. */
export function unitOf(self: GroovyNumber, unit: string): Value | undefined {
  if ((MEMORY_UNITS as readonly string[]).includes(unit.toUpperCase()))
    return MemoryUnit.parse(`${text(self)} ${unit}`);
  const millis = Object.hasOwn(DURATION_UNITS, unit) ? DURATION_UNITS[unit] : undefined;
  return millis === undefined ? undefined : new Duration(Math.trunc(toDouble(self) * millis));
}
