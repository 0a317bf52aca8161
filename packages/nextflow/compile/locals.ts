/** The local variables that are in scope, and the names they have in the code that is made. */
export class Locals {
  readonly #outer: Locals | undefined;
  readonly #names = new Map<string, string>();
  readonly #counter: { next: number };

  constructor(outer?: Locals) {
    this.#outer = outer;
    this.#counter = outer ? outer.#counter : { next: 0 };
  }

  /** The name in the code of a variable that is declared here. */
  declare(name: string): string {
    const made = `v${this.#counter.next++}_${/^\w+$/.test(name) ? name : ''}`;
    this.#names.set(name, made);
    return made;
  }

  find(name: string): string | undefined {
    return this.#names.get(name) ?? this.#outer?.find(name);
  }

  temporary(): string {
    return `t${this.#counter.next++}`;
  }
}
