import { posix } from 'node:path';
import { DocumentError, type Position } from '../faults.ts';
import { isObject, setMember, type Value, type ValueObject } from '../value.ts';
import { markLike, parseSource, positionOf } from './yaml-source.ts';

/** A file of the definition by its path in it; undefined where there is none. */
export type DefinitionReader = (path: string) => Promise<string | undefined>;

/** Imports of imports: deeper ones go in a circle. */
const DEPTH = 50;

/** The files of one definition, read and parsed once, with `$import`, `$include` and `$mixin` resolved. */
export class Documents {
  readonly #read: DefinitionReader;
  readonly #loaded = new Map<string, Promise<Value>>();

  constructor(read: DefinitionReader) {
    this.#read = read;
  }

  async load(path: string, from: Position, depth = 0): Promise<Value> {
    const known = this.#loaded.get(path);
    if (known) return known;
    if (depth > DEPTH) throw new DocumentError(from, `The import of ${path} goes in a circle.`);
    const loading = this.text(path, from).then((text) => this.#resolve(parseSource(path, text), path, depth));
    this.#loaded.set(path, loading);
    return loading;
  }

  async text(path: string, from: Position): Promise<string> {
    const text = await this.#read(path);
    if (text === undefined)
      throw new DocumentError(from, `The file ${path} is not in the workflow definition.`);
    return text;
  }

  async #resolve(value: Value, file: string, depth: number): Promise<Value> {
    if (Array.isArray(value)) return this.#list(value, file, depth);
    if (!isObject(value)) return value;
    const at = positionOf(value) ?? { file, line: 1, column: 1 };
    const { $import, $include, $mixin } = value;
    if (typeof $import === 'string') return this.#import($import, file, at, depth);
    if (typeof $include === 'string') return this.text(besides(file, $include, at).path, at);
    const own: ValueObject = {};
    for (const [name, item] of Object.entries(value)) {
      if (name !== '$mixin') setMember(own, name, await this.#resolve(item, file, depth));
    }
    if (typeof $mixin !== 'string') return markLike(own, value);
    const mixed = await this.#import($mixin, file, at, depth);
    return markLike({ ...(isObject(mixed) ? mixed : {}), ...own }, value);
  }

  /** A list that is imported into a list is a part of it. */
  async #list(list: Value[], file: string, depth: number): Promise<Value> {
    const items: Value[] = [];
    for (const item of list) {
      const resolved = await this.#resolve(item, file, depth);
      if (isObject(item) && '$import' in item && Array.isArray(resolved)) items.push(...resolved);
      else items.push(resolved);
    }
    return markLike(items, list);
  }

  async #import(reference: string, file: string, at: Position, depth: number): Promise<Value> {
    const { path, fragment } = besides(file, reference, at);
    const document = await this.load(path, at, depth + 1);
    if (fragment === undefined) return document;
    const found = findById(document, fragment);
    if (!found) throw new DocumentError(at, `${path} has nothing called ${fragment}.`);
    return found;
  }
}

/** Where a reference that is written in `file` leads. */
export function besides(
  file: string,
  reference: string,
  at: Position,
): { readonly path: string; readonly fragment: string | undefined } {
  const [location = '', fragment] = reference.split('#', 2);
  if (/^(https?|ftp|s3):/.test(location)) {
    throw new DocumentError(at, `${reference} is not in the workflow definition. Put a copy of it there.`);
  }
  if (location === '') return { path: file, fragment };
  const decoded = location.startsWith('file://')
    ? decodeURIComponent(location.slice(7)).replace(/^\//, '')
    : undefined;
  return { path: decoded ?? posix.normalize(posix.join(posix.dirname(file), location)), fragment };
}

/** `file.cwl#main/x` and `#main/x` to `main/x`. */
export function fragmentOf(id: string): string {
  return id.includes('#') ? id.slice(id.indexOf('#') + 1) : id;
}

/** The object in the document that has this identifier. */
export function findById(value: Value, fragment: string): ValueObject | undefined {
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = findById(item, fragment);
      if (found) return found;
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const id = value['id'] ?? value['name'];
  if (typeof id === 'string' && fragmentOf(id) === fragment) return value;
  for (const item of Object.values(value)) {
    const found = typeof item === 'object' ? findById(item, fragment) : undefined;
    if (found) return found;
  }
  return undefined;
}
