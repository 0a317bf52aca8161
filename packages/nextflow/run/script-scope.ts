import type { Method } from '../evaluate/instance.ts';
import type { Module } from '../evaluate/interpreter.ts';
import { Closure, type Scope } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import type { Params } from '../values/params.ts';
import type { Value } from '../values/value.ts';

/** What a script gets from the run: functions and constants of Nextflow. */
export interface ScriptGlobals {
  lookup(name: string, script: ScriptScope): Value | undefined;
  call(name: string, args: readonly Value[], script: ScriptScope): Value | undefined;
  names(): Iterable<string>;
}

/** The names of one script: its variables, functions, processes, workflows and what it includes. */
export class ScriptScope implements Scope, Module {
  /** The file, absolute. */
  readonly file: string;
  readonly params: Params;
  readonly #globals: ScriptGlobals;
  readonly #values = new Map<string, Value>();
  readonly #functions = new Map<string, Method[]>();
  /** Processes, workflows and functions, which others may include. */
  readonly components = new Map<string, Value>();

  constructor(file: string, params: Params, globals: ScriptGlobals) {
    this.file = file;
    this.params = params;
    this.#globals = globals;
  }

  addFunction(method: Method): void {
    this.#functions.set(method.name, [...(this.#functions.get(method.name) ?? []), method]);
  }

  define(name: string, value: Value): void {
    this.#values.set(name, value);
    this.components.set(name, value);
  }

  /** What another script may include under that name. */
  exported(name: string): Value | undefined {
    return this.components.get(name) ?? this.#functionValue(name);
  }

  exportedNames(): string[] {
    return [...this.components.keys(), ...this.#functions.keys()];
  }

  lookup(name: string): Value | undefined {
    if (name === 'params') return this.params;
    if (this.#values.has(name)) return this.#values.get(name);
    const own = this.components.get(name);
    if (own !== undefined) return own;
    return this.#globals.lookup(name, this) ?? this.#functionValue(name);
  }

  #functionValue(name: string): Value | undefined {
    const methods = this.#functions.get(name);
    if (!methods) return undefined;
    const arity = Math.max(...methods.map((method) => method.arity));
    return new Closure((_self, ...args) => this.#run(methods, args) ?? null, this, {
      arity,
      start: 0,
      end: 0,
    });
  }

  #run(methods: readonly Method[], args: readonly Value[]): Value | undefined {
    const fitting = methods.find((method) => args.length >= method.required && args.length <= method.arity);
    if (fitting) return fitting.body(this, ...args);
    // One list for several parameters, as closures take it.
    const [list] = args;
    if (args.length === 1 && Array.isArray(list)) {
      const spread = methods.find((method) => list.length >= method.required && list.length <= method.arity);
      if (spread) return spread.body(this, ...(list as Value[]));
    }
    return undefined;
  }

  assign(name: string, value: Value): boolean {
    this.#values.set(name, value);
    return true;
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    const methods = this.#functions.get(name);
    if (methods) {
      const result = this.#run(methods, args);
      if (result !== undefined) return result;
      const takes = methods.map(({ arity, required }) =>
        arity === required ? arity : `${required} to ${arity}`,
      );
      throw fault(
        `The function "${name}" takes ${takes.join(' or ')} arguments, but ${args.length} were given.`,
        'MissingMethodException',
      );
    }
    const own = this.#values.get(name) ?? this.components.get(name);
    if (own !== undefined) return undefined;
    return this.#globals.call(name, args, this);
  }

  *names(): Iterable<string> {
    yield* this.#values.keys();
    yield* this.components.keys();
    yield* this.#functions.keys();
    yield* this.#globals.names();
  }
}
