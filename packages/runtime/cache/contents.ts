import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const MOST_REMEMBERED = 100_000;

/**
 * Digests of files' bytes, each file read once: it is known again by its inode, size and times, which the kernel changes
 * with every write.
 */
export class Contents {
  readonly #known = new Map<string, Promise<string>>();

  /** Of a file's bytes; of a folder's names, links and bytes. */
  async digest(path: string): Promise<string> {
    const facts = await stat(path, { bigint: true });
    if (facts.isDirectory()) return `folder sha256:${await this.#ofFolder(path)}`;
    const { ctimeNs, dev, ino, mtimeNs, size } = facts;
    return `sha256:${await this.#remembered([dev, ino, size, mtimeNs, ctimeNs].join(), path)}`;
  }

  #remembered(key: string, path: string): Promise<string> {
    const known = this.#known.get(key);
    if (known) return known;
    const digest = ofFile(path);
    digest.catch(() => this.#known.delete(key));
    this.#known.set(key, digest);
    if (this.#known.size > MOST_REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
    return digest;
  }

  async #ofFolder(folder: string): Promise<string> {
    const hash = createHash('sha256');
    for (const name of (await readdir(folder)).toSorted()) {
      const path = join(folder, name);
      const link = (await lstat(path)).isSymbolicLink();
      const what = link ? `link ${await readlink(path)}` : await this.digest(path);
      hash.update(JSON.stringify([name, what]));
    }
    return hash.digest('hex');
  }
}

async function ofFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
