import { realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { errorCode } from './cgroup/files.ts';

/** A path that its teller has no business with, or that leads nowhere. */
export class PathRefused extends Error {
  override name = 'PathRefused';
}

/**
 * Which host paths an engine may name. Engines evaluate other people's workflows, and tasks leave symbolic links of
 * their choice in their work directories: `report.txt -> /etc/shadow` must not become an output, nor an input.
 */
export class PathGuard {
  /** Roots whose links have been followed, and those that were not there yet. A run may have thousands of them. */
  readonly #roots = new Set<string>();
  readonly #unfollowed = new Set<string>();

  constructor(roots: readonly string[]) {
    for (const root of roots) this.allow(root);
  }

  /** A folder with all that is in it, or one file. */
  allow(root: string): void {
    this.#unfollowed.add(resolve(root));
  }

  /** The path with every link followed, for use instead of the one asked for. Throws PathRefused. */
  async check(path: string): Promise<string> {
    const real = await follow(path);
    await Promise.all([...this.#unfollowed].map((root) => this.#followRoot(root)));
    for (let at = real; ; at = dirname(at)) {
      if (this.#roots.has(at)) return real;
      if (at === dirname(at)) break;
    }
    throw new PathRefused(`${path} is not a file of this run: it lies outside of its folders.`);
  }

  async #followRoot(root: string): Promise<void> {
    const real = await follow(root).catch(() => undefined);
    if (real === undefined) return; // asked again at the next check
    this.#roots.add(real);
    this.#unfollowed.delete(root);
  }
}

/** `path` (absolute, or relative to the folder) with links followed; throws PathRefused where it leaves the folder. */
export async function resolveWithin(folder: string, path: string): Promise<string> {
  return await new PathGuard([folder]).check(resolve(folder, path));
}

export function isAtOrWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

async function follow(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be followed (${code})`;
    throw new PathRefused(`${path} ${why}.`);
  }
}
