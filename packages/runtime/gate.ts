/** Lets only so many pieces of work run at a time; the rest wait in line. */
export class Gate {
  readonly #limit: number;
  /** In the order of arrival; a set gives up its first member without moving the others. */
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#limit) await new Promise<void>((enter) => this.#waiting.add(enter));
    else this.#inside += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes this place over, so the number inside stays as it is.
      const [next] = this.#waiting;
      if (next) {
        this.#waiting.delete(next);
        next();
      } else this.#inside -= 1;
    }
  }
}
