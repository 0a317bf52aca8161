import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import type { StagedInput } from '@helicase/runtime';
import { EvaluationError, type Value } from '../evaluate/value.ts';
import { mapFiles } from '../evaluate/map-files.ts';
import type { TaskPlaces } from './places.ts';
import { digest, type FileSource, type RunFiles } from './run-files.ts';

/** What lies at a place inside a task. */
type Staged = FileSource | { readonly kind: 'literal'; readonly content: string };

/**
 * Which files a task is given and where it finds them: `<inputs>/<n>/<name>`, the number counting the parent folders in
 * the order of their appearance. Files of one folder so stay together, as the specification asks, and
 * files of one name from different folders stay apart.
 */
export class Localization {
  readonly places: TaskPlaces;
  readonly #files: RunFiles;
  readonly #from: string;
  readonly #parents = new Map<string, number>();
  readonly #staged = new Map<string, Staged>();

  constructor(files: RunFiles, from: string, places: TaskPlaces) {
    this.places = places;
    this.#files = files;
    this.#from = from;
  }

  /** The value with its files as the task sees them. */
  adopt(value: Value): Promise<Value> {
    return mapFiles(value, (path) => this.#place(path));
  }

  async #place(path: string): Promise<string> {
    if (this.places.holds(path)) return path;
    const trimmed = path.replace(/\/+$/, '');
    const last = posix.basename(trimmed);
    if (last === '' || last === '.' || last === '..') throw new EvaluationError(`${path} names no file.`);
    const source = await this.#files.source(path, this.#from);
    const parent = posix.dirname(source.kind === 'path' ? source.path : trimmed);
    if (!this.#parents.has(parent)) this.#parents.set(parent, this.#parents.size);
    const name = source.kind === 'uri' ? await this.#files.nameOf(source.uri, last) : last;
    const target = `${this.places.inputs}/${this.#parents.get(parent)}/${name}`;
    this.#staged.set(target, source);
    return target;
  }

  /** Stages a text under a name made of its content. */
  literal(content: string, extension: string): string {
    const target = `${this.places.inputs}/written/${digest(content)}.${extension}`;
    this.#staged.set(target, { kind: 'literal', content });
    return target;
  }

  /** What was staged at the place, or in a staged directory above it. */
  find(target: string): Staged | undefined {
    const exact = this.#staged.get(target);
    if (exact) return exact;
    for (let at = posix.dirname(target); at.startsWith(`${this.places.inputs}/`); at = posix.dirname(at)) {
      const above = this.#staged.get(at);
      const rest = target.slice(at.length);
      if (above?.kind === 'path') return { kind: 'path', path: above.path + rest };
      if (above?.kind === 'uri') return { kind: 'uri', uri: above.uri.replace(/\/+$/, '') + rest };
    }
    return undefined;
  }

  /** Where the task sees what it was given from this path: without a sandbox, links lead it there. */
  async whereStaged(path: string): Promise<string | undefined> {
    for (const [target, source] of this.#staged) {
      if (source.kind === 'literal') continue;
      const given = source.kind === 'path' ? source.path : source.uri;
      const real = await realpath(given).catch(() => given);
      const above = [given, real].find((origin) => path === origin || path.startsWith(`${origin}/`));
      if (above !== undefined) return target + path.slice(above.length);
    }
    return undefined;
  }

  staged(): StagedInput[] {
    return [...this.#staged].map(([target, source]) => ({ ...source, target }));
  }

  async read(target: string): Promise<string> {
    const staged = this.#require(target);
    return staged.kind === 'literal' ? staged.content : this.#files.read(staged);
  }

  async size(target: string): Promise<number> {
    const staged = this.#require(target);
    return staged.kind === 'literal' ? Buffer.byteLength(staged.content) : this.#files.size(staged);
  }

  /** The path or URI that an input came from; a literal is written out. */
  async origin(target: string): Promise<string> {
    const staged = this.#require(target);
    if (staged.kind === 'literal') return this.#files.write(staged.content, posix.extname(target).slice(1));
    return staged.kind === 'path' ? staged.path : staged.uri;
  }

  #require(target: string): Staged {
    const staged = this.find(target);
    if (staged) return staged;
    throw new EvaluationError(`${target} is not an input of the task.`);
  }
}
