type Ending = 'done' | 'cancelled';
type Finish = (instance: string, ids: readonly string[], status: Ending) => Promise<void>;

interface Finished {
  readonly instance: string;
  readonly id: string;
  readonly status: Ending;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Ends jobs in groups: whatever ended while the group before was being committed shares one statement. */
export class Finisher {
  readonly #finish: Finish;
  #waiting: Finished[] = [];
  #flushing = false;

  constructor(finish: Finish) {
    this.#finish = finish;
  }

  finish(instance: string, id: string, status: Ending): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ instance, id, status, resolve, reject });
      if (this.#flushing) return;
      this.#flushing = true;
      queueMicrotask(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const all = this.#waiting;
      this.#waiting = [];
      for (const group of Map.groupBy(all, (each) => `${each.instance} ${each.status}`).values()) {
        await this.#commit(group);
      }
    }
    this.#flushing = false;
  }

  async #commit(group: readonly Finished[]): Promise<void> {
    const [first] = group;
    if (!first) return;
    try {
      await this.#finish(
        first.instance,
        group.map(({ id }) => id),
        first.status,
      );
      for (const each of group) each.resolve();
    } catch (error) {
      for (const each of group) each.reject(error);
    }
  }
}
