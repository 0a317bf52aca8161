import { lstatSync, type Stats } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EvaluationError } from '../faults.ts';
import type { RunContext } from './run-context.ts';
import type { Staging } from './staging.ts';

/** What the task sees at a path, and where its bytes are. */
export type Seen =
  | {
      readonly kind: 'file' | 'folder';
      readonly location: string;
      readonly path: string;
      /** In bytes, of a file that was looked at for this. */
      readonly size?: number;
    }
  | { readonly kind: 'literal'; readonly content: string; readonly path: string };

const LINKS = 40;

/** A task's view after it ended: its work directory, and the inputs that were mounted over it. */
export class TaskView {
  /** The work directory as the task sees it. */
  readonly work: string;
  readonly #work: string;
  readonly #staging: Staging;
  readonly #context: RunContext;

  constructor(work: string, workDirectory: string, staging: Staging, context: RunContext) {
    this.work = work;
    this.#work = workDirectory;
    this.#staging = staging;
    this.#context = context;
  }

  /** Links are followed as the task would follow them; EvaluationError where one leads out of the task's view. */
  async see(path: string, links = 0): Promise<Seen | undefined> {
    if (links > LINKS) throw new EvaluationError(`${path} is a link that goes in a circle.`);
    const plain = posix.normalize(path).replace(/(.)\/+$/, '$1');
    const inWork = isWithin(plain, this.work);
    if (!inWork) {
      const staged = await this.#seeStaged(plain);
      if (staged || links === 0) return staged;
      const location = await this.#staging.whatLiesAt(plain);
      if (location !== undefined) return this.#seeStored(location, path);
      throw new EvaluationError(
        `A link leads to ${plain}, which is neither an input nor an output of the task.`,
      );
    }
    const own = await this.#seeOwn(plain, links);
    return own ?? this.#seeStaged(plain);
  }

  async #seeOwn(path: string, links: number): Promise<Seen | undefined> {
    let at = this.work;
    let host = this.#work;
    const names = path.slice(this.work.length).split('/').filter(Boolean);
    let facts = names.length === 0 ? factsOf(host) : undefined;
    for (const [index, name] of names.entries()) {
      [at, host] = [`${at}/${name}`, `${host}/${name}`];
      facts = factsOf(host);
      if (!facts) return undefined;
      if (!facts.isSymbolicLink()) continue;
      const target = posix.resolve(posix.dirname(at), await readlink(host));
      const found = await this.see([target, ...names.slice(index + 1)].join('/'), links + 1);
      return found && { ...found, path };
    }
    const location = pathToFileURL(host).href;
    if (facts?.isDirectory()) return { kind: 'folder', location, path };
    return facts?.isFile() ? { kind: 'file', location, path, size: facts.size } : undefined;
  }

  async #seeStaged(path: string): Promise<Seen | undefined> {
    const thing = this.#staging.find(path);
    if (thing?.kind === 'literal') return { ...thing, path };
    if (!thing && this.#staging.namesIn(path).length > 0) {
      // A folder that is there for what was put into it alone.
      return { kind: 'folder', location: `file://${await this.#context.files.emptyFolder()}`, path };
    }
    return thing && this.#seeStored(thing.location, path);
  }

  async #seeStored(location: string, path: string): Promise<Seen | undefined> {
    const facts = await this.#context.files.facts(location);
    return facts && { kind: facts.isDirectory ? 'folder' : 'file', location, path };
  }

  async names(folder: string): Promise<string[]> {
    const seen = await this.see(folder);
    const own = seen?.kind === 'folder' ? await this.#namesAt(seen.location) : [];
    return [...new Set([...own, ...this.#staging.namesIn(folder)])].sort();
  }

  async #namesAt(location: string): Promise<string[]> {
    return readdir(await this.#context.files.localPath(location));
  }

  /** Whether something in the folder is not where the folder is: mounted over it, or behind a link. */
  async isPatched(folder: string): Promise<boolean> {
    if (this.#staging.namesIn(folder).length > 0) return true;
    const seen = await this.see(folder);
    if (seen?.kind !== 'folder') return false;
    const path = await this.#context.files.localPath(seen.location);
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.isSymbolicLink()) return true;
      if (entry.isDirectory() && (await this.isPatched(`${folder}/${entry.name}`))) return true;
    }
    return false;
  }
}

/** At once: the engine does nothing else meanwhile, and a round through the thread pool costs ten times as much. */
function factsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // behind something that is no folder, or not to be seen
  }
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
