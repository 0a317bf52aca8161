import { Script } from 'node:vm';
import { type Code, compileBlock } from '../compile/script-compiler.ts';
import { Source } from '../syntax/source.ts';
import { parseTemplate } from '../syntax/template-parser.ts';
import { ValueScope } from './value-scope.ts';
import { classNameOf } from '../values/class-name.ts';
import { Closure, type Scope } from '../values/closure.ts';
import { fault, missingMethod, nullReference } from '../values/errors.ts';
import { isException } from '../values/exception.ts';
import { GroovyMap } from '../values/map.ts';
import type { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { ClassReference } from './classes/class-reference.ts';
import { library } from './classes/library.ts';
import { coerce, isInstance } from './coerce.ts';
import { EnumConstant } from './enum-constant.ts';
import { type Method, UserClass } from './instance.ts';
import { Machine } from './machine.ts';
import { methodNames, methodOf } from './methods/method-table.ts';
import type { World } from './methods/method.ts';

/** What a script's scope is to the declarations in it. */
export interface Module {
  addFunction(method: Method): void;
  define(name: string, value: Value): void;
}

/** What Nextflow adds to Groovy: declarations of scripts. */
export interface Dsl {
  include(
    scope: Scope,
    names: readonly { name: string; alias: string }[],
    path: Value,
    params: readonly Value[],
    replaces: boolean,
  ): void;
  defineProcess(scope: Scope, definition: unknown, machine: Machine): void;
  defineWorkflow(scope: Scope, definition: unknown, machine: Machine): void;
  defineOutputs(scope: Scope, declarations: unknown, machine: Machine): void;
  declareParams(scope: Scope, parameters: unknown, machine: Machine): void;
}

export interface InterpreterOptions {
  path(location: string): FilePath;
  print(line: string): void;
  random(): number;
  now(): number;
  /** The variables that scripts may see; none unless told. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Starts a program of the machine; absent where scripts may not. */
  execute?(command: readonly string[]): Value;
  /** Further classes, such as Channel. */
  readonly classes?: Readonly<Record<string, Value>>;
  readonly dsl?: () => Dsl;
}

/** Runs compiled code. */
export class Interpreter implements World {
  readonly #options: InterpreterOptions;
  #environment: ReadonlyMap<string, string> | undefined;
  readonly #classes = new Map<string, Value>();
  readonly #modules = new WeakMap<Scope, Module>();
  readonly #objects = new WeakMap<Scope, Value>();
  root: Scope = EMPTY;

  constructor(options: InterpreterOptions) {
    this.#options = options;
    for (const [name, value] of Object.entries(options.classes ?? {})) this.#classes.set(name, value);
  }

  get dsl(): Dsl {
    const dsl = this.#options.dsl?.();
    if (!dsl) throw fault('Processes and workflows belong into scripts, not into configurations or classes.');
    return dsl;
  }

  /** Runs code in a scope; what its last statement gives. */
  run(code: Code, scope: Scope): Value {
    const text = `(($, $c, $k) => {\n${code.text}\n})`;
    const compiled = new Script(text, { filename: code.source.file }).runInThisContext() as (
      machine: Machine,
      scope: Scope,
      constants: unknown,
    ) => Value;
    return compiled(new Machine(code.source, this), scope, code.constants);
  }

  // The world

  path(location: string): FilePath {
    return this.#options.path(location);
  }

  print(line: string): void {
    this.#options.print(line);
  }

  template(written: string, binding: Value): string {
    if (written.includes('<%'))
      throw fault('Templates with <% ... %> are not supported; ${...} is.', 'UnsupportedOperationException');
    const source = new Source('template', written);
    const expression = parseTemplate(source, '$');
    const { end, start } = expression;
    const statement = { kind: 'expression', expression, start, end } as const;
    return text(
      this.run(
        compileBlock(source, { kind: 'block', statements: [statement], start, end }),
        new ValueScope(binding, this),
      ),
    );
  }

  environment(): ReadonlyMap<string, string> {
    this.#environment ??= new Map(
      Object.entries(this.#options.environment ?? {}).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    );
    return this.#environment;
  }

  random(): number {
    return this.#options.random();
  }

  now(): number {
    return this.#options.now();
  }

  execute(command: readonly string[]): Value {
    const { execute } = this.#options;
    if (!execute)
      throw fault(
        `Scripts cannot start programs here (${command[0]}). Put the command into a process.`,
        'UnsupportedOperationException',
      );
    return execute(command);
  }

  call(object: Value, name: string, args: readonly Value[]): Value {
    if (object === null || object === undefined) {
      if (name === 'equals' || name === 'is') return args[0] === null;
      if (name === 'toString') return 'null';
      // Groovy's null is an iterable of nothing.
      if (name === 'each' || name === 'eachWithIndex' || name === 'find') return null;
      if (ON_NOTHING.has(name)) return this.call([], name, args);
      throw nullReference(`call "${name}"`);
    }
    const result = this.tryCall(object, name, args);
    if (result !== undefined) return result;
    const names =
      object instanceof GroovyObject ? [...object.members(), ...methodNames(object)] : methodNames(object);
    throw missingMethod(object, name, args, names);
  }

  tryCall(object: Value, name: string, args: readonly Value[]): Value | undefined {
    if (object instanceof GroovyObject) {
      const result = object.invoke(name, args);
      if (result !== undefined) return result;
      const other = object.standsFor();
      if (other !== undefined) return this.tryCall(other, name, args);
    }
    const method = methodOf(object, name);
    return method ? (method(object, args, this) ?? null) : this.#propertyCall(object, name, args);
  }

  /** A closure that is the value of a property; a getter by its property. */
  #propertyCall(object: Value, name: string, args: readonly Value[]): Value | undefined {
    if (object instanceof GroovyMap) {
      const value = object.get(name);
      if (value instanceof Closure) return value.apply(args);
      const getter = /^get(\p{Lu}.*)$/u.exec(name);
      if (getter && args.length === 0) return object.get(getter[1]![0]!.toLowerCase() + getter[1]!.slice(1));
      return undefined;
    }
    if (object instanceof GroovyObject) {
      const value = object.property(name);
      if (value instanceof Closure) return value.apply(args);
      const getter = /^(?:get|is)(\p{Lu}.*)$/u.exec(name);
      if (getter && args.length === 0)
        return object.property(getter[1]![0]!.toLowerCase() + getter[1]!.slice(1));
    }
    return undefined;
  }

  callValue(value: Value, args: readonly Value[]): Value {
    if (value instanceof Closure) return value.apply(args);
    if (value === null) throw nullReference('call a function');
    return this.call(value, 'call', args);
  }

  coerce(value: Value, type: string): Value {
    return coerce(value, { name: type, array: false }, this);
  }

  coerceTo(value: Value, type: { readonly name: string; readonly array: boolean }, scope: Scope): Value {
    const wanted = /^\p{Lu}/u.test(type.name) && value !== null ? scope.lookup(type.name) : undefined;
    if (wanted instanceof UserClass && value instanceof GroovyMap && !wanted.isRecord)
      return wanted.create([value]);
    if (
      wanted instanceof UserClass &&
      typeof value === 'string' &&
      wanted.statics.get(value) instanceof EnumConstant
    )
      return wanted.statics.get(value);
    return coerce(value, type, this);
  }

  isInstance(value: Value, name: string): boolean {
    return isInstance(value, name);
  }

  classOf(value: Value): Value {
    const name = classNameOf(value);
    return new ClassReference(name, Object.hasOwn(library, name) ? library[name]! : {}, this);
  }

  /** A class by its name without package. */
  className(name: string): Value | undefined {
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const host = Object.hasOwn(library, name) ? library[name] : isException(name) ? {} : undefined;
    if (!host) return undefined;
    const reference = new ClassReference(name, host, this);
    this.#classes.set(name, reference);
    return reference;
  }

  defineClass(name: string, value: Value): void {
    this.#classes.set(name, value);
  }

  // Scopes of scripts

  register(scope: Scope, module: Module, object: Value): void {
    this.#modules.set(scope, module);
    this.#objects.set(scope, object);
  }

  module(scope: Scope): Module {
    const module = this.#modules.get(scope);
    if (!module) throw fault('Functions and classes are declared at the top of a script.');
    return module;
  }

  scriptObject(scope: Scope): Value {
    return this.#objects.get(scope) ?? text(scope);
  }
}

const ON_NOTHING = new Set(['collect', 'findAll', 'grep', 'any', 'every', 'findIndexOf']);
const EMPTY: Scope = { lookup: () => undefined, assign: () => false, call: () => undefined, names: () => [] };
