import { suggestion } from '../diagnostics/suggestion.ts';
import { Closure } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import type { Value } from '../values/value.ts';
import type { ScriptScope } from '../run/script-scope.ts';

export type PluginFunction = (args: readonly Value[], script: ScriptScope | undefined) => Value;

export interface Plugin {
  readonly functions: Readonly<Record<string, PluginFunction>>;
  /** Of channels, by their names: each gives a channel's items. */
  readonly factories?: Readonly<Record<string, (args: readonly Value[]) => Iterable<Value>>>;
}

/** What has no functions and changes nothing of the results. */
const HARMLESS = new Set([
  'nf-amazon',
  'nf-tower',
  'nf-wave',
  'nf-console',
  'nf-co2footprint',
  'nf-boost-disabled',
]);

/** The plugins that are built in; others are refused by name. */
export class Plugins {
  readonly #plugins: Readonly<Record<string, Plugin>>;
  readonly #warn: (message: string) => void;

  constructor(plugins: Readonly<Record<string, Plugin>>, warn: (message: string) => void) {
    this.#plugins = plugins;
    this.#warn = warn;
  }

  /** Checks what the configuration asks for: `nf-schema@2.1.0`. */
  check(ids: readonly string[]): void {
    for (const id of ids) {
      const [name = ''] = id.split('@');
      if (Object.hasOwn(this.#plugins, name)) continue;
      if (HARMLESS.has(name)) this.#warn(`The plugin ${name} does nothing here.`);
      else throw this.#refused(name);
    }
  }

  /** `include { f } from 'plugin/name'`. */
  included(plugin: string, name: string): Value {
    const found = own(this.#plugins, plugin);
    if (!found) throw this.#refused(plugin);
    // A factory is called as channel.NAME; that it is included changes nothing of that.
    if (own(found.factories ?? {}, name)) return null;
    const body = own(found.functions, name);
    if (!body)
      throw fault(
        `The plugin ${plugin} has no "${name}" here.${suggestion(name, Object.keys(found.functions))}`,
      );
    const closure: Closure = new Closure((_self, given) => body(given as Value[], undefined), NOWHERE, {
      arity: 1,
      rest: true,
      start: 0,
      end: 0,
    });
    return closure;
  }

  factory(name: string, args: readonly Value[]): Iterable<Value> | undefined {
    for (const { factories = {} } of Object.values(this.#plugins)) {
      const found = own(factories, name);
      if (found) return found(args);
    }
    return undefined;
  }

  #refused(name: string): Error {
    return fault(
      `The plugin "${name}" is not supported. Built in are: ${Object.keys(this.#plugins).join(', ')}.`,
      'AbortOperationException',
    );
  }

  lookup(_name: string): Value | undefined {
    return undefined;
  }

  call(_name: string, _args: readonly Value[], _script: ScriptScope): Value | undefined {
    return undefined;
  }
}

const NOWHERE = { lookup: () => undefined, assign: () => false, call: () => undefined, names: () => [] };

/** Names come from scripts: what every object of JavaScript has is not meant. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
