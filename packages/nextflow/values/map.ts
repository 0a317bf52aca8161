import { type Keyed, keyOf } from './key.ts';
import type { Value } from './value.ts';

/** A map in the order of insertion, whose keys are equal where Groovy's are. */
export class GroovyMap implements Keyed {
  readonly #values = new Map<Value, Value>();
  /** The keys themselves, where something else stands for them. */
  #keys: Map<Value, Value> | undefined;
  /** `withDefault`. */
  fallback: ((key: Value) => Value) | undefined;

  static from(entries: Iterable<readonly [Value, Value]>): GroovyMap {
    const map = new GroovyMap();
    for (const [key, value] of entries) map.set(key, value);
    return map;
  }

  static of(record: Readonly<Record<string, Value>>): GroovyMap {
    return GroovyMap.from(Object.entries(record));
  }

  get size(): number {
    return this.#values.size;
  }

  /** The name that a configuration uses and that nobody has set, where the map stands for it. */
  get unset(): string | undefined {
    return undefined;
  }

  get(key: Value): Value | undefined {
    const found = this.#values.get(keyOf(key));
    if (found !== undefined || !this.fallback || this.has(key)) return found;
    const made = this.fallback(key);
    this.set(key, made);
    return made;
  }

  has(key: Value): boolean {
    return this.#values.has(keyOf(key));
  }

  set(key: Value, value: Value): void {
    const id = keyOf(key);
    this.#values.set(id, value);
    if (id !== key) {
      this.#keys ??= new Map();
      if (!this.#keys.has(id)) this.#keys.set(id, key);
    }
  }

  delete(key: Value): boolean {
    const id = keyOf(key);
    this.#keys?.delete(id);
    return this.#values.delete(id);
  }

  clear(): void {
    this.#values.clear();
    this.#keys = undefined;
  }

  *entries(): IterableIterator<[Value, Value]> {
    for (const [id, value] of this.#values) yield [this.#key(id), value];
  }

  *keys(): IterableIterator<Value> {
    for (const id of this.#values.keys()) yield this.#key(id);
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }

  [Symbol.iterator](): IterableIterator<[Value, Value]> {
    return this.entries();
  }

  canonicalKey(of: (value: Value) => string): string {
    return `{${Array.from(this.entries(), ([key, item]) => `${of(key)}:${of(item)}`)
      .sort()
      .join(',')}}`;
  }

  copy(): GroovyMap {
    const map = GroovyMap.from(this.entries());
    map.fallback = this.fallback;
    return map;
  }

  #key(id: Value): Value {
    if (!this.#keys) return id;
    const key = this.#keys.get(id);
    return key === undefined ? id : key;
  }
}

/** A set in the order of insertion. */
export class GroovySet implements Keyed {
  readonly #values: GroovyMap;

  constructor(values: Iterable<Value> = []) {
    this.#values = new GroovyMap();
    for (const value of values) this.add(value);
  }

  canonicalKey(of: (value: Value) => string): string {
    return `(${Array.from(this, of).sort().join(',')})`;
  }

  get size(): number {
    return this.#values.size;
  }

  add(value: Value): boolean {
    if (this.#values.has(value)) return false;
    this.#values.set(value, true);
    return true;
  }

  has(value: Value): boolean {
    return this.#values.has(value);
  }

  delete(value: Value): boolean {
    return this.#values.delete(value);
  }

  clear(): void {
    this.#values.clear();
  }

  [Symbol.iterator](): IterableIterator<Value> {
    return this.#values.keys();
  }
}
