import { occursIn, safeExpression } from '../../log-event/safe-expression.ts';
import { FUNCTIONS, periodOf } from './functions.ts';
import { malformed } from './malformed.ts';
import type { Token, Tokens } from './tokens.ts';
import { compare, isEqual, numberOf, textOf, type Value } from './value.ts';

/** What an expression asks a line for. */
export type FieldOf = (name: string) => Value;
export type Expression = (field: FieldOf) => Value;

/** How deep expressions may nest. */
const DEEPEST = 64;

/** `or` binds least, then `and`, `not`, comparisons, sums, products, powers. */
export function parseExpression(tokens: Tokens, depth = 0): Expression {
  if (depth > DEEPEST) throw malformed(tokens.peek(), 'expressions nest too deep');
  const parts = [conjunction(tokens, depth)];
  while (tokens.takeWord('or')) parts.push(conjunction(tokens, depth));
  return parts.length === 1 ? parts[0]! : (field) => parts.some((part) => holds(part(field)));
}

export function holds(value: Value): boolean {
  return value === true || (typeof value === 'number' && value !== 0);
}

function conjunction(tokens: Tokens, depth: number): Expression {
  const parts = [negation(tokens, depth)];
  while (tokens.takeWord('and')) parts.push(negation(tokens, depth));
  return parts.length === 1 ? parts[0]! : (field) => parts.every((part) => holds(part(field)));
}

function negation(tokens: Tokens, depth: number): Expression {
  if (!tokens.takeWord('not')) return comparison(tokens, depth);
  if (depth > DEEPEST) throw malformed(tokens.peek(), 'expressions nest too deep');
  const inner = negation(tokens, depth + 1);
  return (field) => !holds(inner(field));
}

function comparison(tokens: Tokens, depth: number): Expression {
  const left = sum(tokens, depth);
  const isNegated = tokens.isWord('not') && tokens.takeWord('not');
  if (tokens.takeWord('like') || tokens.takeSign('=~')) return negated(isNegated, like(tokens, left));
  if (tokens.takeWord('in')) return negated(isNegated, among(tokens, left, depth));
  const { kind, text } = tokens.peek();
  if (isNegated) throw malformed(tokens.peek(), 'like or in is expected after not');
  if (kind !== 'sign' || !Object.hasOwn(COMPARISONS, text)) return left;
  tokens.take();
  const right = sum(tokens, depth);
  const test = COMPARISONS[text]!;
  return (field) => test(left(field), right(field));
}

const ordered = (test: (order: number) => boolean) => (a: Value, b: Value) =>
  a !== undefined && b !== undefined && test(compare(a, b));
const COMPARISONS: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  '=': isEqual,
  '!=': (a, b) => !isEqual(a, b),
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
};

function negated(isNegated: boolean, test: Expression): Expression {
  return isNegated ? (field) => !holds(test(field)) : test;
}

/** `like /expression/` or `like "a part"`. */
function like(tokens: Tokens, left: Expression): Expression {
  const expression = tokens.takeExpression();
  const part = expression ?? tokens.take();
  if (part.kind !== 'expression' && part.kind !== 'text')
    throw malformed(part, 'a /regular expression/ or a "text" is expected');
  const occurs = part.kind === 'text' ? (text: string) => text.includes(part.text) : expressionTest(part);
  return (field) => {
    const value = left(field);
    return value !== undefined && occurs(textOf(value));
  };
}

function expressionTest(token: Token): (text: string) => boolean {
  return occursIn(compileExpression(token));
}

/** Throws MalformedQueryException where RE2 cannot read it. */
export function compileExpression(token: Token): ReturnType<typeof safeExpression> {
  try {
    return safeExpression(token.text, token.text);
  } catch (error) {
    throw malformed(token, `the regular expression cannot be read: ${(error as Error).message}`);
  }
}

function among(tokens: Tokens, left: Expression, depth: number): Expression {
  tokens.expectSign('[');
  const values = [sum(tokens, depth)];
  while (tokens.takeSign(',')) values.push(sum(tokens, depth));
  tokens.expectSign(']');
  return (field) => {
    const value = left(field);
    return values.some((one) => isEqual(value, one(field)));
  };
}

function sum(tokens: Tokens, depth: number): Expression {
  let left = product(tokens, depth);
  for (;;) {
    const sign = (['+', '-'] as const).find((one) => tokens.takeSign(one));
    if (!sign) return left;
    left = calculated(sign, left, product(tokens, depth));
  }
}

function product(tokens: Tokens, depth: number): Expression {
  let left = power(tokens, depth);
  for (;;) {
    const sign = (['*', '/', '%'] as const).find((one) => tokens.takeSign(one));
    if (!sign) return left;
    left = calculated(sign, left, power(tokens, depth));
  }
}

function power(tokens: Tokens, depth: number): Expression {
  const left = operand(tokens, depth);
  return tokens.takeSign('^') ? calculated('^', left, operand(tokens, depth)) : left;
}

const CALCULATIONS = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '%': (a: number, b: number) => a % b,
  '^': (a: number, b: number) => a ** b,
};

function calculated(sign: keyof typeof CALCULATIONS, left: Expression, right: Expression): Expression {
  const calculate = CALCULATIONS[sign];
  return (field) => {
    const result = calculate(numberOf(left(field)), numberOf(right(field)));
    return Number.isFinite(result) ? result : undefined;
  };
}

function operand(tokens: Tokens, depth: number): Expression {
  if (tokens.takeSign('(')) {
    const inner = parseExpression(tokens, depth + 1);
    tokens.expectSign(')');
    return inner;
  }
  if (tokens.takeSign('-')) return calculated('-', () => 0, operand(tokens, depth + 1));
  const token = tokens.take();
  if (token.kind === 'number') return constant(Number(token.text));
  if (token.kind === 'text') return constant(token.text);
  if (token.kind !== 'name') throw malformed(token, 'a field, a value or a function is expected');
  if (!token.isQuoted && tokens.takeSign('(')) return call(tokens, token, depth);
  if (!token.isQuoted && /^(?:true|false)$/i.test(token.text))
    return constant(token.text.toLowerCase() === 'true');
  return (field) => field(token.text);
}

function constant(value: Value): Expression {
  return () => value;
}

function call(tokens: Tokens, name: Token, depth: number): Expression {
  const word = name.text.toLowerCase();
  if (word === 'bin') return bin(tokens);
  if (word === 'datefloor' || word === 'dateceil') return rounded(tokens, word, depth);
  const called = Object.hasOwn(FUNCTIONS, word) ? FUNCTIONS[word] : undefined;
  if (!called) throw malformed(name, `there is no function ${name.text}`);
  const values: Expression[] = [];
  if (!tokens.takeSign(')')) {
    do values.push(parseExpression(tokens, depth + 1));
    while (tokens.takeSign(','));
    tokens.expectSign(')');
  }
  if (values.length < called.least || values.length > called.most)
    throw malformed(name, `${name.text} does not take ${values.length} arguments`);
  return (field) => called.of(...values.map((value) => value(field)));
}

/** `bin(5m)`: the line's time, rounded down. */
function bin(tokens: Tokens): Expression {
  const period = parsePeriod(tokens);
  tokens.expectSign(')');
  return roundedTime((field) => field('@timestamp'), period, Math.floor);
}

function rounded(tokens: Tokens, word: 'datefloor' | 'dateceil', depth: number): Expression {
  const time = parseExpression(tokens, depth + 1);
  tokens.expectSign(',');
  const period = parsePeriod(tokens);
  tokens.expectSign(')');
  return roundedTime(time, period, word === 'datefloor' ? Math.floor : Math.ceil);
}

function roundedTime(time: Expression, period: number, round: (number: number) => number): Expression {
  return (field) => {
    const millis = numberOf(time(field));
    return Number.isNaN(millis) ? undefined : { millis: round(millis / period) * period };
  };
}

function parsePeriod(tokens: Tokens): number {
  const amount = tokens.take();
  const unit = tokens.take();
  const period =
    amount.kind === 'number' && unit.kind === 'name'
      ? periodOf(Number(amount.text), unit.text.toLowerCase())
      : undefined;
  if (period === undefined || period <= 0)
    throw malformed({ start: amount.start, end: unit.end }, 'a period such as 30s, 5m, 1h or 1d is expected');
  return period;
}
