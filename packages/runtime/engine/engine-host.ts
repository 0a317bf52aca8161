import { randomUUID } from 'node:crypto';
import type { Clock, Log } from '@helicase/kernel';
import type { ControlGroups } from '../cgroup/control-group.ts';
import { emptyAndRemove } from '../cgroup/empty.ts';
import { EngineChild } from './engine-child.ts';
import { type EngineResult, type EngineRun, EngineStopped } from './engine-run.ts';
import { EngineSession } from './engine-session.ts';

export interface EngineHostOptions {
  /** The file that calls `serveEngine`. */
  readonly entry: URL;
  readonly clock: Clock;
  readonly log: Log;
  /** Engines get a group each where there are control groups. Not the tasks' ones: another owner. */
  readonly groups?: ControlGroups;
  /** Of the heap; 512 unless told. */
  readonly memoryMegabytes?: number;
  /** Milliseconds that a cancelled engine has to end by itself; 2,000 unless told. */
  readonly grace?: number;
}

export interface EngineHost {
  /** One run in a process of its own. Rejects with EngineStopped when the host is closed meanwhile: run it again later. */
  run(run: EngineRun): Promise<EngineResult>;
  /** Ends engines that a dead server left, by their control groups. Before the first run. */
  cleanUp(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_MEMORY_MEGABYTES = 512;
const DEFAULT_GRACE = 2_000;

export function createEngineHost(options: EngineHostOptions): EngineHost {
  return new Host(options);
}

/** One idle engine waits, so that a run does not wait for Node's start. */
class Host implements EngineHost {
  readonly #options: EngineHostOptions;
  readonly #sessions = new Set<EngineSession>();
  #idle: EngineChild | undefined;
  #closed = false;

  constructor(options: EngineHostOptions) {
    this.#options = options;
  }

  async run(run: EngineRun): Promise<EngineResult> {
    if (this.#closed) throw new EngineStopped('The server is stopping.');
    if (run.signal?.aborted) return { status: 'cancelled' };
    const session = new EngineSession(
      run,
      await this.#take(),
      this.#options.clock,
      this.#options.grace ?? DEFAULT_GRACE,
    );
    this.#sessions.add(session);
    try {
      return await session.result();
    } finally {
      this.#sessions.delete(session);
    }
  }

  async cleanUp(): Promise<void> {
    const { groups, clock } = this.#options;
    if (groups) await Promise.all(groups.list().map((name) => emptyAndRemove(groups.open(name), clock)));
    this.#idle ??= this.#spawn();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const idle = this.#idle;
    this.#idle = undefined;
    await Promise.all([idle?.end(), ...[...this.#sessions].map((session) => session.stop())]);
  }

  /** The idle engine where it is well, a fresh one otherwise; and another one is started for the next run. */
  async #take(): Promise<EngineChild> {
    const idle = this.#idle ?? this.#spawn();
    this.#idle = undefined;
    try {
      await idle.ready;
      return idle;
    } catch (error) {
      this.#options.log.warn({ error }, 'the waiting engine was lost');
      await idle.end();
    } finally {
      if (!this.#closed) this.#idle ??= this.#spawn();
    }
    const fresh = this.#spawn();
    await fresh.ready;
    return fresh;
  }

  #spawn(): EngineChild {
    const { entry, clock, groups, memoryMegabytes = DEFAULT_MEMORY_MEGABYTES } = this.#options;
    return new EngineChild(
      { entry, clock, memoryMegabytes, ...(groups ? { groups } : {}) },
      `engine-${randomUUID()}`,
    );
  }
}
