import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TaskHost } from '@helicase/runtime';
import { EvaluationError } from '../faults.ts';

/** Where the bytes of a location are: a path that the engine may read itself, or something to ask the host for. */
export type FileSource =
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'uri'; readonly uri: string };

export interface FileFacts {
  readonly size: number;
  readonly isDirectory: boolean;
  readonly name: string;
}

/** "loadContents: the first 64 KiB" */
export const CONTENTS_LIMIT = 64 * 1024;

/**
 * The files of one run as the engine reaches them: it opens what lies in the definition, in its scratch and in the
 * work directories of this run's tasks; for everything else it asks the host, which decides.
 */
export class RunFiles {
  readonly #host: TaskHost;
  readonly #roots = new Set<string>();
  readonly #checksums = new Map<string, Promise<string>>();
  readonly #replaced = new Map<string, string>();
  #empty: Promise<string> | undefined;

  constructor(host: TaskHost) {
    this.#host = host;
  }

  /** Adds a folder that the host has given to this run. */
  async trust(path: string): Promise<void> {
    this.#roots.add(real(path) ?? path);
  }

  /** From now on the bytes of the one location are those of the other: InplaceUpdateRequirement without touching an input. */
  replace(location: string, by: string): void {
    this.#replaced.set(location, by);
  }

  async source(written: string): Promise<FileSource> {
    const location = this.#current(written);
    const path = location.startsWith('file://')
      ? decodeURIComponent(new URL(location).pathname)
      : location.startsWith('/')
        ? location
        : undefined;
    if (path === undefined) return { kind: 'uri', uri: location };
    if (this.#trusts(real(path) ?? path)) return { kind: 'path', path };
    return { kind: 'uri', uri: pathToFileURL(path).href };
  }

  #current(location: string): string {
    if (this.#replaced.size === 0) return location;
    const [old, now] =
      [...this.#replaced].findLast(([one]) => location === one || location.startsWith(`${one}/`)) ?? [];
    return old === undefined ? location : now + location.slice(old.length);
  }

  #trusts(path: string): boolean {
    for (let at = path; ; at = dirname(at)) {
      if (this.#roots.has(at)) return true;
      if (at === '/' || at === '.') return false;
    }
  }

  async facts(location: string): Promise<FileFacts | undefined> {
    const source = await this.source(location);
    if (source.kind === 'uri') {
      const known = await this.#host.stat(source.uri);
      return (
        known && { size: known.size, isDirectory: known.isDirectory, name: known.name ?? nameOf(location) }
      );
    }
    const known = await stat(source.path).catch(() => undefined);
    return known && { size: known.size, isDirectory: known.isDirectory(), name: basename(source.path) };
  }

  async localPath(location: string): Promise<string> {
    const source = await this.source(location);
    if (source.kind === 'path') return source.path;
    try {
      return await this.#host.localize(source.uri);
    } catch (error) {
      throw new EvaluationError(`${location} cannot be read: ${(error as Error).message}`, { cause: error });
    }
  }

  /** The first bytes as text; EvaluationError where `strict` and there are more. */
  async contents(location: string, strict: boolean): Promise<string> {
    const path = await this.localPath(location);
    await using file = await open(path).catch((error: Error) => {
      throw new EvaluationError(`${location} cannot be read: ${error.message}`, { cause: error });
    });
    const buffer = Buffer.alloc(CONTENTS_LIMIT + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = (await file.read(buffer, length, buffer.length - length)).bytesRead;
    }
    if (strict && length > CONTENTS_LIMIT) {
      throw new EvaluationError(
        `${location} is larger than 64 KiB, which is the most that loadContents reads.`,
      );
    }
    return buffer.subarray(0, Math.min(length, CONTENTS_LIMIT)).toString('utf8');
  }

  /** Names and kinds in a folder, in the order of their names. */
  async list(location: string): Promise<{ readonly name: string; readonly isDirectory: boolean }[]> {
    const path = await this.localPath(location);
    const names = (await readdir(path)).sort();
    return Promise.all(
      names.map(async (name) => ({ name, isDirectory: (await stat(join(path, name))).isDirectory() })),
    );
  }

  /** `sha1$` and the digest, once per file. */
  checksum(path: string): Promise<string> {
    const known = this.#checksums.get(path) ?? checksumOf(path);
    this.#checksums.set(path, known);
    return known;
  }

  /** An empty folder, for directories that are made of nothing. */
  emptyFolder(): Promise<string> {
    return (this.#empty ??= this.#makeEmpty());
  }

  async #makeEmpty(): Promise<string> {
    const folder = join(this.#host.scratch(), 'empty');
    await mkdir(folder, { recursive: true });
    await this.trust(folder);
    return folder;
  }
}

/** Links followed; at once, which costs a tenth of a round through the thread pool. */
function real(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** `sha1$` and the digest. Of thousands of small files each is read at once: asking for it would cost more than its bytes. */
export async function checksumOf(path: string): Promise<string> {
  const small = smallFile(path);
  if (small) return `sha1$${createHash('sha1').update(small).digest('hex')}`;
  return checksumOfLarge(path);
}

/** All of a file; undefined where it is larger than a piece that is read at a time. */
function smallFile(path: string): Buffer | undefined {
  const file = openSync(path, 'r');
  try {
    if (!fstatSync(file).isFile()) return undefined;
    const buffer = Buffer.allocUnsafe(CONTENTS_LIMIT);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, null);
    return length < buffer.length ? buffer.subarray(0, length) : undefined;
  } finally {
    closeSync(file);
  }
}

async function checksumOfLarge(path: string): Promise<string> {
  const hash = createHash('sha1');
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(CONTENTS_LIMIT);
  for (let read = -1; read !== 0;) {
    read = (await file.read(buffer, 0, buffer.length)).bytesRead;
    hash.update(buffer.subarray(0, read));
  }
  return `sha1$${hash.digest('hex')}`;
}

/** The last part of a location, decoded where it is a URI. */
export function nameOf(location: string): string {
  const last = location.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return /^[a-z][a-z0-9+.-]*:/i.test(location) ? safeDecode(last) : last;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that encodes nothing
  }
}
