/** Room for so many at a time; who finds none is told when there may be some. */
export class Places {
  readonly #most: number;
  #taken = 0;
  #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#most = most;
  }

  /** False: none is free, and `again` is called when one was given back. */
  take(again: () => void): boolean {
    if (this.#taken >= this.#most) {
      this.#waiting.add(again);
      return false;
    }
    this.#taken += 1;
    return true;
  }

  giveBack(): void {
    this.#taken -= 1;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const again of waiting) again();
  }
}
