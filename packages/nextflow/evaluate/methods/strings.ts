import { createHash } from 'node:crypto';
import { Closure } from '../../values/closure.ts';
import { compareTexts } from '../../values/compare.ts';
import { Decimal } from '../../values/decimal.ts';
import { Double } from '../../values/double.ts';
import { fault } from '../../values/errors.ts';
import { isNumber } from '../../values/number.ts';
import { lines } from '../../values/path.ts';
import { Pattern, replaceJava } from '../../values/pattern.ts';
import { Range } from '../../values/range.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import type { Value } from '../../values/value.ts';
import { multiply, subtract } from '../arithmetic.ts';
import { parseText } from '../coerce.ts';
import { items } from '../items.ts';
import { format } from '../format.ts';
import { slice } from './lists.ts';
import { closureOf, type Methods, numberArgument } from './method.ts';

const pad = (self: string, length: Value, filler: Value) =>
  [numberArgument(length, 'pad'), filler === undefined ? ' ' : text(filler), self.length] as const;

export const strings: Methods<string> = {
  length: (self) => self.length,
  size: (self) => self.length,
  isEmpty: (self) => self.length === 0,
  isBlank: (self) => self.trim().length === 0,
  asBoolean: (self) => self.length > 0,
  toString: (self: string): Value => self,
  charAt: (self, [index]) => {
    const char = self[Number(index)];
    if (char === undefined)
      throw fault(
        `Index ${text(index)} is out of a text of ${self.length}.`,
        'StringIndexOutOfBoundsException',
      );
    return char;
  },
  codePointAt: (self, [index]) => self.codePointAt(Number(index)) ?? 0,
  toUpperCase: (self) => self.toUpperCase(),
  toLowerCase: (self) => self.toLowerCase(),
  capitalize: (self) => self.slice(0, 1).toUpperCase() + self.slice(1),
  uncapitalize: (self) => self.slice(0, 1).toLowerCase() + self.slice(1),
  trim: (self) => self.trim(),
  strip: (self) => self.trim(),
  stripLeading: (self) => self.trimStart(),
  stripTrailing: (self) => self.trimEnd(),
  stripIndent: (self, [count]) => (count === undefined ? stripIncidental(self) : stripIndent(self, count)),
  stripMargin: (self, [mark]) => {
    const bar = text(mark ?? '|');
    return self
      .split('\n')
      .map((line) => (line.trimStart().startsWith(bar) ? line.trimStart().slice(bar.length) : line))
      .join('\n');
  },
  center: (self, [length, filler]) => {
    const [wanted, fill, size] = pad(self, length, filler);
    const left = Math.floor((wanted - size) / 2);
    return left < 0 ? self : self.padStart(size + left, fill).padEnd(wanted, fill);
  },
  padLeft: (self, [length, filler]) =>
    self.padStart(pad(self, length, filler)[0], pad(self, length, filler)[1]),
  padRight: (self, [length, filler]) =>
    self.padEnd(pad(self, length, filler)[0], pad(self, length, filler)[1]),
  repeat: (self, [times]) => multiply(self, times),
  multiply: (self, [times]) => multiply(self, times),
  plus: (self, [other]) => self + text(other),
  concat: (self, [other]) => self + text(other),
  minus: (self, [other]) =>
    other instanceof Pattern ? self.replace(new RegExp(other.finder().source), '') : subtract(self, other),
  reverse: (self) => [...self].reverse().join(''),
  next: (self) => self.slice(0, -1) + String.fromCharCode(self.charCodeAt(self.length - 1) + 1),
  previous: (self) => self.slice(0, -1) + String.fromCharCode(self.charCodeAt(self.length - 1) - 1),
  contains: (self, [part]) => self.includes(text(part)),
  containsIgnoreCase: (self, [part]) => self.toLowerCase().includes(text(part).toLowerCase()),
  startsWith: (self, [part, at]) => self.startsWith(text(part), Number(at ?? 0)),
  startsWithAny: (self, parts) =>
    parts.flatMap((part) => [...items(part)]).some((part) => self.startsWith(text(part))),
  endsWith: (self, [part]) => self.endsWith(text(part)),
  endsWithAny: (self, parts) => parts.some((part) => self.endsWith(text(part))),
  indexOf: (self, [part, from]) => self.indexOf(text(part), Number(from ?? 0)),
  lastIndexOf: (self, [part]) => self.lastIndexOf(text(part)),
  substring: (self, [from, to]) => substring(self, Number(from), to === undefined ? self.length : Number(to)),
  subSequence: (self, [from, to]) => substring(self, Number(from), Number(to)),
  take: (self, [count]) => self.slice(0, Number(count)),
  drop: (self, [count]) => self.slice(Number(count)),
  takeRight: (self, [count]) => (count === 0 ? '' : self.slice(-Number(count))),
  dropRight: (self, [count]) => self.slice(0, Math.max(0, self.length - Number(count))),
  takeBefore: (self, [part]) => (self.includes(text(part)) ? self.slice(0, self.indexOf(text(part))) : ''),
  takeAfter: (self, [part]) =>
    self.includes(text(part)) ? self.slice(self.indexOf(text(part)) + text(part).length) : '',
  takeBetween: (self, [from, to]) => {
    const start = self.indexOf(text(from));
    const end = self.indexOf(text(to ?? from), start + text(from).length);
    return start < 0 || end < 0 ? '' : self.slice(start + text(from).length, end);
  },
  getAt: (self, [index]) => characters(self, index),
  get: (self, [index]) => characters(self, index),
  replace: (self, [from, to]) =>
    from instanceof Pattern
      ? replaceJava(self, from, text(to), true)
      : self.replaceAll(text(from), () => text(to)),
  replaceAll: (self, [pattern, to]) => replaceBy(self, pattern, to, true),
  replaceFirst: (self, [pattern, to]) => replaceBy(self, pattern, to, false),
  tr: (self, [from, to]) => translateCharacters(self, text(from), text(to)),
  matches: (self, [pattern]) => Pattern.of(pattern).matches(self) !== null,
  find: (self, [pattern, closure]) => {
    const found = Pattern.of(pattern).finder().exec(self);
    if (!found) return null;
    return closure instanceof Closure
      ? closure.apply(
          found.length > 1 && closure.arity > 1 ? [...found] : [found.length > 1 ? [...found] : found[0]],
        )
      : found[0];
  },
  findAll: (self, [pattern, closure]) => {
    const all = [...self.matchAll(Pattern.of(pattern).finder())];
    return all.map((found) =>
      closure instanceof Closure ? closure.apply([found.length > 1 ? [...found] : found[0]]) : found[0],
    );
  },
  eachMatch: (self, [pattern, closure]) => {
    for (const found of self.matchAll(Pattern.of(pattern).finder()))
      closureOf(closure, 'eachMatch').apply([found.length > 1 ? [...found] : found[0]]);
    return self;
  },
  split: (self, [pattern, limit]) => split(self, pattern, limit),
  tokenize: (self, [separators]) => tokenize(self, separators === undefined ? ' \t\n\r\f' : text(separators)),
  readLines: (self) => lines(self),
  lines: (self) => lines(self),
  eachLine: (self, [first, second]) => {
    const closure = closureOf(second ?? first, 'eachLine');
    let result: Value = null;
    for (const [index, line] of lines(self).entries())
      result = closure.arity > 1 ? closure.invokeWith(line, index) : closure.invokeWith(line);
    return result;
  },
  splitEachLine: (self, [by, closure]) => {
    for (const line of lines(self)) closureOf(closure, 'splitEachLine').apply([split(line, by, undefined)]);
    return null;
  },
  countLines: (self) => lines(self).length,
  count: (self, [part]) => self.split(text(part)).length - 1,
  collect: (self, [closure]) => [...self].map((char) => closureOf(closure, 'collect').apply([char])),
  each: (self, [closure]) => {
    for (const char of self) closureOf(closure, 'each').apply([char]);
    return self;
  },
  every: (self, [closure]) => [...self].every((char) => truth(closureOf(closure, 'every').apply([char]))),
  any: (self, [closure]) => [...self].some((char) => truth(closureOf(closure, 'any').apply([char]))),
  toList: (self) => [...self],
  toSet: (self) => [...new Set(self)],
  chars: (self) => [...self],
  getChars: (self) => [...self],
  toCharArray: (self) => [...self],
  getBytes: (self) => Buffer.from(self),
  bytes: (self) => Buffer.from(self),
  toInteger: (self) => parseText(self, 'Integer'),
  toLong: (self) => parseText(self, 'Long'),
  toShort: (self) => parseText(self, 'Short'),
  toBigInteger: (self) => parseText(self, 'BigInteger'),
  toDouble: (self) => new Double(Number(parseText(self, 'Double')?.toString())),
  toFloat: (self) => new Double(Number(parseText(self, 'Float')?.toString())),
  toBigDecimal: (self) => Decimal.parse(self),
  toBoolean: (self) => ['true', 'y', '1'].includes(self.trim().toLowerCase()),
  isInteger: (self) => /^\s*[+-]?\d+\s*$/.test(self),
  isLong: (self) => /^\s*[+-]?\d+\s*$/.test(self),
  isNumber: (self) => /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(self),
  isDouble: (self) => strings['isNumber']!(self, [], undefined as never),
  isFloat: (self) => strings['isNumber']!(self, [], undefined as never),
  isBigDecimal: (self) => strings['isNumber']!(self, [], undefined as never),
  isBigInteger: (self) => /^\s*[+-]?\d+\s*$/.test(self),
  isAllWhitespace: (self) => self.trim() === '',
  equals: (self, [other]) => typeof other === 'string' && self === other,
  equalsIgnoreCase: (self, [other]) => other !== null && self.toLowerCase() === text(other).toLowerCase(),
  compareTo: (self, [other]) => compareTexts(self, text(other)),
  compareToIgnoreCase: (self, [other]) => compareTexts(self.toLowerCase(), text(other).toLowerCase()),
  hashCode: (self) => [...self].reduce((hash, char) => (Math.imul(31, hash) + char.charCodeAt(0)) | 0, 0),
  md5: (self) => createHash('md5').update(self).digest('hex'),
  sha256: (self) => createHash('sha256').update(self).digest('hex'),
  digest: (self, [algorithm]) =>
    createHash(text(algorithm).toLowerCase().replace('-', '')).update(self).digest('hex'),
  encodeBase64: (self) => Buffer.from(self).toString('base64'),
  decodeBase64: (self) => Buffer.from(self, 'base64'),
  format: (self, args) => format(self, args),
  formatted: (self, args) => format(self, args),
  sprintf: (self, args) => format(self, args),
  stripSuffix: (self, [suffix]) => (self.endsWith(text(suffix)) ? self.slice(0, -text(suffix).length) : self),
  intern: (self) => self,
  expand: (self) => self.replaceAll('\t', '        '),
  normalize: (self) => self.replaceAll('\r\n', '\n'),
  denormalize: (self) => self,
  toURL: (self, _args, world) => world.path(self),
  toURI: (self, _args, world) => world.path(self),
  execute: (self, _args, world) => world.execute(tokenize(self, ' \t\n\r\f')),
  leftShift: (self, [other]) => self + text(other),
  asType: (self, [type], world) => world.coerce(self, text(type)),
  join: (self, parts) =>
    items(parts[0])
      .map((part) => text(part))
      .join(self),
};

function substring(self: string, from: number, to: number): string {
  if (from < 0 || to > self.length || from > to) {
    throw fault(
      `The range ${from} to ${to} is out of a text of ${self.length}.`,
      'StringIndexOutOfBoundsException',
    );
  }
  return self.slice(from, to);
}

export function characters(self: string, index: Value): Value {
  if (index instanceof Range) return (slice([...self], index) as string[]).join('');
  if (Array.isArray(index)) return index.map((each) => characters(self, each)).join('');
  if (!isNumber(index)) throw fault(`A text has no index ${text(index)}.`, 'MissingMethodException');
  const at = Number(index.toString());
  const char = self[at < 0 ? self.length + at : at];
  if (char === undefined)
    throw fault(`Index ${at} is out of a text of ${self.length}.`, 'StringIndexOutOfBoundsException');
  return char;
}

function replaceBy(self: string, pattern: Value, to: Value, all: boolean): string {
  if (!(to instanceof Closure)) return replaceJava(self, Pattern.of(pattern), text(to), all);
  let done = false;
  return self.replace(Pattern.of(pattern).finder(), (...found) => {
    if (done) return found[0] as string;
    done = !all;
    const groups = found.slice(
      0,
      found.findIndex((each) => typeof each === 'number'),
    );
    return text(
      to.apply(
        groups.length > 1 && to.arity === 1 && to.facts.arity >= 0
          ? [groups]
          : to.arity > 1
            ? groups
            : [groups.length > 1 ? groups : groups[0]],
      ),
    );
  });
}

/** Java's split: trailing empty texts are left out unless a limit is given. */
export function split(self: string, pattern: Value, limit: Value): string[] {
  const by = pattern === undefined ? new Pattern('\\s+') : Pattern.of(pattern);
  const count = limit === undefined ? 0 : Number(limit);
  const source = pattern === undefined ? self.trim() : self;
  const parts: string[] = [];
  let from = 0;
  for (const found of source.matchAll(by.finder())) {
    if (count > 0 && parts.length === count - 1) break;
    if (found[0] === '' && (found.index === 0 || found.index >= source.length)) continue;
    if (found.index === 0 && found[0] === '') continue;
    parts.push(source.slice(from, found.index));
    from = found.index + found[0].length;
  }
  parts.push(source.slice(from));
  if (count === 0) while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}

/** Every character of `separators` separates; there are no empty words. */
export function tokenize(self: string, separators: string): string[] {
  const words: string[] = [];
  let word = '';
  for (const char of self) {
    if (!separators.includes(char)) word += char;
    else if (word !== '') {
      words.push(word);
      word = '';
    }
  }
  if (word !== '') words.push(word);
  return words;
}

/** Java's own, which without an argument goes before Groovy's: the last line counts too, and no line ends in blanks. */
function stripIncidental(self: string): string {
  const all = self.split(/\r?\n/);
  const counted = all.filter((line, index) => line.trim() !== '' || index === all.length - 1);
  const cut = Math.min(...counted.map((line) => line.length - line.trimStart().length));
  return all.map((line) => (line.trim() === '' ? '' : line.slice(cut).trimEnd())).join('\n');
}

export function stripIndent(self: string, count?: Value): string {
  const all = self.split('\n');
  const indents = all
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  const cut = typeof count === 'number' ? count : indents.length > 0 ? Math.min(...indents) : 0;
  return all
    .map((line) => (line.trim() === '' ? line.slice(Math.min(cut, line.length)) : line.slice(cut)))
    .join('\n');
}

function translateCharacters(self: string, from: string, to: string): string {
  const expand = (set: string) =>
    set.replace(/(.)-(.)/g, (_, a: string, b: string) => [...new Range(a, b)].join(''));
  const [source, target] = [[...expand(from)], [...expand(to)]];
  return [...self]
    .map((char) => {
      const index = source.lastIndexOf(char);
      return index < 0 ? char : (target[Math.min(index, target.length - 1)] ?? '');
    })
    .join('');
}
