import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '@helicase/kernel';
import { errorCode } from './cgroup/files.ts';
import { LineSplitter } from './line-splitter.ts';

export interface LogLine {
  /** Milliseconds since 1970: when the line was read, at most a tenth of a second after it was written. */
  readonly timestamp: number;
  readonly message: string;
}

export interface FollowOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Complete lines in their order; nothing more is read before it resolves. */
  onLines(lines: readonly LogLine[]): void | Promise<void>;
  /** Byte position to begin at: what an earlier follower has told already. */
  readonly from?: number;
}

export interface LogFollower {
  /** Call when the writer is gone: reads to the end, tells the last line even without its newline, and resolves. */
  finish(): Promise<void>;
  /** Rejects where `onLines` or reading failed; resolves with `finish`. */
  readonly done: Promise<void>;
}

const INTERVAL_MILLISECONDS = 50;
const CHUNK_BYTES = 256 * 1024;

/** Follows a growing file, as `tail -f` does. The file need not exist yet. */
export function followLog(options: FollowOptions): LogFollower {
  const finished = new AbortController();
  const done = follow(options, finished.signal);
  done.catch(() => {}); // told through `done` and `finish`; never unhandled
  return {
    done,
    finish: () => {
      finished.abort();
      return done;
    },
  };
}

async function follow(options: FollowOptions, finished: AbortSignal): Promise<void> {
  const reader = new Reader(options);
  try {
    while (!finished.aborted) {
      await reader.readOn();
      await pause(options.clock, finished);
    }
    await reader.readOn();
    await reader.end();
  } finally {
    await reader.close();
  }
}

async function pause(clock: Clock, finished: AbortSignal): Promise<void> {
  try {
    await clock.sleep(INTERVAL_MILLISECONDS, finished);
  } catch (error) {
    if (!finished.aborted) throw error;
  }
}

class Reader {
  readonly #options: FollowOptions;
  readonly #splitter = new LineSplitter();
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);
  #handle: FileHandle | undefined;
  #position: number;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#position = options.from ?? 0;
  }

  /** Reads what there is by now. */
  async readOn(): Promise<void> {
    this.#handle ??= await openIfThere(this.#options.path);
    if (!this.#handle) return;
    for (;;) {
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, CHUNK_BYTES, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      await this.#tell(this.#splitter.push(this.#buffer.subarray(0, bytesRead)));
    }
  }

  async end(): Promise<void> {
    await this.#tell(this.#splitter.end());
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }

  async #tell(messages: readonly string[]): Promise<void> {
    if (messages.length === 0) return;
    const timestamp = this.#options.clock.now();
    await this.#options.onLines(messages.map((message) => ({ timestamp, message })));
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
