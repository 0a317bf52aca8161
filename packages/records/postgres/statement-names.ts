import type { CompiledQuery } from 'kysely';

const NAMED_STATEMENTS = 500;

/** Names statements so that each connection parses and plans them once. */
export class StatementNames {
  readonly #names = new Map<string, string>();

  named(query: CompiledQuery): { name?: string; text: string; values: unknown[] } {
    const values = [...query.parameters];
    const name = this.#nameOf(query);
    return name === undefined ? { text: query.sql, values } : { name, text: query.sql, values };
  }

  #nameOf(query: CompiledQuery): string | undefined {
    const known = this.#names.get(query.sql);
    // Data definition is not worth a plan, and a bounded set of names keeps the server's memory bounded.
    if (known !== undefined || query.parameters.length === 0 || this.#names.size >= NAMED_STATEMENTS) {
      return known;
    }
    const name = `helicase_${this.#names.size}`;
    this.#names.set(query.sql, name);
    return name;
  }
}
