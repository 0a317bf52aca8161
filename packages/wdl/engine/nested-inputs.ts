import { fromJson } from '../evaluate/json.ts';
import type { Value } from '../evaluate/value.ts';

/**
 * Parameters for what lies deeper than the main workflow's inputs: `call.input` where its meta has
 * `allowNestedInputs`, and `call.runtime.attribute`. Scatter indexes play no part: they mean every shard.
 */
export class NestedInputs {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown> = new Map()) {
    this.#values = values;
  }

  /** For the call at this path, without the main workflow's name: inputs by name. */
  inputs(path: string): Map<string, Value> {
    return this.#below(prefixOf(path));
  }

  /** For the task at this path: attributes of its runtime or requirements section by name. */
  runtime(path: string): Map<string, Value> {
    return new Map([...this.#section(path, 'runtime'), ...this.#section(path, 'requirements')]);
  }

  hints(path: string): Map<string, Value> {
    return this.#section(path, 'hints');
  }

  #section(path: string, section: string): Map<string, Value> {
    return this.#below(prefixOf(path) + section + '.');
  }

  #below(prefix: string): Map<string, Value> {
    const found = new Map<string, Value>();
    if (this.#values.size === 0) return found;
    for (const [key, json] of this.#values) {
      const rest = key.slice(prefix.length);
      if (key.startsWith(prefix) && !rest.includes('.')) found.set(rest, fromJson(json));
    }
    return found;
  }
}

/** The path with a dot behind it, without the main workflow's own name; empty for a task that runs alone. */
function prefixOf(path: string): string {
  const [, ...calls] = path.replace(/\[\d+\]/g, '').split('.');
  return calls.map((call) => `${call}.`).join('');
}
