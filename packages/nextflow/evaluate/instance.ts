import { Closure, type Scope } from '../values/closure.ts';
import { equal } from '../values/compare.ts';
import { fault } from '../values/errors.ts';
import { Exception, exceptionIsA } from '../values/exception.ts';
import { GroovyMap } from '../values/map.ts';
import { text } from '../values/text.ts';
import { GroovyObject, type Value } from '../values/value.ts';

export interface Method {
  readonly name: string;
  readonly arity: number;
  /** Parameters without a default. */
  readonly required: number;
  readonly isStatic: boolean;
  readonly types?: readonly (string | null)[];
  readonly body: (scope: Scope, ...args: Value[]) => Value;
}

/** A class of a script or of `lib/`. */
export class UserClass extends GroovyObject implements Scope {
  readonly className = 'Class';
  readonly name: string;
  readonly parent: UserClass | string | undefined;
  readonly isRecord: boolean;
  readonly methods = new Map<string, Method[]>();
  readonly fieldNames: string[] = [];
  /** Gives a new instance its fields' first values. */
  initialize: (instance: Instance) => void = () => {};
  readonly statics = new GroovyMap();
  readonly outer: Scope;

  constructor(name: string, parent: UserClass | string | undefined, outer: Scope, isRecord = false) {
    super();
    this.name = name;
    this.parent = parent;
    this.outer = outer;
    this.isRecord = isRecord;
  }

  addMethod(method: Method): void {
    this.methods.set(method.name, [...(this.methods.get(method.name) ?? []), method]);
  }

  find(name: string, args: readonly Value[]): Method | undefined {
    const all = this.methods.get(name);
    const fitting = all?.find((each) => args.length >= each.required && args.length <= each.arity);
    return fitting ?? (this.parent instanceof UserClass ? this.parent.find(name, args) : undefined);
  }

  create(args: readonly Value[]): Instance {
    const instance = new Instance(this);
    this.#initializeAll(instance);
    const made = this.find('<init>', args);
    if (made) made.body(instance, ...args);
    else instance.fill(args);
    return instance;
  }

  #initializeAll(instance: Instance): void {
    if (this.parent instanceof UserClass) this.parent.#initializeAll(instance);
    for (const name of this.fieldNames) instance.fields.set(name, null);
    this.initialize(instance);
  }

  isA(name: string): boolean {
    if (this.name === name) return true;
    return this.parent instanceof UserClass
      ? this.parent.isA(name)
      : this.parent !== undefined && exceptionIsA(this.parent, name);
  }

  override property(name: string): Value | undefined {
    if (name === 'name' || name === 'simpleName') return this.statics.get(name) ?? this.name;
    return this.lookupStatic(name);
  }

  lookupStatic(name: string): Value | undefined {
    if (this.statics.has(name)) return this.statics.get(name);
    const getter = this.find(`get${name[0]?.toUpperCase()}${name.slice(1)}`, []);
    if (getter?.isStatic) return getter.body(this);
    return this.parent instanceof UserClass ? this.parent.lookupStatic(name) : undefined;
  }

  override setProperty(name: string, value: Value): boolean {
    if (!this.statics.has(name)) return false;
    this.statics.set(name, value);
    return true;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'newInstance') return this.create(args);
    if (name === 'getSimpleName' || name === 'getName') return this.name;
    const method = this.find(name, args);
    if (method) return method.body(this, ...args);
    const field = this.statics.get(name);
    return field instanceof Closure ? field.apply(args) : undefined;
  }

  lookup(name: string): Value | undefined {
    const own = this.lookupStatic(name);
    return own === undefined ? this.outer.lookup(name) : own;
  }

  assign(name: string, value: Value): boolean {
    return this.setProperty(name, value) || this.outer.assign(name, value);
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    const own = this.invoke(name, args);
    return own === undefined ? this.outer.call(name, args) : own;
  }

  *names(): Iterable<string> {
    for (const name of this.statics.keys()) yield String(name);
    yield* this.methods.keys();
    yield* this.outer.names();
  }

  override members(): Iterable<string> {
    return [...this.methods.keys(), ...Array.from(this.statics.keys(), String)];
  }

  toString(): string {
    return `class ${this.name}`;
  }
}

/** An object of a class that the script declares. */
export class Instance extends GroovyObject implements Scope {
  readonly type: UserClass;
  readonly fields = new GroovyMap();

  constructor(type: UserClass) {
    super();
    this.type = type;
  }

  get className(): string {
    return this.type.name;
  }

  isA(name: string): boolean {
    return this.type.isA(name);
  }

  /** Named arguments set fields; a text is an exception's message. */
  fill(args: readonly Value[]): void {
    const [first] = args;
    if (first instanceof GroovyMap) {
      for (const [name, value] of first) {
        if (!this.setProperty(String(name), value))
          throw fault(`Class ${this.type.name} has no property "${text(name)}".`, 'MissingPropertyException');
      }
    } else if (this.isA('Throwable')) {
      this.fields.set('message', first ?? null);
      this.fields.set('cause', args[1] ?? null);
    } else if (args.length > 0)
      throw fault(
        `Class ${this.type.name} has no constructor with ${args.length} arguments.`,
        'MissingMethodException',
      );
  }

  override property(name: string): Value | undefined {
    const getter = this.type.find(`get${name[0]?.toUpperCase()}${name.slice(1)}`, []);
    if (getter) return getter.body(this);
    if (this.fields.has(name)) return this.fields.get(name);
    return (
      this.type.lookupStatic(name) ??
      (this.isA('Throwable') && (name === 'message' || name === 'cause') ? null : undefined)
    );
  }

  override setProperty(name: string, value: Value): boolean {
    const setter = this.type.find(`set${name[0]?.toUpperCase()}${name.slice(1)}`, [value]);
    if (setter) setter.body(this, value);
    else if (this.fields.has(name)) this.fields.set(name, value);
    else return this.type.setProperty(name, value);
    return true;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    const method = this.type.find(name, args);
    if (method) return method.body(method.isStatic ? this.type : this, ...args);
    const field = this.fields.get(name);
    if (field instanceof Closure) return field.apply(args);
    if (/^get./.test(name) && args.length === 0) return this.property(name[3]!.toLowerCase() + name.slice(4));
    if (/^set./.test(name) && args.length === 1)
      return this.setProperty(name[3]!.toLowerCase() + name.slice(4), args[0]) ? null : undefined;
    return undefined;
  }

  lookup(name: string): Value | undefined {
    if (this.fields.has(name)) return this.fields.get(name);
    const getter = this.type.find(`get${name[0]?.toUpperCase()}${name.slice(1)}`, []);
    return getter ? getter.body(this) : this.type.lookup(name);
  }

  assign(name: string, value: Value): boolean {
    if (!this.fields.has(name)) return this.type.assign(name, value);
    this.fields.set(name, value);
    return true;
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'super') {
      this.fill(args);
      return null;
    }
    const own = this.invoke(name, args);
    return own === undefined ? this.type.call(name, args) : own;
  }

  *names(): Iterable<string> {
    for (const name of this.fields.keys()) yield String(name);
    yield* this.type.names();
  }

  override members(): Iterable<string> {
    return [...this.type.methods.keys(), ...Array.from(this.fields.keys(), String)];
  }

  override equals(other: Value): boolean {
    const method = this.type.find('equals', [other]);
    if (method) return method.body(this, other) === true;
    return (
      this === other ||
      (this.type.isRecord &&
        other instanceof Instance &&
        other.type === this.type &&
        equal(other.fields, this.fields))
    );
  }

  override key(): Value {
    return this.type.isRecord ? [this.type.name, this.fields] : this;
  }

  toString(): string {
    const method = this.type.find('toString', []);
    if (method) return text(method.body(this));
    if (this.isA('Throwable'))
      return new Exception(this.type.name, this.fields.get('message') ?? null).toString();
    return this.type.isRecord ? text(this.fields) : `${this.type.name}@1`;
  }
}
