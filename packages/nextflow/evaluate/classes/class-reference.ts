import { GroovyObject, type Value } from '../../values/value.ts';
import type { World } from '../methods/method.ts';

/** What a class of Java's, Groovy's or Nextflow's offers here. */
export interface HostClass {
  readonly statics?: Readonly<Record<string, (args: readonly Value[], world: World) => Value>>;
  readonly fields?: Readonly<Record<string, Value>>;
  readonly create?: (args: readonly Value[], world: World) => Value;
}

/** A class as a value: `String`, `Math`, `java.nio.file.Files`. */
export class ClassReference extends GroovyObject {
  readonly className = 'Class';
  readonly name: string;
  readonly host: HostClass;
  readonly #world: World;

  constructor(name: string, host: HostClass, world: World) {
    super();
    this.name = name;
    this.host = host;
    this.#world = world;
  }

  override property(name: string): Value | undefined {
    if (name === 'name' || name === 'simpleName' || name === 'canonicalName') return this.name;
    if (name === 'class') return this;
    const { fields } = this.host;
    return fields && Object.hasOwn(fields, name)
      ? fields[name]
      : this.#static(`get${name[0]?.toUpperCase()}${name.slice(1)}`, []);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'getSimpleName' || name === 'getName') return this.name;
    if (name === 'isInstance') return this.#world.isInstance(args[0], this.name);
    if (name === 'isCase') return this.#world.isInstance(args[0], this.name);
    if (name === 'newInstance') return this.host.create?.(args, this.#world);
    return this.#static(name, args);
  }

  #static(name: string, args: readonly Value[]): Value | undefined {
    const { statics } = this.host;
    return statics && Object.hasOwn(statics, name) ? statics[name]!(args, this.#world) : undefined;
  }

  override members(): Iterable<string> {
    return [...Object.keys(this.host.statics ?? {}), ...Object.keys(this.host.fields ?? {})];
  }

  override equals(other: Value): boolean {
    return other instanceof ClassReference && other.name === this.name;
  }

  override key(): Value {
    return ['class', this.name];
  }

  toString(): string {
    return `class ${this.name}`;
  }
}
