import {
  close as nodeClose,
  createReadStream,
  type Mode,
  open as nodeOpen,
  type OpenMode,
  type PathLike,
  read as nodeRead,
} from 'node:fs';
import { access, chmod, lstat, open, opendir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { lend } from '@helicase/kernel';
import type { BlobSink, BlobStore, ByteRange } from '../blob.ts';
import { BlobExists, BlobMissing } from '../errors.ts';
import { STORED_SEGMENT_SIZE } from '../sealing/segments.ts';
import { ensureDirectory, syncDirectory } from './durable.ts';
import { FolderLayout } from './layout.ts';
import { FolderSink } from './sink.ts';

/**
 * Blobs are readable by everyone who can reach them, which the store's directories (0700) let only the owner do:
 * so a file can be mounted read-only into a container that runs as another user.
 */
const BLOB_MODE = 0o444;

export interface FolderStoreOptions {
  /** Made where it does not exist. */
  readonly directory: string;
}

/** Blobs as files of one folder. */
export async function openFolderStore(options: FolderStoreOptions): Promise<BlobStore> {
  const layout = new FolderLayout(resolve(options.directory));
  await ensureDirectory(layout.blobs);
  await ensureDirectory(layout.unfinished);
  return new FolderStore(layout);
}

/** A chunk is whole stored segments where the range begins with one, and few calls read many bytes. */
const READ_SIZE = 4 * STORED_SEGMENT_SIZE;

type ReadRest = [offset: number, length: number, position: number | null, done: ReadDone];
type ReadDone = (error: NodeJS.ErrnoException | null, count: number, bytes: Buffer) => void;
type OpenDone = (error: NodeJS.ErrnoException | BlobMissing | null, file: number) => void;

let writers = 0;

class FolderStore implements BlobStore {
  readonly #layout: FolderLayout;
  readonly #ensured = new Map<string, Promise<void>>();

  constructor(layout: FolderLayout) {
    this.#layout = layout;
  }

  async create(id: string): Promise<BlobSink> {
    const target = this.#layout.pathOf(id);
    const temporary = join(this.#layout.unfinished, `${id}.${process.pid}.${++writers}`);
    const file = await open(temporary, 'wx', BLOB_MODE);
    await file.chmod(BLOB_MODE); // whatever the umask is
    return new FolderSink(file, {
      publish: () => this.#publish(id, temporary, target),
      discard: () => rm(temporary, { force: true }),
    });
  }

  read(id: string, range?: ByteRange): Readable {
    const chunks = { highWaterMark: READ_SIZE, fs: filesOf(id) };
    return createReadStream(this.#layout.pathOf(id), { ...range, ...chunks });
  }

  async size(id: string): Promise<number | undefined> {
    const found = await ifPresent(stat(this.#layout.pathOf(id)));
    return found?.size;
  }

  async remove(id: string): Promise<void> {
    await rm(this.#layout.pathOf(id), { force: true });
  }

  async *list(): AsyncIterable<{ readonly id: string; readonly size: number; readonly modifiedAt: number }> {
    for (const first of await readdir(this.#layout.blobs)) {
      for (const second of await readdir(join(this.#layout.blobs, first))) {
        const directory = join(this.#layout.blobs, first, second);
        for await (const entry of await opendir(directory)) {
          const found = await ifPresent(stat(join(directory, entry.name)));
          if (found?.isFile()) yield { id: entry.name, size: found.size, modifiedAt: found.mtimeMs };
        }
      }
    }
  }

  async removeUnfinished(before: number): Promise<number> {
    let count = 0;
    for (const name of await readdir(this.#layout.unfinished)) {
      const path = join(this.#layout.unfinished, name);
      const found = await ifPresent(stat(path));
      if (!found || found.mtimeMs >= before) continue;
      await rm(path, { force: true });
      count++;
    }
    return count;
  }

  async countUnfinished(): Promise<number> {
    return (await readdir(this.#layout.unfinished)).length;
  }

  path(id: string): string {
    return this.#layout.pathOf(id);
  }

  async adopt(id: string, path: string): Promise<{ readonly size: number } | undefined> {
    const found = await lstat(path);
    // A file with another name could be changed through it, and a link is not the bytes.
    if (!found.isFile() || found.nlink !== 1) return undefined;
    const target = this.#layout.pathOf(id);
    await syncFile(path);
    try {
      await this.#publish(id, path, target);
    } catch (error) {
      if (isCode(error, 'EXDEV')) return undefined; // on another file system
      throw error;
    }
    return { size: found.size };
  }

  async #publish(id: string, from: string, target: string): Promise<void> {
    const directory = this.#layout.directoryOf(id);
    await this.#ensure(directory);
    if (await ifPresent(access(target).then(() => true))) throw new BlobExists(id);
    await rename(from, target);
    await syncDirectory(directory);
  }

  #ensure(directory: string): Promise<void> {
    const known = this.#ensured.get(directory);
    if (known) return known;
    const made = ensureDirectory(directory);
    this.#ensured.set(directory, made);
    made.catch(() => this.#ensured.delete(directory));
    return made;
  }
}

async function syncFile(path: string): Promise<void> {
  await chmod(path, BLOB_MODE);
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Node's file functions, with a missing file told as a missing blob, and what is read lent to the reader. */
function filesOf(id: string) {
  const opened = (path: PathLike, flags: OpenMode, mode: Mode, done: OpenDone) =>
    nodeOpen(path, flags, mode, (error, file) =>
      done(isCode(error, 'ENOENT') ? new BlobMissing(id) : error, file),
    );
  const read = ((file: number, bytes: Buffer, ...rest: ReadRest) =>
    nodeRead(file, lend(bytes), ...rest)) as typeof nodeRead;
  return { open: opened, read, close: nodeClose };
}

async function ifPresent<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
