import { classNameOf } from '../values/class-name.ts';
import { Closure } from '../values/closure.ts';
import { Decimal } from '../values/decimal.ts';
import { Double } from '../values/double.ts';
import { fault, nullReference } from '../values/errors.ts';
import { LazyString } from '../values/lazy-string.ts';
import { GroovyMap, GroovySet } from '../values/map.ts';
import { equal } from '../values/compare.ts';
import { integer, isInteger, isNumber, toDecimal, toDouble } from '../values/number.ts';
import { Range } from '../values/range.ts';
import { text } from '../values/text.ts';
import { GroovyObject, type Value } from '../values/value.ts';

type Operator = '+' | '-' | '*' | '/' | '%' | '**';

const METHODS: Readonly<Record<string, string>> = {
  ...{ '+': 'plus', '-': 'minus', '*': 'multiply', '/': 'div', '%': 'mod', '**': 'power' },
  ...{
    '<<': 'leftShift',
    '>>': 'rightShift',
    '&': 'and',
    '|': 'or',
    '^': 'xor',
    '>>>': 'rightShiftUnsigned',
  },
};

/** `a + b` of whatever they are. */
export function add(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    return Number.isSafeInteger(sum) ? sum : BigInt(a) + BigInt(b);
  }
  if (typeof a === 'string') return a + text(b);
  if (typeof b === 'string' && (isNumber(a) || a === null || typeof a === 'boolean')) return text(a) + b;
  if (isNumber(a) && isNumber(b)) return numbers('+', a, b);
  if (Array.isArray(a) || a instanceof Range) return [...(a as Iterable<Value>), ...itemsOf(b)];
  if (a instanceof GroovySet) return new GroovySet([...a, ...itemsOf(b)]);
  if (a instanceof GroovyMap && (b instanceof GroovyMap || b === null)) {
    const sum = a.copy();
    if (b) for (const [key, value] of b) sum.set(key, value);
    return sum;
  }
  if (a instanceof LazyString) return text(a) + text(b);
  return overloaded('+', a, b);
}

function itemsOf(value: Value): Iterable<Value> {
  if (Array.isArray(value) || value instanceof Range || value instanceof GroovySet)
    return value as Iterable<Value>;
  return [value];
}

export function subtract(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    return Number.isSafeInteger(difference) ? difference : BigInt(a) - BigInt(b);
  }
  if (isNumber(a) && isNumber(b)) return numbers('-', a, b);
  if (Array.isArray(a) || a instanceof Range) {
    const gone = [...itemsOf(b)];
    return [...a].filter((item) => !gone.some((each) => equal(each, item)));
  }
  if (a instanceof GroovySet)
    return new GroovySet([...a].filter((item) => ![...itemsOf(b)].some((each) => equal(each, item))));
  if (a instanceof GroovyMap && b instanceof GroovyMap) {
    return GroovyMap.from([...a].filter(([key, value]) => !(b.has(key) && equal(b.get(key), value))));
  }
  if (typeof a === 'string') return a.replace(text(b), '');
  return overloaded('-', a, b);
}

export function multiply(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    return Number.isSafeInteger(product) ? product : BigInt(a) * BigInt(b);
  }
  if (isNumber(a) && isNumber(b)) return numbers('*', a, b);
  if (typeof a === 'string' && isNumber(b)) return a.repeat(count(b));
  if (Array.isArray(a) && isNumber(b)) return Array.from({ length: count(b) }, () => a as Value[]).flat();
  if (isNumber(a) && b instanceof GroovyObject) return overloaded('*', b, a);
  return overloaded('*', a, b);
}

function count(value: Value): number {
  const number = toDouble(value);
  if (number < 0) throw fault(`Something cannot be repeated ${number} times.`, 'IllegalArgumentException');
  if (number > 50_000_000)
    throw fault(`Repeating something ${number} times is too much.`, 'IllegalArgumentException');
  return Math.trunc(number);
}

/** `/`, `%` and `**`. */
export function calculate(operator: Operator, a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) return numbers(operator, a, b);
  return overloaded(operator, a, b);
}

function numbers(operator: Operator, a: Value, b: Value): Value {
  if (a instanceof Double || b instanceof Double)
    return new Double(doubles(operator, toDouble(a), toDouble(b)));
  if (operator === '/' || a instanceof Decimal || b instanceof Decimal)
    return decimals(operator, toDecimal(a), toDecimal(b));
  return integers(operator, a as number | bigint, b as number | bigint);
}

function doubles(operator: Operator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '**':
      return a ** b;
  }
}

function decimals(operator: Operator, a: Decimal, b: Decimal): Value {
  if ((operator === '/' || operator === '%') && b.unscaled === 0n)
    throw fault('Division by zero.', 'ArithmeticException');
  switch (operator) {
    case '+':
      return a.plus(b);
    case '-':
      return a.minus(b);
    case '*':
      return a.times(b);
    case '/':
      return a.divide(b);
    case '%':
      return a.remainder(b);
    case '**': {
      const exponent = b.toNumber();
      return Number.isInteger(exponent) && exponent >= 0 && exponent < 10_000
        ? a.power(exponent)
        : new Double(a.toNumber() ** exponent);
    }
  }
}

function integers(operator: Operator, a: number | bigint, b: number | bigint): Value {
  const [x, y] = [BigInt(a), BigInt(b)];
  switch (operator) {
    case '%':
      if (y === 0n) throw fault('Division by zero.', 'ArithmeticException');
      return integer(x % y);
    case '**':
      if (y < 0n) return new Double(Number(x) ** Number(y));
      if (y > 100_000n) throw fault(`The power ${y} is too large.`, 'ArithmeticException');
      return integer(x ** y);
    case '+':
      return integer(x + y);
    case '-':
      return integer(x - y);
    default:
      return integer(x * y);
  }
}

/** `<<`, `>>`, `>>>`, `&`, `|` and `^`. */
export function bitwise(operator: string, a: Value, b: Value): Value {
  if (operator === '<<') {
    if (Array.isArray(a)) {
      a.push(b);
      return a;
    }
    if (a instanceof GroovySet) {
      a.add(b);
      return a;
    }
    if (typeof a === 'string') return a + text(b);
  }
  if (a instanceof GroovyMap && b instanceof GroovyMap && operator === '<<') {
    for (const [key, value] of b) a.set(key, value);
    return a;
  }
  if (isInteger(a) && isInteger(b)) return integerBits(operator, BigInt(a), BigInt(b));
  if (typeof a === 'boolean' && typeof b === 'boolean')
    return operator === '&' ? a && b : operator === '|' ? a || b : a !== b;
  return overloaded(operator, a, b);
}

function integerBits(operator: string, a: bigint, b: bigint): Value {
  switch (operator) {
    case '&':
      return integer(a & b);
    case '|':
      return integer(a | b);
    case '^':
      return integer(a ^ b);
    case '<<':
      return integer(BigInt.asIntN(64, a << (b & 63n)));
    default:
      return integer(a >> (b & 63n));
  }
}

export function negate(value: Value): Value {
  if (typeof value === 'number' || typeof value === 'bigint') return -value;
  if (value instanceof Decimal) return value.negate();
  if (value instanceof Double) return new Double(-value.value);
  if (Array.isArray(value)) return value.map(negate);
  throw fault(`There is no negative of ${classNameOf(value)}.`, 'MissingMethodException');
}

/** An operator is a method: `plus` for `+`. */
function overloaded(operator: string, a: Value, b: Value): Value {
  const method = METHODS[operator]!;
  if (a === null) throw nullReference(`use "${operator}"`);
  if (a instanceof GroovyObject) {
    const result = a.invoke(method, [b]);
    if (result !== undefined) return result;
    if (a instanceof Closure && operator === '<<' && b instanceof Closure) {
      return new Closure((_self, ...args) => a.apply([b.apply(args)]), a.owner, b.facts);
    }
    if (a instanceof Closure && operator === '>>' && b instanceof Closure) {
      return new Closure((_self, ...args) => b.apply([a.apply(args)]), a.owner, a.facts);
    }
    if (operator === '+' && typeof b === 'string') return text(a) + b;
    const other = a.standsFor();
    if (other !== undefined && operator === '+') return add(other, b);
    if (other !== undefined && operator === '-') return subtract(other, b);
  }
  throw fault(
    `The operator "${operator}" does not apply to ${classNameOf(a)} and ${classNameOf(b)}.`,
    'MissingMethodException',
  );
}
