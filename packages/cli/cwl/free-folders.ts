/** Where names that meet go: the output folder itself, or a numbered folder in it. */
export class FreeFolders {
  /** What lies in the output folder itself: outputs, and numbered folders. */
  readonly #outputs = new Set<string>();
  readonly #numbered = new Set<string>();
  /** By name, the first number at which it may be free: thousands of files of one name each find theirs at once. */
  readonly #next = new Map<string, number>();

  /** The folder in which none of the names is taken: '' for the output folder itself, else a number. They are taken then. */
  take(names: readonly string[]): string {
    const number = this.#free(names);
    for (const name of names) this.#next.set(name, number + 1);
    if (number === 1) for (const name of names) this.#outputs.add(name);
    else this.#numbered.add(`${number}`);
    return number === 1 ? '' : `${number}`;
  }

  /** Neither an output in a numbered folder's place, nor the other way round. */
  #free(names: readonly string[]): number {
    let number = names.reduce((least, name) => Math.max(least, this.#next.get(name) ?? 1), 1);
    if (number === 1 && !names.some((name) => this.#numbered.has(name))) return 1;
    for (number = Math.max(number, 2); this.#outputs.has(`${number}`);) number += 1;
    return number;
  }
}
