import { Closure, type Scope } from '../values/closure.ts';
import { unknownVariable } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';

/** What a name stands for that nobody has set: the beginning of `name.key = value`. */
export class EmptyScope extends GroovyMap {
  readonly path: string;

  constructor(path: string) {
    super();
    this.path = path;
  }

  override get unset(): string | undefined {
    return this.size === 0 ? this.path : undefined;
  }

  override get(key: Value): Value | undefined {
    if (!this.has(key)) this.set(key, new EmptyScope(`${this.path}.${text(key)}`));
    return super.get(key);
  }
}

export interface ConfigRoot {
  include(path: string): void;
  /** A block of `profiles`. */
  profile(name: string, block: Closure): void;
  /** The block `profiles` ends: what comes after it sees what the chosen profiles set. */
  profilesEnd(): void;
  plugin(id: string): void;
  /** Functions and constants that configurations may use. */
  global(name: string): Value | undefined;
  call(name: string, args: readonly Value[]): Value | undefined;
}

/** A scope of the configuration, while a block of it is evaluated: names are settings. */
export class ConfigScope implements Scope {
  readonly #map: GroovyMap;
  readonly #root: ConfigRoot;
  readonly #path: string;
  readonly #outer: ConfigScope | undefined;

  constructor(map: GroovyMap, root: ConfigRoot, path = '', outer?: ConfigScope) {
    this.#map = map;
    this.#root = root;
    this.#path = path;
    this.#outer = outer;
  }

  lookup(name: string): Value | undefined {
    const found = this.#known(name);
    if (found !== undefined) return found;
    const global = this.#root.global(name);
    if (global !== undefined) return global;
    if (/^\p{Lu}/u.test(name)) return undefined;
    const made = new EmptyScope(name);
    this.#map.set(name, made);
    return made;
  }

  #known(name: string): Value | undefined {
    if (this.#map.has(name)) return this.#map.get(name);
    return this.#outer ? this.#outer.#forInner(name) : undefined;
  }

  /** A block inside has scopes of its own: `ext.args` in a selector is not the `ext` of `process`. */
  #forInner(name: string): Value | undefined {
    const found = this.#known(name);
    return this.#path !== '' && found instanceof GroovyMap && this.#map.has(name) ? undefined : found;
  }

  assign(name: string, value: Value): boolean {
    if (value instanceof GroovyMap && value.unset !== undefined) throw unknownVariable(value.unset);
    const old = this.#map.has(name) ? this.#map.get(name) : undefined;
    if (old instanceof GroovyMap && value instanceof GroovyMap && this.#path === '') merge(old, value);
    else this.#map.set(name, value);
    return true;
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    const defined = this.#root.call(name, args);
    if (defined !== undefined) return defined;
    const [first, second] = args;
    if (name === 'includeConfig') {
      this.#root.include(text(first));
      return null;
    }
    if (name === 'id' && this.#path === 'plugins') {
      this.#root.plugin(text(first));
      return null;
    }
    if ((name === 'withName' || name === 'withLabel') && second instanceof Closure)
      return this.#open(`${name}:${text(first)}`, second);
    if (args.length !== 1 || !(first instanceof Closure)) return undefined;
    if (this.#path === 'profiles') {
      this.#root.profile(name, first);
      return null;
    }
    return this.#open(name, first);
  }

  #open(name: string, block: Closure): null {
    const old = this.#map.has(name) ? this.#map.get(name) : undefined;
    const map = old instanceof GroovyMap ? old : new GroovyMap();
    if (map !== old) this.#map.set(name, map);
    const path = this.#path === '' ? name : `${this.#path}.${name}`;
    block.withDelegate(new ConfigScope(map, this.#root, path, this), 'delegate-first').apply([]);
    if (path === 'profiles') this.#root.profilesEnd();
    return null;
  }

  names(): Iterable<string> {
    return Array.from(this.#map.keys(), String);
  }
}

/** Settings of `from` over those of `into`, scope by scope. */
export function merge(into: GroovyMap, from: GroovyMap): void {
  for (const [key, value] of from) {
    const old = into.has(key) ? into.get(key) : undefined;
    if (old instanceof GroovyMap && value instanceof GroovyMap) merge(old, value);
    else into.set(key, value);
  }
}
