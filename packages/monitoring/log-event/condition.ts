import { errors } from '../errors.ts';
import { compareTo, type FieldTest } from './pattern-value.ts';
import { occursIn, safeExpression } from './safe-expression.ts';

/** Holds for a message, whose fields it asks for by their selector. */
export type Condition = (fieldOf: (selector: string) => unknown) => boolean;

type Words = { readonly pattern: string; readonly words: readonly string[]; next: number };

const WORD = /\s*(&&|\|\||!=|<=|>=|[=<>()]|"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)+%|[^\s=<>!()&|"]+)/y;
/** How deep parentheses may go. */
const DEEPEST = 32;

/** `$.status = 500 && ($.path = "/a*" || $.error IS TRUE)`: `&&` binds closer than `||`. */
export function parseCondition(pattern: string, text: string): Condition {
  const words = wordsOf(pattern, text);
  const at: Words = { pattern, words, next: 0 };
  const condition = either(at, 0);
  if (at.next < words.length) throw refused(pattern, `${words[at.next]} is not expected`);
  return condition;
}

/** The selectors that a condition on JSON asks for, each once. */
export function selectorsOf(pattern: string, text: string): readonly string[] {
  const asks = (_: string, index: number, words: readonly string[]) =>
    /^(?:=|!=|<=?|>=?|IS|NOT)$/i.test(words[index + 1] ?? '');
  return [...new Set(wordsOf(pattern, text).filter(asks))];
}

function wordsOf(pattern: string, text: string): readonly string[] {
  const words: string[] = [];
  WORD.lastIndex = 0;
  for (let end = 0; end < text.trimEnd().length; end = WORD.lastIndex) {
    const match = WORD.exec(text);
    if (!match) throw refused(pattern, `${text.slice(end).trim()} cannot be read`);
    words.push(match[1]!);
  }
  return words;
}

function either(at: Words, depth: number): Condition {
  const parts = [both(at, depth)];
  while (take(at, '||')) parts.push(both(at, depth));
  return parts.length === 1 ? parts[0]! : (fieldOf) => parts.some((part) => part(fieldOf));
}

function both(at: Words, depth: number): Condition {
  const parts = [one(at, depth)];
  while (take(at, '&&')) parts.push(one(at, depth));
  return parts.length === 1 ? parts[0]! : (fieldOf) => parts.every((part) => part(fieldOf));
}

function one(at: Words, depth: number): Condition {
  if (take(at, '(')) {
    if (depth === DEEPEST) throw refused(at.pattern, 'its parentheses go too deep');
    const inner = either(at, depth + 1);
    if (!take(at, ')')) throw refused(at.pattern, 'a parenthesis is not closed');
    return inner;
  }
  const selector = word(at);
  const test = testOf(at);
  return (fieldOf) => test(fieldOf(selector));
}

function testOf(at: Words): FieldTest {
  const sign = word(at);
  if (sign.toUpperCase() === 'IS') {
    const what = word(at).toUpperCase();
    const constants: Readonly<Record<string, unknown>> = { NULL: null, TRUE: true, FALSE: false };
    if (!Object.hasOwn(constants, what))
      throw refused(at.pattern, `IS ${what} is not known; NULL, TRUE and FALSE are`);
    return (value) => value === constants[what];
  }
  if (sign.toUpperCase() === 'NOT' && word(at).toUpperCase() === 'EXISTS')
    return (value) => value === undefined;
  if (!['=', '!=', '<', '<=', '>', '>='].includes(sign))
    throw refused(at.pattern, `${sign} is no comparison`);
  const value = word(at);
  if (value.startsWith('%')) return expressionTest(at.pattern, sign, value.slice(1, -1));
  return compareTo(at.pattern, sign, value.startsWith('"') ? unquoted(value) : value);
}

function expressionTest(pattern: string, sign: string, text: string): FieldTest {
  if (sign !== '=' && sign !== '!=') throw refused(pattern, `${sign} does not go with an expression`);
  const occurs = occursIn(safeExpression(pattern, text));
  const isText = (value: unknown) => typeof value === 'string' || typeof value === 'number';
  return (value) => isText(value) && occurs(String(value)) === (sign === '=');
}

function word(at: Words): string {
  const found = at.words[at.next];
  if (found === undefined) throw refused(at.pattern, 'it ends too early');
  at.next += 1;
  return found;
}

function take(at: Words, wanted: string): boolean {
  if (at.words[at.next] !== wanted) return false;
  at.next += 1;
  return true;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}

function refused(pattern: string, reason: string): Error {
  return errors.unsupportedPattern({ pattern, reason });
}
