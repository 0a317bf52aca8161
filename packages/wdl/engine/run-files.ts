import { createHash } from 'node:crypto';
import {
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { Gate, type TaskHost } from '@helicase/runtime';
import type { FileAccess } from '../evaluate/files.ts';
import { EvaluationError } from '../evaluate/value.ts';
import { engineFailure } from './failures.ts';

/** Where a file comes from: a path of this run, or something that only the host can reach. */
export type FileSource =
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'uri'; readonly uri: string };

/** Thousands of shards may read at once; the process may open fewer files than that. */
const OPEN_LIMIT = 64;

/** More than any file that a workflow reads into a value; the rest belongs into tasks. */
const READ_LIMIT = 256 * 1024 * 1024;

/**
 * The files of one run as the engine reaches them. It opens what lies below the definition, its own scratch and the
 * work directories of this run's tasks; for everything else it asks the host, which decides.
 */
export class RunFiles {
  readonly #host: TaskHost;
  readonly #definition: string;
  readonly #roots = new Set<string>();
  /** Given, and not yet looked at: most tasks' folders are never asked for. */
  readonly #given: string[] = [];
  #looked = Promise.resolve();
  readonly #gate = new Gate(OPEN_LIMIT);
  readonly #written = new Map<string, Promise<string>>();

  private constructor(host: TaskHost, definition: string) {
    this.#host = host;
    this.#definition = definition;
  }

  static async open(host: TaskHost, definition: string): Promise<RunFiles> {
    const files = new RunFiles(host, await realpath(definition));
    await mkdir(host.scratch(), { recursive: true });
    files.trust(definition);
    files.trust(host.scratch());
    return files;
  }

  /** Adds a folder or file that the host has given to this run. */
  trust(path: string): void {
    this.#given.push(path);
  }

  /** Where a File's path leads; a relative one is a file of the definition, beside the WDL file `from`. */
  async source(path: string, from: string): Promise<FileSource> {
    if (isUri(path)) return { kind: 'uri', uri: path };
    const absolute = path.startsWith('/') ? path : join(this.#definition, dirname(from), path);
    const real = await realpath(absolute).catch(() => absolute);
    if (await this.#isTrusted(real)) return { kind: 'path', path: absolute };
    if (path.startsWith('/')) return { kind: 'uri', uri: path };
    throw new EvaluationError(`${path} is not in the workflow definition.`);
  }

  /** A few steps up the path instead of a walk over all roots: a run may have thousands of them. */
  async #isTrusted(path: string): Promise<boolean> {
    const given = this.#given.splice(0);
    if (given.length > 0) this.#looked = this.#looked.then(() => this.#lookAt(given));
    await this.#looked;
    for (let at = path; at !== '/'; at = dirname(at)) if (this.#roots.has(at)) return true;
    return this.#roots.has('/');
  }

  async #lookAt(given: readonly string[]): Promise<void> {
    for (const path of given) this.#roots.add(await realpath(path).catch(() => resolve(path)));
  }

  /** Tools go by extensions, so where a URI's last part has none the host is asked for the file's own name. */
  async nameOf(uri: string, last: string): Promise<string> {
    if (posix.extname(last) !== '') return last;
    const name = (await this.#host.stat(uri))?.name;
    return name === undefined ? last : posix.basename(name);
  }

  async localPath(source: FileSource): Promise<string> {
    if (source.kind === 'path') return source.path;
    try {
      return await this.#host.localize(source.uri);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw engineFailure('IMPORT_FAILED', `The import of ${source.uri} failed: ${why}`, { cause: error });
    }
  }

  async read(source: FileSource): Promise<string> {
    const path = await this.localPath(source);
    const facts = await stat(path).catch(() => undefined);
    const name = source.kind === 'path' ? posix.basename(path) : source.uri;
    if (!facts?.isFile()) throw new EvaluationError(`The file ${name} does not exist.`);
    if (facts.size > READ_LIMIT)
      throw new EvaluationError(`${name} has ${facts.size} bytes; ${READ_LIMIT} can be read.`);
    return this.#gate.pass(() => readFile(path, 'utf8'));
  }

  async size(source: FileSource): Promise<number> {
    const facts = source.kind === 'path' ? await localSize(source.path) : await this.#host.stat(source.uri);
    if (facts) return facts.size;
    throw new EvaluationError(
      `The file ${source.kind === 'path' ? source.path : source.uri} does not exist.`,
    );
  }

  /** A file in scratch named by its content, so that a replay writes the same one. */
  write(content: string, extension: string): Promise<string> {
    const name = `${digest(content)}.${extension}`;
    const known = this.#written.get(name);
    if (known) return known;
    const writing = this.#gate.pass(() => this.#writeNew(name, content));
    this.#written.set(name, writing);
    return writing;
  }

  async #writeNew(name: string, content: string): Promise<string> {
    const path = join(this.#host.scratch(), 'written', name);
    const partial = `${path}.${process.pid}.partial`;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(partial, content);
    await rename(partial, path);
    return path;
  }

  /** The file under another name: a hard link where the file system allows, else a copy. */
  async underName(path: string, name: string): Promise<string> {
    const alias = join(this.#host.scratch(), 'named', digest(path), name);
    await mkdir(dirname(alias), { recursive: true });
    const real = await realpath(path);
    try {
      await link(real, alias);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await copyFile(real, alias);
    }
    return alias;
  }

  /** The file functions outside of tasks, for expressions of the WDL file `from`. */
  access(from: string): FileAccess {
    const outside = (name: string) =>
      new EvaluationError(`${name}() has a meaning in the output section of a task only.`);
    return {
      read: async (path) => this.read(await this.source(path, from)),
      size: async (path) => this.size(await this.source(path, from)),
      write: (content, extension) => this.write(content, extension),
      workDirectory: '/',
      glob: () => Promise.reject(outside('glob')),
      stdout: () => {
        throw outside('stdout');
      },
      stderr: () => {
        throw outside('stderr');
      },
    };
  }
}

export function isUri(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}

export function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

/** Of a file, or of all files in a directory together (specification 1.2, "size"). */
async function localSize(path: string): Promise<{ readonly size: number } | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isDirectory()) return facts;
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  let size = 0;
  for (const entry of entries) {
    if (!entry.isDirectory()) size += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return { size };
}
