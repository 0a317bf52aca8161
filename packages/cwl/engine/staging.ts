import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StagedInput } from '@helicase/runtime';
import { EvaluationError } from '../faults.ts';
import { childLocation } from '../files/names.ts';
import { isFile, isFileOrDirectory, listOf, textOf, type Value, type ValueObject } from '../value.ts';
import type { RunContext } from './run-context.ts';

/** What lies at a place inside the task. */
export type StagedThing =
  | { readonly kind: 'stored'; readonly location: string }
  | { readonly kind: 'literal'; readonly content: string };

/** Which files a task gets, and where: each primary file in a folder of its own, with its secondary files beside it. */
export class Staging {
  readonly #context: RunContext;
  readonly #inputs: string;
  readonly #staged = new Map<string, StagedInput>();
  readonly #things = new Map<string, StagedThing>();
  readonly #places = new Map<string, ValueObject>();
  readonly #moved = new Map<string, string>();

  /** `inputs`: the folder below which the task sees them. */
  constructor(inputs: string, context: RunContext) {
    this.#inputs = inputs;
    this.#context = context;
  }

  /** An input as the task sees it: with `path`. */
  async adopt(file: ValueObject): Promise<ValueObject> {
    const key = JSON.stringify(file);
    const known = this.#places.get(key);
    if (known) return known;
    const adopted = await this.placeAt(
      file,
      `${this.#inputs}/${this.#places.size}`,
      textOf(file['basename'])!,
      false,
    );
    this.#places.set(key, adopted);
    return adopted;
  }

  /** Puts a file, with what it brings along, into a folder of the task's view. */
  async placeAt(file: ValueObject, folder: string, name: string, writable: boolean): Promise<ValueObject> {
    const path = posix.join(folder, name);
    const placed: ValueObject = { ...file, path };
    if (isFile(file)) placed['dirname'] = posix.dirname(path);
    await this.#stage(file, path, writable);
    const secondary = listOf(file['secondaryFiles']).filter(isFileOrDirectory);
    if (secondary.length > 0) {
      const parent = posix.dirname(path);
      const beside: Value[] = [];
      for (const one of secondary)
        beside.push(await this.placeAt(one, parent, textOf(one['basename'])!, writable));
      placed['secondaryFiles'] = beside;
    }
    if (!isFile(file) && Array.isArray(file['listing']))
      placed['listing'] = await this.#listing(file, path, writable);
    return placed;
  }

  async #listing(directory: ValueObject, path: string, writable: boolean): Promise<Value[]> {
    const children: Value[] = [];
    for (const child of listOf(directory['listing']).filter(isFileOrDirectory)) {
      const name = textOf(child['basename'])!;
      if (directory['location'] === undefined) children.push(await this.placeAt(child, path, name, writable));
      else children.push(withPaths(child, posix.join(path, name)));
    }
    return children;
  }

  async #stage(file: ValueObject, target: string, writable: boolean): Promise<void> {
    const location = textOf(file['location']);
    const contents = textOf(file['contents']);
    if (location !== undefined) await this.#stageStored(location, target, writable);
    else if (isFile(file) && contents !== undefined) this.literal(contents, target, writable);
    else if (listOf(file['listing']).length === 0) {
      await this.#stageStored(`file://${await this.#context.files.emptyFolder()}`, target, writable);
    }
  }

  literal(content: string, target: string, writable: boolean): void {
    this.#staged.set(target, { kind: 'literal', content, target, writable });
    if (!writable) this.#things.set(target, { kind: 'literal', content });
  }

  async #stageStored(location: string, target: string, writable: boolean): Promise<void> {
    const source = await this.#context.files.source(location);
    const before = this.#things.get(target);
    if (before && !(before.kind === 'stored' && before.location === location)) {
      throw new EvaluationError(`Two different files would lie at ${target}.`);
    }
    this.#staged.set(target, { ...source, target, writable });
    // What the task may write to is looked at where the task left it.
    if (!writable) this.#things.set(target, { kind: 'stored', location });
    this.#moved.set(location, target);
  }

  /** Inputs that InitialWorkDirRequirement staged are seen there. */
  whereMoved(location: string, folder: string): string | undefined {
    const target = this.#moved.get(location);
    return target?.startsWith(`${folder}/`) ? target : undefined;
  }

  /** Stored files that the task may write to: their locations, and where they are below the folder. */
  writable(folder: string): [location: string, rest: string][] {
    return [...this.#moved]
      .filter(([, target]) => target.startsWith(`${folder}/`) && this.#staged.get(target)?.writable)
      .map(([location, target]) => [location, target.slice(folder.length)]);
  }

  inputs(): StagedInput[] {
    return [...this.#staged.values()];
  }

  /** What was staged at the path, or inside a staged folder above it. */
  find(path: string): StagedThing | undefined {
    const exact = this.#things.get(path);
    if (exact) return exact;
    for (let at = posix.dirname(path); at !== '/' && at !== '.'; at = posix.dirname(at)) {
      const above = this.#things.get(at);
      if (above?.kind === 'stored') {
        const names = path.slice(at.length + 1).split('/');
        return { kind: 'stored', location: names.reduce(childLocation, above.location) };
      }
    }
    return undefined;
  }

  /** The location of what was staged from the host's path or a folder above it: a task without a sandbox may see it there. */
  async whatLiesAt(path: string): Promise<string | undefined> {
    for (const thing of this.#things.values()) {
      if (thing.kind === 'literal' || !thing.location.startsWith('file://')) continue;
      const source = await realpath(fileURLToPath(thing.location)).catch(() => undefined);
      if (path === source) return thing.location;
      if (source !== undefined && path.startsWith(`${source}/`))
        return path
          .slice(source.length + 1)
          .split('/')
          .reduce(childLocation, thing.location);
    }
    return undefined;
  }

  /** Names that staging put directly below the folder. */
  namesIn(folder: string): string[] {
    const prefix = `${folder}/`;
    const below = [...this.#things.keys()].filter((path) => path.startsWith(prefix));
    return [...new Set(below.map((path) => path.slice(prefix.length).split('/')[0]!))];
  }
}

function withPaths(file: ValueObject, path: string): ValueObject {
  const placed: ValueObject = { ...file, path };
  if (isFile(file)) placed['dirname'] = posix.dirname(path);
  if (Array.isArray(file['listing'])) {
    placed['listing'] = file['listing'].map((child) =>
      isFileOrDirectory(child) ? withPaths(child, posix.join(path, textOf(child['basename'])!)) : child,
    );
  }
  return placed;
}
