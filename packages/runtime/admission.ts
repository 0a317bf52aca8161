import { type GpuDevice, isOfType } from './accelerators.ts';
import { onAbort } from './on-abort.ts';
import type { StartFault, TaskResources } from './task.ts';

export interface Capacity {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus?: readonly GpuDevice[];
  /** Tasks at once, whatever they ask for; absent: as many as fit. */
  readonly tasks?: number;
}

/** A task's place on the host. */
export interface Place {
  readonly gpus: readonly GpuDevice[];
  /** Once, when the task is over. */
  leave(): void;
}

interface Waiting {
  readonly resources: TaskResources;
  admit(): void;
}

/** The host cannot ever run it, or the wait was given up. */
export class NotAdmitted extends Error {
  override name = 'NotAdmitted';
  readonly fault: StartFault | undefined;

  constructor(message: string, fault?: StartFault) {
    super(message);
    this.fault = fault;
  }
}

const GIBIBYTE = 2 ** 30;

/**
 * Lets tasks start in the order in which they asked while the host's processors, memory and GPUs last. First come, first
 * served without overtaking, so that a large task is never starved by small ones.
 */
export class Admission {
  readonly #total: Capacity;
  readonly #queue: Waiting[] = [];
  #cpus: number;
  #memoryBytes: number;
  #tasks: number;
  #gpus: readonly GpuDevice[];

  constructor(total: Capacity) {
    this.#total = total;
    this.#cpus = total.cpus;
    this.#memoryBytes = total.memoryBytes;
    this.#tasks = total.tasks ?? Infinity;
    this.#gpus = total.gpus ?? [];
  }

  /** Why this machine can never run it; undefined where it can. */
  refusal(resources: TaskResources): string | undefined {
    const { cpus, memoryBytes } = this.#total;
    if (resources.cpus > cpus || resources.memoryBytes > memoryBytes) {
      return (
        `The task asks for ${resources.cpus} vCPUs and ${gibibytes(resources.memoryBytes)} GiB of memory; this machine ` +
        `has ${cpus} vCPUs and ${gibibytes(memoryBytes)} GiB for tasks. Ask for less, or run it on a larger machine.`
      );
    }
    return this.#acceleratorRefusal(resources);
  }

  /** Resolves when it is the task's turn. Rejects when the signal aborts. */
  enter(resources: TaskResources, signal?: AbortSignal): Promise<Place> {
    const refused = this.refusal(resources);
    if (refused) return Promise.reject(new NotAdmitted(refused, 'resources'));
    if (signal?.aborted) return Promise.reject(new NotAdmitted('Cancelled before its turn.'));
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(new NotAdmitted('Cancelled before its turn.'));
        this.#advance();
      };
      const waiting: Waiting = {
        resources,
        admit: () => {
          stay?.();
          resolve(this.#take(resources, this.#choose(resources)));
        },
      };
      const stay = signal && onAbort(signal, giveUp);
      this.#queue.push(waiting);
      this.#advance();
    });
  }

  /** For a task that runs already, with its GPUs: it takes its place without asking, and others wait the longer. */
  enterRunning(resources: TaskResources, gpus: readonly GpuDevice[] = []): Place {
    return this.#take(resources, gpus);
  }

  #acceleratorRefusal({ accelerators }: TaskResources): string | undefined {
    if (!accelerators) return undefined;
    const { count, type } = accelerators;
    const all = this.#total.gpus ?? [];
    if (all.filter((device) => isOfType(device, type)).length >= count) return undefined;
    const there = all.length === 0 ? 'no GPU' : all.map(({ model }) => model).join(', ');
    const wanted = `${count} GPU${count === 1 ? '' : 's'}${type === undefined ? '' : ` of type ${type}`}`;
    const remedy =
      all.length >= count
        ? ', or let those of this one stand for that type (the option acceleratorTypes, HELICASE_ACCELERATOR_TYPES)'
        : '';
    return (
      `The task asks for ${wanted}; this machine has ${there} for tasks. ` +
      `Run it on a machine that has them${remedy}.`
    );
  }

  #advance(): void {
    for (let first = this.#queue[0]; first && this.#fits(first.resources); first = this.#queue[0]) {
      this.#queue.shift();
      first.admit();
    }
  }

  #fits(resources: TaskResources): boolean {
    // Fractions of processors do not add up exactly: 0.1 ten times must still be one.
    return (
      resources.cpus <= this.#cpus + 1e-9 &&
      resources.memoryBytes <= this.#memoryBytes &&
      this.#tasks >= 1 &&
      this.#choose(resources).length === (resources.accelerators?.count ?? 0)
    );
  }

  #choose({ accelerators }: TaskResources): readonly GpuDevice[] {
    if (!accelerators) return [];
    return this.#gpus.filter((device) => isOfType(device, accelerators.type)).slice(0, accelerators.count);
  }

  #take({ cpus, memoryBytes }: TaskResources, gpus: readonly GpuDevice[]): Place {
    const taken = new Set(gpus.map(({ minor }) => minor));
    this.#cpus -= cpus;
    this.#memoryBytes -= memoryBytes;
    this.#tasks -= 1;
    this.#gpus = this.#gpus.filter(({ minor }) => !taken.has(minor));
    let inside = true;
    return {
      gpus,
      leave: () => {
        if (!inside) return;
        inside = false;
        this.#cpus += cpus;
        this.#memoryBytes += memoryBytes;
        this.#tasks += 1;
        this.#gpus = [...this.#gpus, ...gpus];
        this.#advance();
      },
    };
  }
}

function gibibytes(bytes: number): string {
  return (bytes / GIBIBYTE).toFixed(bytes < 10 * GIBIBYTE ? 2 : 0).replace(/\.?0+$/, '');
}
