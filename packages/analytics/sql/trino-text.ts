import { isNode, mapMembers, type Tree } from './syntax-tree.ts';

/** A query's text made readable for DuckDB's parser, and where it differs. */
export interface ReadableText {
  readonly text: string;
  /** Offsets in it of characters that the query does not have. */
  readonly inserted: readonly number[];
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * Forms of Trino that the parser lacks: `VALUES 1, 2` without parentheses, `if(condition, value)` without an else, the
 * order of `listagg(x, ',') WITHIN GROUP (ORDER BY y)`, `x'65'`, the type `array(bigint)`.
 */
export function readableText(query: string): ReadableText {
  const plain = withoutLiterals(query);
  const sql = withBlanks(query, [
    ...withinGroups(plain),
    ...hexLetters(plain),
    ...arrayTypes(plain),
    ...nullTreatments(plain).map(({ closing }) => closing),
    ...varcharCasts(plain).map(({ length }) => length),
  ]);
  const insertions = [
    ...valuesInsertions(plain),
    ...ifInsertions(plain),
    ...hexInsertions(plain),
    ...nullTreatments(plain).map(({ end }) => ({ at: end, text: ')' })),
    ...varcharCasts(plain).flatMap(({ start, end, size }) => [
      { at: start, text: 'substr(' },
      { at: end, text: `, 1, ${size})` },
    ]),
    ...[...arrayTypes(plain)].filter((_, index) => index % 2 === 1).map(([at]) => ({ at, text: '[]' })),
  ].sort((a, b) => a.at - b.at);
  let text = '';
  let from = 0;
  const inserted: number[] = [];
  for (const { at, text: more } of insertions) {
    text += sql.slice(from, at);
    for (let index = 0; index < more.length; index++) inserted.push(text.length + index);
    text += more;
    from = at;
  }
  return { text: text + sql.slice(from), inserted };
}

/** An offset in the readable text as one in the query. */
export function originalOffset({ inserted }: ReadableText, offset: number): number {
  return offset - inserted.filter((at) => at < offset).length;
}

/** The tree with its places as offsets in the query. */
export function originalPlaces(tree: Tree, text: ReadableText): Tree {
  if (text.inserted.length === 0) return tree;
  if (Array.isArray(tree)) return (tree as readonly Tree[]).map((part) => originalPlaces(part, text));
  if (!isNode(tree)) return tree;
  return mapMembers(tree, (member, name) =>
    name === 'query_location' && typeof member === 'number'
      ? originalOffset(text, member)
      : originalPlaces(member, text),
  );
}

/** The text with what stands in quotes and comments blanked, so that places stay. */
export function withoutLiterals(sql: string): string {
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, (found) => {
    const inside = ' '.repeat(Math.max(0, found.length - 2));
    return found.startsWith("'") || found.startsWith('"')
      ? `${found[0]}${inside}${found[0]}`
      : ' '.repeat(found.length);
  });
}

const AFTER_VALUES = /\b(?:order|limit|offset|fetch|union|except|intersect)\b/iy;

function* valuesInsertions(plain: string): Iterable<Insertion> {
  for (const match of plain.matchAll(/\bvalues\b/gi)) {
    for (const [start, end] of itemsFrom(plain, match.index + match[0].length, AFTER_VALUES)) {
      const item = plain.slice(start, end);
      const [from, to] = [start + item.length - item.trimStart().length, start + item.trimEnd().length];
      if (to <= from || isParenthesized(plain.slice(from, to))) continue;
      yield { at: from, text: '(' };
      yield { at: to, text: ')' };
    }
  }
}

function* ifInsertions(plain: string): Iterable<Insertion> {
  for (const match of plain.matchAll(/\bif\s*\(/gi)) {
    const items = [...itemsFrom(plain, match.index + match[0].length)];
    if (items.length === 2) yield { at: items[1]![1], text: ', NULL' };
  }
}

type Range = readonly [start: number, end: number];

function withBlanks(sql: string, ranges: readonly Range[]): string {
  return ranges.reduce(
    (text, [start, end]) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end),
    sql,
  );
}

/** What stands between listagg's arguments and their order. */
function* withinGroups(plain: string): Iterable<Range> {
  for (const match of plain.matchAll(/\blistagg\s*\(/gi)) {
    const end = [...itemsFrom(plain, match.index + match[0].length)].at(-1)![1];
    const within = /^\)\s*within\s+group\s*\(/i.exec(plain.slice(end));
    if (within) yield [end, end + within[0].length];
  }
}

/** `lag(x) IGNORE NULLS`: the parser has it inside the parentheses. */
function nullTreatments(plain: string): readonly { readonly closing: Range; readonly end: number }[] {
  return [...plain.matchAll(/\)\s*(?:ignore|respect)\s+nulls\b/gi)].map(({ index, 0: found }) => ({
    closing: [index, index + 1],
    end: index + found.length,
  }));
}

/** Casts to a varchar with a length, which cut the text. */
export function varcharCasts(plain: string) {
  const casts = [...plain.matchAll(/\b(?:try_)?cast\s*\(/gi)].map((match) => {
    const end = [...itemsFrom(plain, match.index + match[0].length)].at(-1)![1];
    const found = /\bas\s+varchar\s*(\(\s*(\d+)\s*\)\s*)$/i.exec(plain.slice(match.index, end));
    const length: Range = [end - (found?.[1]!.length ?? 0), end];
    return { start: match.index, end: end + 1, length, size: found?.[2] };
  });
  return casts.filter(({ size }) => size !== undefined);
}

/** The begin and the end of each `array(type)`, in turns. */
function* arrayTypes(plain: string): Iterable<Range> {
  for (const match of plain.matchAll(/\barray\s*\(/gi)) {
    const start = match.index + match[0].length;
    const end = [...itemsFrom(plain, start)].at(-1)![1];
    yield [match.index, start];
    yield [end, end + 1];
  }
}

function* hexLetters(plain: string): Iterable<Range> {
  for (const { index } of plain.matchAll(/\bx'/gi)) yield [index, index + 1];
}

function* hexInsertions(plain: string): Iterable<Insertion> {
  for (const { index } of plain.matchAll(/\bx'/gi)) {
    yield { at: index, text: 'from_hex(' };
    yield { at: plain.indexOf("'", index + 2) + 1, text: ')' };
  }
}

/** Ranges between commas, up to what closes them or a word that ends them. */
function* itemsFrom(plain: string, start: number, end?: RegExp): Iterable<readonly [number, number]> {
  let depth = 0;
  let from = start;
  for (let at = start; ; at++) {
    const letter = plain[at];
    if (depth === 0 && end && isWordStart(plain, at)) {
      end.lastIndex = at;
      if (end.test(plain)) return yield [from, at];
    }
    if (letter === undefined || (depth === 0 && (letter === ')' || letter === ']' || letter === ';')))
      return yield [from, at];
    if (letter === '(' || letter === '[') depth++;
    else if (letter === ')' || letter === ']') depth--;
    else if (letter === ',' && depth === 0) {
      yield [from, at];
      from = at + 1;
    }
  }
}

function isWordStart(text: string, at: number): boolean {
  return !/\w/.test(text[at - 1] ?? ' ');
}

/** `(1, 2)`, but not `(1) + (2)`. */
function isParenthesized(item: string): boolean {
  if (!item.startsWith('(')) return false;
  let depth = 0;
  for (let at = 0; at < item.length; at++) {
    if (item[at] === '(') depth++;
    else if (item[at] === ')' && --depth === 0) return at === item.length - 1;
  }
  return false;
}
