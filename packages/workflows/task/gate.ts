/** Lets `places` holders in at once; the rest wait in order of arrival. */
export class Gate {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves with the way out; rejects with the signal's reason when aborted while waiting. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    return this.#wayOut();
  }

  #wayOut(): () => void {
    let inside = true;
    return () => {
      if (inside) this.#leave();
      inside = false;
    };
  }

  /** For a holder that is inside already, since before this gate was there: the others wait the longer. */
  enterRunning(): () => void {
    this.#free -= 1;
    return this.#wayOut();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#queue.push(enter);
    });
  }

  #leave(): void {
    const next = this.#free < 0 ? undefined : this.#queue.shift();
    if (next) next();
    else this.#free += 1;
  }
}
