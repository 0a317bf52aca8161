import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log } from '@helicase/kernel';
import { errorCode } from './cgroup/files.ts';

export interface DiskGuardOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** On the file system that tasks write to. */
  readonly directory: string;
  /** Bytes of that file system that tasks may not have, together; 1 GiB, or a fiftieth of a small one, unless told. */
  readonly reserveBytes?: number;
}

/** A task whose files are looked at while it runs. */
export interface WatchedTask {
  /** Files and folders that count; they may be missing. */
  readonly roots: readonly string[];
  /** Absent: as much as the host has, less the reserve. */
  readonly limitBytes?: number;
  /** The folder of its run and what that may hold, of all tasks together and what ended ones left. */
  readonly run?: { readonly folder: string; readonly limitBytes: number };
  /** Called at most once, with the reason. */
  end(message: string): void;
}

export interface DiskWatch {
  /** Ends the watch; the most that the task was seen to hold, and why it was ended, where it was. */
  stop(): Promise<{ readonly peakBytes?: number; readonly reason?: string }>;
}

interface Entry {
  readonly task: WatchedTask;
  readonly since: number;
  used?: number;
  peak?: number;
  reason?: string;
}

const LOOK_MILLISECONDS = 500;
/** Looking may take a tenth of the time, however many files there are. */
const PAUSE_PER_LOOK = 10;
const GIBIBYTE = 2 ** 30;
/** Below this a task is not the one that fills the disk. */
const SMALLEST_CULPRIT = 64 * 2 ** 20;

/**
 * Keeps tasks to their disk limits, and the host's disk from filling up, by looking: file system quotas are not to be
 * had on every host. A single file cannot pass the limit at all (the kernel's limit of a file's size is set too); many
 * files can by as much as is written between two looks.
 */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  readonly #entries = new Set<Entry>();
  #looking: AbortController | undefined;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
  }

  watch(task: WatchedTask): DiskWatch {
    const entry: Entry = { task, since: this.#options.clock.now() };
    this.#entries.add(entry);
    if (!this.#looking) {
      this.#looking = new AbortController();
      void this.#look(this.#looking.signal);
    }
    return { stop: () => this.#stop(entry) };
  }

  async #stop(entry: Entry): Promise<{ readonly peakBytes?: number; readonly reason?: string }> {
    this.#entries.delete(entry);
    if (this.#entries.size === 0) {
      this.#looking?.abort();
      this.#looking = undefined;
    }
    if (entry.task.limitBytes !== undefined) await measure(entry);
    return {
      ...(entry.peak === undefined ? {} : { peakBytes: entry.peak }),
      ...(entry.reason === undefined ? {} : { reason: entry.reason }),
    };
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let pause = LOOK_MILLISECONDS;
    while (!signal.aborted) {
      try {
        await clock.sleep(pause, signal);
        const begun = clock.now();
        await this.#lookOnce(begun);
        pause = Math.max(LOOK_MILLISECONDS, PAUSE_PER_LOOK * (clock.now() - begun));
      } catch (error) {
        if (!signal.aborted) log.warn({ error }, 'what tasks hold on the disk could not be told');
      }
    }
  }

  async #lookOnce(now: number): Promise<void> {
    const old = [...this.#entries].filter(({ since }) => now - since >= LOOK_MILLISECONDS);
    for (const entry of old) {
      await measure(entry);
      const { limitBytes = Infinity } = entry.task;
      if (entry.used! > limitBytes) this.#end(entry, overLimit(entry.used!, limitBytes));
    }
    const { bavail, bfree, blocks, bsize } = await statfs(this.#options.directory);
    await this.#lookAtRuns(old, (blocks - bfree) * bsize);
    const reserve = this.#options.reserveBytes ?? Math.min(GIBIBYTE, (blocks * bsize) / 50);
    const lacking = bavail * bsize < reserve;
    const largest = old.toSorted((a, b) => b.used! - a.used!).find(({ reason }) => reason === undefined);
    if (!lacking || !largest || largest.used! < SMALLEST_CULPRIT) return;
    this.#end(
      largest,
      `It held ${mebibytes(largest.used!)} MiB when the host's disk was nearly full. Give the host more disk, or tasks a disk limit.`,
    );
  }

  #end(entry: Entry, reason: string): void {
    if (entry.reason !== undefined || !this.#entries.has(entry)) return;
    entry.reason = reason;
    entry.task.end(reason);
  }

  /** A run cannot hold more than the file system does: where that is below its bound, its files need not be counted. */
  async #lookAtRuns(entries: readonly Entry[], heldInAll: number): Promise<void> {
    const runs = Map.groupBy(entries, ({ task }) => task.run?.folder);
    for (const [folder, ofRun] of runs) {
      const [{ task }] = ofRun as [Entry];
      if (folder === undefined || heldInAll <= task.run!.limitBytes) continue;
      const used = await heldBytes(folder);
      const [largest] = ofRun.toSorted((a, b) => b.used! - a.used!);
      if (used > task.run!.limitBytes) this.#end(largest!, overStorage(used, task.run!.limitBytes));
    }
  }
}

export function overLimit(used: number, limit: number): string {
  return `It held ${mebibytes(used)} MiB on the disk; its limit is ${mebibytes(limit)} MiB. Ask for more disk.`;
}

function overStorage(used: number, limit: number): string {
  return `The run held ${mebibytes(used)} MiB; its storage is ${mebibytes(limit)} MiB. Give the run more storage (storageCapacity), or DYNAMIC storage.`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0);
}

async function measure(entry: Entry): Promise<void> {
  let used = 0;
  for (const root of entry.task.roots) used += await heldBytes(root);
  entry.used = used;
  entry.peak = Math.max(entry.peak ?? 0, used);
}

/** Bytes on the disk, as `du` counts: holes are free. Links are not followed; what vanishes meanwhile is nothing. */
export async function heldBytes(path: string): Promise<number> {
  try {
    const facts = await lstat(path);
    let bytes = facts.blocks * 512;
    if (!facts.isDirectory()) return bytes;
    for (const name of await readdir(path)) bytes += await heldBytes(join(path, name));
    return bytes;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG'].includes(errorCode(error) ?? '')) return 0;
    throw error;
  }
}
