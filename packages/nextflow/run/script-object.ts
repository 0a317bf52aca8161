import { GroovyObject, type Value } from '../values/value.ts';
import type { ScriptScope } from './script-scope.ts';

/** A script as `this`. */
export class ScriptObject extends GroovyObject {
  readonly className = 'Script';
  readonly #scope: ScriptScope;

  constructor(scope: ScriptScope) {
    super();
    this.#scope = scope;
  }

  override property(name: string): Value | undefined {
    return this.#scope.lookup(name);
  }

  override setProperty(name: string, value: Value): boolean {
    return this.#scope.assign(name, value);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    return this.#scope.call(name, args);
  }

  toString(): string {
    return this.#scope.file;
  }
}
