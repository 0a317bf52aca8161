import { randomUUID } from 'node:crypto';
import type { Clock, Log } from '@helicase/kernel';
import type { ControlGroups } from '../cgroup/control-group.ts';
import { emptyAndRemove } from '../cgroup/empty.ts';
import { DEFAULT_GRACE } from '../process/supervise.ts';
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
  /** Milliseconds that a cancelled engine has to end by itself; DEFAULT_GRACE unless told. */
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

export function createEngineHost(options: EngineHostOptions): EngineHost {
  return new Host(options);
}

/** One idle engine waits, so that a run does not wait for Node's start. */
class Host implements EngineHost {
  readonly #options: EngineHostOptions;
  readonly #sessions = new Set<EngineSession>();
  /** Every engine that may still live: idle, getting ready, or at work. */
  readonly #engines = new Set<EngineChild>();
  #idle: EngineChild | undefined;
  #closed = false;

  constructor(options: EngineHostOptions) {
    this.#options = options;
  }

  async run(run: EngineRun): Promise<EngineResult> {
    this.#refuseWhenClosed();
    if (run.signal?.aborted) return { status: 'cancelled' };
    const engine = await this.#take().finally(() => this.#refuseWhenClosed());
    const { clock, grace = DEFAULT_GRACE } = this.#options;
    const session = new EngineSession(run, engine, clock, grace);
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
    this.#idle = undefined;
    await Promise.all([...this.#sessions].map((session) => session.stop()));
    await Promise.all([...this.#engines].map((engine) => engine.end()));
  }

  /** The idle engine where it is well, a fresh one otherwise; and another one is started for the next run. */
  async #take(): Promise<EngineChild> {
    const idle = this.#idle ?? this.#spawn();
    this.#idle = this.#spawn();
    try {
      await idle.ready;
      return idle;
    } catch (error) {
      if (this.#closed) throw error;
      this.#options.log.warn({ error }, 'the waiting engine was lost');
      await idle.end();
    }
    const fresh = this.#spawn();
    await fresh.ready;
    return fresh;
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new EngineStopped('The server is stopping.');
  }

  #spawn(): EngineChild {
    const { entry, clock, groups, memoryMegabytes = DEFAULT_MEMORY_MEGABYTES } = this.#options;
    const engine = new EngineChild(
      { entry, clock, memoryMegabytes, ...(groups ? { groups } : {}) },
      `engine-${randomUUID()}`,
    );
    this.#engines.add(engine);
    void engine.gone.then(() => this.#engines.delete(engine));
    return engine;
  }
}
