import { BlockList, isIP } from 'node:net';
import { errors } from './errors.ts';

/** Whether an event (any JSON object) matches. */
export type EventMatcher = (event: unknown) => boolean;

/** Whether the values found at a place match; none where the place is not there. */
type LeafMatcher = (values: readonly unknown[]) => boolean;
type Json = Readonly<Record<string, unknown>>;

/**
 * Compiles an event pattern: "Amazon EventBridge event patterns" and "Comparison operators" of its guide. Throws
 * InvalidEventPatternException with the place of what is wrong.
 */
export function compilePattern(text: string): EventMatcher {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(pattern)) throw wrong('Filter is not an object');
  return compileObject(pattern, '');
}

function compileObject(pattern: Json, at: string): EventMatcher {
  const names = Object.keys(pattern);
  if (names.length === 0) throw wrong(`Empty objects are not allowed${place(at)}`);
  const members = names.map((name) =>
    name === '$or' ? compileOr(pattern[name], at) : compileMember(name, pattern[name], at),
  );
  return (event) => members.every((member) => member(event));
}

function compileOr(alternatives: unknown, at: string): EventMatcher {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject)) {
    throw wrong(`$or must be an array of two or more objects${place(at)}`);
  }
  const matchers = alternatives.map((one) => compileObject(one, at));
  return (event) => matchers.some((matcher) => matcher(event));
}

function compileMember(name: string, value: unknown, at: string): EventMatcher {
  const path = at === '' ? name : `${at}.${name}`;
  if (Array.isArray(value)) {
    const leaf = compileLeaf(value, path);
    return (event) => leaf(leafValues(member(event, name)));
  }
  if (!isObject(value)) throw wrong(`"${path}" must be an object or an array`);
  const inner = compileObject(value, path);
  // Of an array of objects one element must match the whole: members of different elements are not mixed.
  return (event) => {
    const found = member(event, name);
    return Array.isArray(found) ? found.flat(Infinity).some(inner) : inner(found);
  };
}

/** What an array's elements, or a single value, give to compare; objects are no leaves. */
function leafValues(found: unknown): readonly unknown[] {
  if (found === undefined) return [];
  const values = Array.isArray(found) ? (found.flat(Infinity) as unknown[]) : [found];
  return values.filter((value) => !isObject(value));
}

function compileLeaf(alternatives: readonly unknown[], at: string): LeafMatcher {
  if (alternatives.length === 0) throw wrong(`Empty arrays are not allowed${place(at)}`);
  const matchers = alternatives.map((one) => (isObject(one) ? compileOperator(one, at) : equalTo(one, at)));
  return (values) => matchers.some((matcher) => matcher(values));
}

function equalTo(wanted: unknown, at: string): LeafMatcher {
  if (Array.isArray(wanted)) throw wrong(`Arrays within arrays are not allowed${place(at)}`);
  return some((value) => value === wanted);
}

function compileOperator(operator: Json, at: string): LeafMatcher {
  const [name, ...more] = Object.keys(operator);
  if (name === undefined || more.length > 0)
    throw wrong(`Only one key allowed in match expression${place(at)}`);
  const argument = operator[name];
  if (name === 'exists') return exists(argument, at);
  if (name === 'anything-but') return anythingBut(argument, at);
  return some(compileTest(name, argument, at));
}

function exists(argument: unknown, at: string): LeafMatcher {
  if (typeof argument !== 'boolean') throw wrong(`exists must be true or false${place(at)}`);
  return (values) => values.length > 0 === argument;
}

function anythingBut(argument: unknown, at: string): LeafMatcher {
  const refused = isObject(argument) ? someOperator(argument, at) : oneOf(argument, at);
  return (values) => values.some((value) => !refused(value));
}

/** `anything-but` of an operator, whose argument may be a list. */
function someOperator(operator: Json, at: string): (value: unknown) => boolean {
  const [name, ...more] = Object.keys(operator);
  if (
    name === undefined ||
    more.length > 0 ||
    !['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(name)
  ) {
    throw wrong(`Unsupported anything-but pattern: ${Object.keys(operator).join(', ')}${place(at)}`);
  }
  const argument = operator[name];
  const tests = (Array.isArray(argument) ? argument : [argument]).map((one) => compileTest(name, one, at));
  if (tests.length === 0) throw wrong(`Empty arrays are not allowed${place(at)}`);
  return (value) => tests.some((test) => test(value));
}

function oneOf(argument: unknown, at: string): (value: unknown) => boolean {
  const values = Array.isArray(argument) ? argument : [argument];
  if (values.length === 0 || values.some((value) => typeof value !== 'string' && typeof value !== 'number')) {
    throw wrong(`Value of anything-but must be a string, a number or an array of them${place(at)}`);
  }
  return (value) => values.includes(value);
}

function compileTest(name: string, argument: unknown, at: string): (value: unknown) => boolean {
  switch (name) {
    case 'prefix':
    case 'suffix':
      return affix(name, argument, at);
    case 'equals-ignore-case':
      return onText(
        text(name, argument, at).toLowerCase(),
        (value, wanted) => value.toLowerCase() === wanted,
      );
    case 'wildcard':
      return wildcard(text(name, argument, at), at);
    case 'numeric':
      return numeric(argument, at);
    case 'cidr':
      return cidr(text(name, argument, at), at);
    default:
      throw wrong(`Unrecognized match type ${name}${place(at)}`);
  }
}

function affix(name: 'prefix' | 'suffix', argument: unknown, at: string): (value: unknown) => boolean {
  const has = (value: string, wanted: string) =>
    name === 'prefix' ? value.startsWith(wanted) : value.endsWith(wanted);
  if (!isObject(argument)) return onText(text(name, argument, at), has);
  const { 'equals-ignore-case': folded, ...rest } = argument;
  if (Object.keys(rest).length > 0) throw wrong(`${name} must be a string or equals-ignore-case${place(at)}`);
  return onText(text(name, folded, at).toLowerCase(), (value, wanted) => has(value.toLowerCase(), wanted));
}

function onText(
  wanted: string,
  test: (value: string, wanted: string) => boolean,
): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && test(value, wanted);
}

/** `*` stands for any characters; `\*` and `\\` for themselves. */
function wildcard(pattern: string, at: string): (value: unknown) => boolean {
  if (pattern.includes('**')) throw wrong(`Consecutive wildcard characters${place(at)}`);
  const pieces = [''];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index]!;
    if (character === '\\') {
      const next = pattern[++index];
      if (next !== '*' && next !== '\\') throw wrong(`Invalid escape character in wildcard${place(at)}`);
      pieces[pieces.length - 1] += next;
    } else if (character === '*') pieces.push('');
    else pieces[pieces.length - 1] += character;
  }
  return (value) => typeof value === 'string' && isMadeOf(value, pieces);
}

/** First and last piece at the ends, the others in between in their order: no backtracking, whatever the text. */
function isMadeOf(value: string, [first = '', ...rest]: readonly string[]): boolean {
  const last = rest.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const found = value.indexOf(piece, from);
    if (found === -1) return false;
    from = found + piece.length;
  }
  return value.length - last.length >= from && value.endsWith(last);
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};
/** The largest number that EventBridge compares. */
const LARGEST = 5e9;

function numeric(argument: unknown, at: string): (value: unknown) => boolean {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
    throw wrong(`numeric takes one comparison, or a lower and an upper bound${place(at)}`);
  }
  const bounds: ((value: number) => boolean)[] = [];
  for (let index = 0; index < argument.length; index += 2) {
    const [sign, bound] = [argument[index] as unknown, argument[index + 1] as unknown];
    const compare = typeof sign === 'string' ? COMPARISONS[sign] : undefined;
    if (!compare) throw wrong(`Unrecognized numeric range operator: ${String(sign)}${place(at)}`);
    if (typeof bound !== 'number') throw wrong(`Value of ${String(sign)} must be numeric${place(at)}`);
    if (Math.abs(bound) > LARGEST)
      throw wrong(`Value of ${String(sign)} must be between -5.0e9 and 5.0e9${place(at)}`);
    bounds.push((value) => compare(value, bound));
  }
  refuseEmptyRange(argument, at);
  return (value) => typeof value === 'number' && bounds.every((holds) => holds(value));
}

function refuseEmptyRange(argument: readonly unknown[], at: string): void {
  if (argument.length === 2) return;
  const [lower, low, upper, high] = argument as [string, number, string, number];
  if (!lower.startsWith('>') || !upper.startsWith('<')) {
    throw wrong(`A numeric range is a lower bound (> or >=), then an upper one (< or <=)${place(at)}`);
  }
  if (low >= high) throw wrong(`Bottom must be less than top${place(at)}`);
}

function cidr(range: string, at: string): (value: unknown) => boolean {
  const [address = '', bits = ''] = range.split('/');
  const version = isIP(address);
  if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) {
    throw wrong(`Malformed CIDR ${range}${place(at)}`);
  }
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return (value) => typeof value === 'string' && isIP(value) === version && list.check(value, family);
}

function some(test: (value: unknown) => boolean): LeafMatcher {
  return (values) => values.some(test);
}

function text(name: string, argument: unknown, at: string): string {
  if (typeof argument !== 'string' || argument === '')
    throw wrong(`${name} match pattern must be a string${place(at)}`);
  return argument;
}

function member(event: unknown, name: string): unknown {
  return isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function place(at: string): string {
  return at === '' ? '' : ` at "${at}"`;
}

function wrong(reason: string) {
  return errors.invalidPattern({ reason });
}
