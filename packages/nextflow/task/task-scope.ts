import { Closure, type Scope } from '../values/closure.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { Duration } from '../values/duration.ts';
import { GroovyMap } from '../values/map.ts';
import { MemoryUnit } from '../values/memory.ts';
import { text } from '../values/text.ts';
import type { Directives } from './directives.ts';

/** The names inside of a process: its inputs and what its script sets, `task`, and then the script's own. */
export class TaskScope implements Scope {
  readonly #values = new Map<string, Value>();
  readonly #outer: Scope;

  constructor(outer: Scope) {
    this.#outer = outer;
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Its own names and values, without those of the script around it. */
  own(): ReadonlyMap<string, Value> {
    return this.#values;
  }

  lookup(name: string): Value | undefined {
    const own = this.#values.get(name);
    return own === undefined ? this.#outer.lookup(name) : own;
  }

  assign(name: string, value: Value): boolean {
    this.#values.set(name, value);
    return true;
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    const own = this.#values.get(name);
    return own instanceof Closure ? own.apply(args) : this.#outer.call(name, args);
  }

  *names(): Iterable<string> {
    yield* this.#values.keys();
    yield* this.#outer.names();
  }
}

/** What `task` knows of itself besides its directives. */
export interface TaskFacts {
  readonly index: number;
  readonly attempt: number;
  readonly process: string;
  readonly name: () => string;
  readonly hash: () => string;
  readonly workDir: Value;
  readonly exitStatus: Value;
  readonly previousTrace: Value;
  readonly previousException: Value;
}

/** `task`: its facts, and its directives by name. */
export class TaskObject extends GroovyObject {
  readonly className = 'TaskConfig';
  readonly #facts: TaskFacts;
  readonly #directives: Directives;
  readonly #extra = new Map<string, Value>();
  readonly #limits: () => GroovyMap | undefined;

  constructor(facts: TaskFacts, directives: Directives, limits: () => GroovyMap | undefined) {
    super();
    this.#facts = facts;
    this.#directives = directives;
    this.#limits = limits;
  }

  override property(name: string): Value | undefined {
    const extra = this.#extra.get(name);
    if (extra !== undefined) return extra;
    switch (name) {
      case 'index':
      case 'attempt':
      case 'process':
      case 'workDir':
      case 'exitStatus':
      case 'previousTrace':
      case 'previousException':
        return this.#facts[name];
      case 'name':
        return this.#facts.name();
      case 'hash':
        return this.#facts.hash();
      case 'ext':
        return new TaskExt(this.#directives);
      case 'cpus':
        return this.#limited('cpus', this.#directives.get('cpus') ?? 1);
      case 'memory':
      case 'disk': {
        const value = this.#directives.get(name) ?? null;
        return value === null ? null : this.#limited(name, MemoryUnit.parse(value));
      }
      case 'time': {
        const value = this.#directives.get('time') ?? null;
        return value === null ? null : this.#limited('time', Duration.parse(value));
      }
      case 'executor':
        return this.#directives.get('executor') ?? 'local';
      case 'label':
        return this.#directives.all('label');
      default:
        return this.#directives.get(name) ?? null;
    }
  }

  /** No more than `resourceLimits` allows. */
  #limited(name: string, value: Value): Value {
    const limit = this.#limits()?.get(name) ?? null;
    if (limit === null) return value;
    if (value instanceof MemoryUnit)
      return value.bytes > MemoryUnit.parse(limit).bytes ? MemoryUnit.parse(limit) : value;
    if (value instanceof Duration)
      return value.millis > Duration.parse(limit).millis ? Duration.parse(limit) : value;
    return Number(value) > Number(limit) ? limit : value;
  }

  override setProperty(name: string, value: Value): boolean {
    this.#extra.set(name, value);
    return true;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'getAt') return this.property(String(args[0]));
    return undefined;
  }

  toString(): string {
    return `task ${this.#facts.name()}`;
  }
}

/** `task.ext`: closures in it are called with the task's names. */
class TaskExt extends GroovyObject {
  readonly className = 'Map';
  readonly #directives: Directives;

  constructor(directives: Directives) {
    super();
    this.#directives = directives;
  }

  override property(name: string): Value {
    const value = this.#directives.ext().get(name) ?? null;
    return this.#directives.resolve(value);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'get' || name === 'getAt') return this.property(String(args[0]));
    if (name === 'containsKey') return this.#directives.ext().has(args[0]);
    return name === 'size' ? this.#directives.ext().size : undefined;
  }

  override truth(): boolean {
    return this.#directives.ext().size > 0;
  }

  toString(): string {
    return text(
      GroovyMap.from(
        Array.from(this.#directives.ext().keys(), (key) => [key, this.property(String(key))] as const),
      ),
    );
  }
}
