import type { TaskResources } from './task.ts';

export interface Capacity {
  readonly cpus: number;
  readonly memoryBytes: number;
}

interface Waiting {
  readonly need: Capacity;
  admit(): void;
}

/** The host cannot ever run it, or the wait was given up. */
export class NotAdmitted extends Error {
  override name = 'NotAdmitted';
}

const GIBIBYTE = 2 ** 30;

/**
 * Lets tasks start in the order in which they asked while the host's processors and memory last. First come, first
 * served without overtaking, so that a large task is never starved by small ones.
 */
export class Admission {
  readonly #total: Capacity;
  readonly #queue: Waiting[] = [];
  #free: Capacity;

  constructor(total: Capacity) {
    this.#total = total;
    this.#free = total;
  }

  /** Why this machine can never run it; undefined where it can. */
  refusal(resources: TaskResources): string | undefined {
    const { cpus, memoryBytes } = this.#total;
    if (resources.cpus <= cpus && resources.memoryBytes <= memoryBytes) return undefined;
    return (
      `The task asks for ${resources.cpus} vCPUs and ${gibibytes(resources.memoryBytes)} GiB of memory; this machine ` +
      `has ${cpus} vCPUs and ${gibibytes(memoryBytes)} GiB for tasks. Ask for less, or run it on a larger machine.`
    );
  }

  /** Resolves when it is the task's turn; call the answer once when the task is over. Rejects when the signal aborts. */
  enter(resources: TaskResources, signal?: AbortSignal): Promise<() => void> {
    const refused = this.refusal(resources);
    if (refused) return Promise.reject(new NotAdmitted(refused));
    if (signal?.aborted) return Promise.reject(new NotAdmitted('Cancelled before its turn.'));
    const need = { cpus: resources.cpus, memoryBytes: resources.memoryBytes };
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(new NotAdmitted('Cancelled before its turn.'));
        this.#advance();
      };
      const waiting: Waiting = {
        need,
        admit: () => {
          signal?.removeEventListener('abort', giveUp);
          resolve(this.#releaser(need));
        },
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#queue.push(waiting);
      this.#advance();
    });
  }

  /** For a task that runs already: it takes its place without asking, and others wait the longer. */
  enterRunning({ cpus, memoryBytes }: TaskResources): () => void {
    const need = { cpus, memoryBytes };
    this.#change(need, -1);
    return this.#releaser(need);
  }

  #advance(): void {
    for (let first = this.#queue[0]; first && this.#fits(first.need); first = this.#queue[0]) {
      this.#queue.shift();
      this.#change(first.need, -1);
      first.admit();
    }
  }

  #fits(need: Capacity): boolean {
    // Fractions of processors do not add up exactly: 0.1 ten times must still be one.
    return need.cpus <= this.#free.cpus + 1e-9 && need.memoryBytes <= this.#free.memoryBytes;
  }

  #change(need: Capacity, sign: 1 | -1): void {
    this.#free = {
      cpus: this.#free.cpus + sign * need.cpus,
      memoryBytes: this.#free.memoryBytes + sign * need.memoryBytes,
    };
  }

  #releaser(need: Capacity): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#change(need, 1);
      this.#advance();
    };
  }
}

function gibibytes(bytes: number): string {
  return (bytes / GIBIBYTE).toFixed(bytes < 10 * GIBIBYTE ? 2 : 0).replace(/\.?0+$/, '');
}
