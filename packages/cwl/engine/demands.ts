import { Evaluator } from '../expression/evaluator.ts';
import type { ProcessBase, Requirements } from '../load/model.ts';
import { listOf, type ValueObject } from '../value.ts';
import type { Javascript } from '../expression/javascript.ts';

/**
 * The requirements and hints in force for a process: its own before the step's before those around. A requirement of
 * an outer process stands before a hint of an inner one.
 */
export class Demands {
  readonly #requirements: Requirements;
  readonly #hints: Requirements;
  readonly #overrides: Requirements;

  /** `overrides` are the job's own, which stand before all others. */
  constructor(
    overrides: Requirements,
    requirements: Requirements = new Map(),
    hints: Requirements = new Map(),
  ) {
    this.#overrides = overrides;
    this.#requirements = requirements;
    this.#hints = hints;
  }

  within(inner: Pick<ProcessBase, 'requirements' | 'hints'>): Demands {
    return new Demands(
      this.#overrides,
      new Map([...this.#requirements, ...inner.requirements]),
      new Map([...this.#hints, ...inner.hints]),
    );
  }

  find(name: string): ValueObject | undefined {
    return this.#overrides.get(name) ?? this.#requirements.get(name) ?? this.#hints.get(name);
  }

  requires(name: string): boolean {
    return this.#overrides.has(name) || this.#requirements.has(name);
  }

  evaluator({ javascript }: { readonly javascript: Javascript | undefined }): Evaluator {
    const found = this.find('InlineJavascriptRequirement');
    const library =
      found && listOf(found['expressionLib']).filter((text): text is string => typeof text === 'string');
    return new Evaluator(javascript, library);
  }
}
