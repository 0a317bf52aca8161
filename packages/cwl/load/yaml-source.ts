import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { DocumentError, type Position } from '../faults.ts';
import { setMember, type Value, type ValueObject } from '../value.ts';

/** Where an object or list was written, and each of its members. */
interface Marks {
  readonly position: Position;
  readonly members: ReadonlyMap<string, Position>;
}

/** Anchors can make a small text a large document; larger ones were not written by a person. */
const NODE_LIMIT = 2_000_000;

/** Plain values of a YAML or JSON text that know where they were written. */
const marks = new WeakMap<object, Marks>();

export function parseSource(file: string, text: string): Value {
  const lines = new LineCounter();
  // JSON is YAML but for tabs, which strict JSON readers take anywhere.
  const source = /^\s*[{[]/.test(text) ? text.replaceAll('\t', ' ') : text;
  const document = parseDocument(source, { lineCounter: lines, merge: true, prettyErrors: false });
  const fault = document.errors[0];
  if (fault) throw new DocumentError(positionAt(file, lines, fault.pos[0]), faultText(fault));
  return new Reader(file, lines, document).value(document.contents as Node | null);
}

/** The parser's words, and what is meant where these do not say it. */
function faultText({ code, message }: { readonly code: string; readonly message: string }): string {
  const colon = 'A key has no colon after it, or a value is not indented.';
  return code === 'MULTILINE_IMPLICIT_KEY' ? colon : message;
}

/** Where the object or list was written, or a member of it. */
export function positionOf(value: Value | undefined, member?: string | number): Position | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = marks.get(value);
  return (member === undefined ? undefined : found?.members.get(String(member))) ?? found?.position;
}

/** A changed object is still where the original was; `members` may be elsewhere. */
export function markLike<T extends ValueObject | Value[]>(
  changed: T,
  original: object,
  members: Readonly<Record<string, Position>> = {},
): T {
  const found = marks.get(original);
  if (!found) return changed;
  const all = new Map([...found.members, ...Object.entries(members)]);
  marks.set(changed, { position: found.position, members: all });
  return changed;
}

/** An object that was written at one place altogether. */
export function markAt<T extends ValueObject>(made: T, position: Position): T {
  marks.set(made, { position, members: new Map() });
  return made;
}

/** Where in the value a text is written, the first time. */
export function positionOfText(value: Value, text: string): Position | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, item] of Object.entries(value)) {
    const found = item === text ? positionOf(value, name) : positionOfText(item as Value, text);
    if (found) return found;
  }
  return undefined;
}

class Reader {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #document: Document;
  #nodes = 0;

  constructor(file: string, lines: LineCounter, document: Document) {
    this.#file = file;
    this.#lines = lines;
    this.#document = document;
  }

  value(node: Node | null | undefined): Value {
    if (++this.#nodes > NODE_LIMIT)
      throw new DocumentError(this.#position(node), 'The document is too large.');
    if (!node) return null;
    if (isAlias(node)) return this.value(node.resolve(this.#document));
    if (isSeq(node)) return this.#list(node);
    if (isMap(node)) return this.#object(node);
    return isScalar(node) ? scalar(node.value) : null;
  }

  #list(node: Node & { readonly items: readonly unknown[] }): Value {
    const items = node.items.map((item) => this.value(item as Node));
    const members = new Map(node.items.map((item, index) => [String(index), this.#position(item as Node)]));
    marks.set(items, { position: this.#position(node), members });
    return items;
  }

  #object(node: Node & { readonly items: readonly { key: unknown; value: unknown }[] }): Value {
    const object: ValueObject = {};
    const members = new Map<string, Position>();
    for (const { key, value } of node.items) {
      const read = this.value(value as Node | null);
      if (isScalar(key) && key.value === '<<') this.#merge(object, members, read);
      else {
        const name = isScalar(key) ? String(key.value) : String(key);
        setMember(object, name, read);
        members.set(name, this.#position(key as Node));
      }
    }
    marks.set(object, { position: this.#position(node), members });
    return object;
  }

  #merge(object: ValueObject, members: Map<string, Position>, merged: Value): void {
    for (const source of Array.isArray(merged) ? merged : [merged]) {
      for (const [name, value] of Object.entries((source ?? {}) as ValueObject)) {
        if (Object.hasOwn(object, name)) continue;
        setMember(object, name, value);
        const position = positionOf(source, name);
        if (position) members.set(name, position);
      }
    }
  }

  #position(node: Node | null | undefined): Position {
    return positionAt(this.#file, this.#lines, node?.range?.[0] ?? 0);
  }
}

function scalar(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  return value === null || value === undefined ? null : String(value);
}

function positionAt(file: string, lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}
