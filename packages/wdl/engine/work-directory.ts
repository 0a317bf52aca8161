import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { EvaluationError } from '../evaluate/value.ts';
import type { Localization } from './localization.ts';
import type { TaskPlaces } from './places.ts';

/** Where a path of a finished task leads: below its work directory on the host, or to one of its inputs. */
export type Place =
  { readonly kind: 'work'; readonly path: string } | { readonly kind: 'input'; readonly target: string };

const LINK_LIMIT = 40;

/**
 * A finished task's work directory, read with the task's eyes: symbolic links are followed as they would be inside
 * the task, and never out of it, so that a task cannot make the engine collect files of the host.
 */
export class WorkDirectory {
  readonly #root: string;
  readonly #places: TaskPlaces;
  readonly #inputs: Localization;
  readonly #kept: ReadonlySet<string>;

  /** `kept`: paths outside of it that the task has kept inside, where they are there. */
  constructor(root: string, inputs: Localization, kept: readonly string[]) {
    this.#root = root;
    this.#places = inputs.places;
    this.#inputs = inputs;
    this.#kept = new Set(kept);
  }

  /** Where a path leads, relative to the work directory or absolute inside the task; undefined where nothing is there. */
  async find(path: string): Promise<Place | undefined> {
    const pending = this.#inside(posix.resolve(this.#places.work, path)).split('/').slice(1);
    let at = '';
    for (let links = 0; pending.length > 0;) {
      at = posix.resolve('/', at, pending.shift()!);
      if (at.startsWith(`${this.#places.inputs}/`))
        return { kind: 'input', target: posix.join(at, ...pending) };
      const host = this.#onHost(at);
      if (host === undefined) {
        if (this.#isAbove(at)) continue;
        const target = await this.#linkedInput(posix.join(at, ...pending));
        if (target !== undefined) return { kind: 'input', target };
        throw new EvaluationError(`${path} lies outside of the task's work directory.`);
      }
      const facts = await lstat(host).catch(() => undefined);
      if (!facts) return undefined;
      if (!facts.isSymbolicLink()) continue;
      if (++links > LINK_LIMIT) throw new EvaluationError(`${path} is a loop of symbolic links.`);
      const target = posix.resolve(posix.dirname(at), await readlink(host));
      pending.unshift(...target.split('/').slice(1));
      at = '/';
    }
    const host = this.#onHost(at);
    if (host === undefined) throw new EvaluationError(`${path} lies outside of the task's work directory.`);
    return { kind: 'work', path: host };
  }

  /** What the task was to keep of a path outside of its work directory stands for it. */
  #inside(path: string): string {
    return this.#kept.has(path) ? this.#places.outside + path : path;
  }

  #onHost(path: string): string | undefined {
    const { work } = this.#places;
    if (path === work) return this.#root;
    return path.startsWith(`${work}/`) ? this.#root + path.slice(work.length) : undefined;
  }

  /** A task that sees the host's own paths may name what its inputs are links to. */
  async #linkedInput(path: string): Promise<string | undefined> {
    return this.#root === this.#places.work ? this.#inputs.whereStaged(path) : undefined;
  }

  #isAbove(path: string): boolean {
    const { inputs, work } = this.#places;
    return path === '/' || `${work}/`.startsWith(`${path}/`) || path === inputs;
  }

  /** Files, not directories, that a pattern matches, ordered as in the C locale's shell. */
  async glob(pattern: string): Promise<string[]> {
    const absolute = pattern.startsWith('/');
    const { work } = this.#places;
    if (absolute && !pattern.startsWith(`${work}/`)) {
      throw new EvaluationError(`glob() looks inside the task's work directory only, not at ${pattern}.`);
    }
    const relative = absolute ? pattern.slice(work.length + 1) : pattern;
    const found: string[] = [];
    for (const alternative of expandBraces(relative)) {
      const matches = await this.#expand(
        '',
        alternative.split('/').filter((part) => part !== '' && part !== '.'),
      );
      found.push(...matches);
    }
    return found;
  }

  async #expand(base: string, [part, ...rest]: readonly string[]): Promise<string[]> {
    if (part === undefined) return (await this.#isFile(base)) ? [base] : [];
    const below = (name: string) => (base === '' ? name : `${base}/${name}`);
    if (!/[*?[]/.test(part)) return this.#expand(below(part.replace(/\\(.)/g, '$1')), rest);
    const matcher = segmentPattern(part);
    const names = (await this.#list(base)).filter((name) => matcher.test(name)).sort(byCodePoint);
    const expanded = await Promise.all(names.map((name) => this.#expand(below(name), rest)));
    return expanded.flat();
  }

  async #list(path: string): Promise<string[]> {
    const place = await this.find(path === '' ? '.' : path);
    return place?.kind === 'work' ? readdir(place.path).catch(() => []) : [];
  }

  async #isFile(path: string): Promise<boolean> {
    const place = await this.find(path);
    if (place?.kind !== 'work') return place !== undefined;
    return (await stat(place.path).catch(() => undefined))?.isFile() ?? false;
  }
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** One segment of a shell pattern; a leading dot must be written. */
function segmentPattern(segment: string): RegExp {
  const body = segment.replace(
    /\\(.)|\[([!^]?)(\]?[^\]]*)\]|[*?]|[.+^${}()|[\]\\]/g,
    (whole, escaped, not, set) => {
      if (escaped !== undefined) return escapeRegExp(String(escaped));
      if (set !== undefined) return `[${not ? '^' : ''}${String(set).replace(/[\\\]]/g, '\\$&')}]`;
      if (whole === '*') return '.*';
      return whole === '?' ? '.' : escapeRegExp(whole);
    },
  );
  return new RegExp(`^${segment.startsWith('.') ? '' : '(?!\\.)'}${body}$`, 's');
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** `a{b,c}` as `ab` and `ac`, like Bash before it matches. */
function expandBraces(pattern: string): string[] {
  const open = pattern.search(/\{[^{}]*,[^{}]*\}/);
  if (open === -1) return [pattern];
  const close = pattern.indexOf('}', open);
  const alternatives = pattern.slice(open + 1, close).split(',');
  return alternatives.flatMap((text) =>
    expandBraces(pattern.slice(0, open) + text + pattern.slice(close + 1)),
  );
}
