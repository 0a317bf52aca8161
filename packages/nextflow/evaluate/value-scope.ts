import { Closure, type Scope } from '../values/closure.ts';
import { GroovyMap } from '../values/map.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import type { World } from './methods/method.ts';

/** A value as the delegate of a closure: its properties are names, its methods functions. */
export class ValueScope implements Scope {
  readonly #value: Value;
  readonly #world: World;

  constructor(value: Value, world: World) {
    this.#value = value;
    this.#world = world;
  }

  lookup(name: string): Value | undefined {
    const value = this.#value;
    if (value instanceof GroovyMap) return value.has(name) ? value.get(name) : undefined;
    return value instanceof GroovyObject ? value.property(name) : undefined;
  }

  assign(name: string, value: Value): boolean {
    if (this.#value instanceof GroovyMap) {
      this.#value.set(name, value);
      return true;
    }
    return this.#value instanceof GroovyObject && this.#value.setProperty(name, value);
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    const value = this.#value;
    if (value instanceof GroovyMap && value.get(name) instanceof Closure)
      return (value.get(name) as Closure).apply(args);
    return this.#world.tryCall(value, name, args);
  }

  names(): Iterable<string> {
    return this.#value instanceof GroovyMap ? Array.from(this.#value.keys(), String) : [];
  }
}
