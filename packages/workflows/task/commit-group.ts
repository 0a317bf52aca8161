import type { Transaction } from '@helicase/records';

interface Write {
  readonly work: (tx: Transaction) => Promise<void>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Groups small writes into one transaction: those that come while a commit is under way, or within `patience` of the
 * first, share the next. Order is kept, within a transaction and across them, so that whatever is durable never
 * depends on something that is not. A commit that fails fails all of its writes and every later one.
 */
export class CommitGroup {
  readonly #commit: (work: (tx: Transaction) => Promise<void>) => Promise<void>;
  readonly #patience: () => Promise<void>;
  #waiting: Write[] = [];
  #running: Promise<void> | undefined;
  #broken: { readonly error: unknown } | undefined;

  constructor(
    commit: (work: (tx: Transaction) => Promise<void>) => Promise<void>,
    patience: () => Promise<void>,
  ) {
    this.#commit = commit;
    this.#patience = patience;
  }

  /** Resolves once the write is durable. */
  add(work: (tx: Transaction) => Promise<void>): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#broken) return failed(this.#broken.error);
      this.#waiting.push({ work, done, failed });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Throws what broke the group: from then on nothing that depends on its writes may go on. */
  throwIfBroken(): void {
    if (this.#broken) throw this.#broken.error;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#patience();
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#write(batch);
    }
    this.#running = undefined;
  }

  async #write(batch: readonly Write[]): Promise<void> {
    try {
      if (this.#broken) throw this.#broken.error;
      await this.#commit(async (tx) => {
        for (const { work } of batch) await work(tx);
      });
      for (const { done } of batch) done();
    } catch (error) {
      this.#broken = { error };
      for (const { failed } of batch) failed(error);
    }
  }
}
