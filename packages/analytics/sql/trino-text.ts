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

/** Forms of Trino that the parser lacks: `VALUES 1, 2` without parentheses, `if(condition, value)` without an else. */
export function readableText(sql: string): ReadableText {
  const plain = withoutLiterals(sql);
  const insertions = [...valuesInsertions(plain), ...ifInsertions(plain)].sort((a, b) => a.at - b.at);
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
