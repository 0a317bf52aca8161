const MOST_KNOWN = 10_000;

export interface FailureLimits {
  /** So many within the window, and no more is looked at until it ends. */
  readonly most: number;
  /** Milliseconds. */
  readonly window: number;
}

/** Counts attempts that failed, by who made them: what is guessed at shall not be guessed at quickly. */
export class Failures {
  readonly #limits: FailureLimits;
  readonly #counts = new Map<string, { count: number; readonly until: number }>();

  constructor(limits: FailureLimits) {
    this.#limits = limits;
  }

  isRefused(who: string, now: number): boolean {
    const known = this.#counts.get(who);
    return known !== undefined && known.until > now && known.count >= this.#limits.most;
  }

  failed(who: string, now: number): void {
    const known = this.#counts.get(who);
    if (known && known.until > now) known.count += 1;
    else this.#begin(who, now);
  }

  /** Oldest first out: whoever sends ever new names takes no more memory than this. */
  #begin(who: string, now: number): void {
    this.#counts.delete(who);
    if (this.#counts.size >= MOST_KNOWN) this.#counts.delete(this.#counts.keys().next().value!);
    this.#counts.set(who, { count: 1, until: now + this.#limits.window });
  }
}
