import { open } from 'node:fs/promises';
import type { Actor, Clock } from '@helicase/kernel';
import type { LogLine } from '@helicase/runtime';
import type { RunLogs } from '../ports.ts';
import { LOG_GROUP, logStreams } from './log-streams.ts';
import type { RunLogLevel } from './model.ts';

export interface RunLogOptions {
  readonly logs: RunLogs;
  readonly actor: Actor;
  readonly clock: Clock;
  readonly runId: string;
  readonly level: RunLogLevel;
}

/** Bytes of a failed task's output that ERROR keeps. */
const TAIL_BYTES = 256 * 1024;
/** Engine lines kept in case the run fails, where the level wants them only then. */
const KEPT_LINES = 10_000;

/**
 * The run's streams, at its log level: ALL has everything live; ERROR the engine's log of a failed run and the output
 * of failed tasks; FATAL the engine's log of a failed run; OFF nothing.
 */
export class RunLog {
  readonly #options: RunLogOptions;
  readonly #kept: LogLine[] = [];

  constructor(options: RunLogOptions) {
    this.#options = options;
  }

  /** True where tasks' output is wanted while they run. */
  get followsTasks(): boolean {
    return this.#options.level === 'ALL';
  }

  /** What happens to the run: `run/<id>`. */
  async run(message: string): Promise<void> {
    if (this.#options.level === 'OFF') return;
    await this.#append(logStreams.run(this.#options.runId), [this.#event(message)]);
  }

  /** What the engine says: `run/<id>/engine`. */
  async engine(message: string): Promise<void> {
    if (this.#options.level === 'OFF') return;
    const event = this.#event(message);
    if (this.#options.level === 'ALL') return this.#append(logStreams.engine(this.#options.runId), [event]);
    if (this.#kept.length < KEPT_LINES) this.#kept.push(event);
  }

  /** The run failed: the levels that keep the engine's log for this give it now. */
  async failed(): Promise<void> {
    await this.#append(logStreams.engine(this.#options.runId), this.#kept.splice(0));
  }

  /** Lines of a task's output as they come: `run/<id>/task/<task id>`. */
  async task(taskId: string, lines: readonly LogLine[]): Promise<void> {
    await this.#append(logStreams.task(this.#options.runId, taskId), lines);
  }

  /** The end of a failed task's output, where it was not followed. */
  async failedTask(taskId: string, paths: readonly string[]): Promise<void> {
    if (this.#options.level !== 'ERROR') return;
    for (const path of paths) {
      const lines = await lastLines(path);
      await this.task(
        taskId,
        lines.map((line) => this.#event(line)),
      );
    }
  }

  /** One JSON object an event: `manifest/run/<id>/<uuid>`. Written at every level: reruns depend on it. */
  async manifest(uuid: string, documents: readonly object[]): Promise<void> {
    const timestamp = this.#options.clock.now();
    await this.#append(
      logStreams.manifest(this.#options.runId, uuid),
      documents.map((document) => ({ timestamp, message: JSON.stringify(document) })),
    );
  }

  flush(): Promise<void> {
    return this.#options.logs.flush();
  }

  #event(message: string): LogLine {
    return { timestamp: this.#options.clock.now(), message };
  }

  async #append(stream: string, events: readonly LogLine[]) {
    if (events.length > 0) await this.#options.logs.append(this.#options.actor, LOG_GROUP, stream, events);
  }
}

async function lastLines(path: string): Promise<readonly string[]> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer } = await file.read({ buffer: Buffer.alloc(size - start), position: start });
    return buffer.toString('utf8').split('\n').filter(Boolean);
  } finally {
    await file.close();
  }
}
