import { lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './cgroup/files.ts';

/** More than tasks of one run end at once on most machines. */
const KEPT = 64;

/**
 * Temporary folders of a run's tasks. Most tasks leave theirs as it was, and the next one of the same run gets it: a
 * file system takes much longer to remove and to make one than to rename it. ext4 without a journal looks, for every
 * file that it makes, at all that were removed in the last minutes.
 */
export class SpareFolders {
  readonly #spare = new Map<string, string[]>();
  #mode: number | undefined;

  /** `path` is `<run>/<attempt>/<name>`, and not there yet. */
  make(path: string): void {
    const run = dirname(dirname(path));
    const spare = this.#spare.get(run)?.pop();
    if (spare !== undefined && renamed(spare, path)) return;
    mkdirSync(path);
    this.#mode ??= lstatSync(path).mode;
  }

  /** Kept where it is until another task takes it, or removed with what is in it. */
  async leave(path: string): Promise<void> {
    const run = dirname(dirname(path));
    const spare = this.#spare.get(run) ?? [];
    if (spare.length >= KEPT || !isAsMade(path, this.#mode)) return removeFolder(path);
    this.#spare.delete(run);
    this.#spare.set(run, [...spare, path]);
    if (this.#spare.size > KEPT) this.#spare.delete(this.#spare.keys().next().value!);
  }
}

function renamed(spare: string, path: string): boolean {
  try {
    renameSync(spare, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false; // it went with its attempt
    throw error;
  }
}

/** Empty, and its rights those of a new one. */
function isAsMade(path: string, made: number | undefined): boolean {
  try {
    const { mode, uid } = lstatSync(path);
    return mode === made && uid === process.getuid!() && readdirSync(path).length === 0;
  } catch {
    return false; // the task put something else there, or took it away
  }
}

export async function removeFolder(folder: string): Promise<void> {
  await rmdir(folder).catch(async (error: unknown) => {
    if (errorCode(error) !== 'ENOENT') await rm(folder, { recursive: true, force: true });
  });
}
