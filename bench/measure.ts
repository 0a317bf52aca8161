import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What a piece of work took: seconds, and the memory of this process's largest descendant. */
export interface Cost {
  readonly wall: number;
  readonly cpu: number;
  readonly peakMegabytes: number;
}

/** CPU seconds of this process and of its children that have ended (proc(5): utime, stime, cutime, cstime). */
export function cpuSeconds(): number {
  const text = readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

export async function measure(work: () => void | Promise<void>): Promise<Cost> {
  const watch = new MemoryWatch();
  const cpu = cpuSeconds();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) / 1000;
  return { wall, cpu: cpuSeconds() - cpu, peakMegabytes: await watch.stop() };
}

/** Looks at the children ten times a second: the kernel keeps each one's highest resident size while it lives. */
class MemoryWatch {
  #peak = 0;
  #isOver = false;
  readonly #done: Promise<void> = this.#look();

  async #look(): Promise<void> {
    while (!this.#isOver) {
      for (const pid of childrenOf(process.pid)) this.#peak = Math.max(this.#peak, highWater(pid));
      await delay(100);
    }
  }

  async stop(): Promise<number> {
    this.#isOver = true;
    await this.#done;
    return this.#peak;
  }
}

function* childrenOf(pid: number): Iterable<number> {
  for (const child of readEach(pid)) {
    yield child;
    yield* childrenOf(child);
  }
}

function readEach(pid: number): readonly number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const lists = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'));
    return lists.join(' ').split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it has ended
  }
}

function highWater(pid: number): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(found?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has ended
  }
}
