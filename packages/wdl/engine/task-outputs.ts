import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import type { TaskOutcome } from '@helicase/runtime';
import type { Task } from '../check/program.ts';
import type { Type } from '../check/type.ts';
import type { FileAccess } from '../evaluate/files.ts';
import { mapFiles } from '../evaluate/map-files.ts';
import { EvaluationError, NOTHING, type TextValue, type Value } from '../evaluate/value.ts';
import type { Localization } from './localization.ts';
import { outsidePaths } from './outside-outputs.ts';
import type { TaskPlaces } from './places.ts';
import type { RunFiles } from './run-files.ts';
import { WorkDirectory } from './work-directory.ts';

/** What a finished task left: the files that its output expressions may reach. */
export class TaskOutputs {
  readonly #outcome: TaskOutcome;
  readonly #work: WorkDirectory;
  readonly #places: TaskPlaces;
  readonly #localization: Localization;
  readonly #files: RunFiles;

  constructor(task: Task, outcome: TaskOutcome, localization: Localization, files: RunFiles) {
    this.#outcome = outcome;
    this.#places = localization.places;
    const kept = outsidePaths(task, this.#places);
    this.#work = new WorkDirectory(outcome.workDirectory, localization, kept);
    this.#localization = localization;
    this.#files = files;
  }

  access(): FileAccess {
    const { stderr, stdout, work } = this.#places;
    return {
      read: async (path) => this.#files.read({ kind: 'path', path: await this.#existing(path) }),
      size: async (path) => this.#files.size({ kind: 'path', path: await this.#existing(path) }),
      write: (content, extension) => Promise.resolve(this.#localization.literal(content, extension)),
      workDirectory: work,
      glob: (pattern) => this.#work.glob(pattern),
      stdout: () => stdout,
      stderr: () => stderr,
    };
  }

  /** The value with optional files that are not there made undefined; a required one that is missing is an error. */
  async settle(value: Value, type: Type): Promise<Value> {
    if (value.kind === 'File' || value.kind === 'Directory') {
      const found = await this.#locate(value.value);
      if (found !== undefined) return this.#ofKind(value, found);
      if (type.optional) return NOTHING;
      throw new EvaluationError(`The task did not make the ${value.kind.toLowerCase()} ${value.value}.`);
    }
    if (value.kind === 'Array' && type.kind === 'Array') {
      const items: Value[] = [];
      for (const item of value.items) items.push(await this.settle(item, type.item));
      return { kind: 'Array', items };
    }
    if (value.kind === 'Object' && type.kind === 'Struct') {
      const members = new Map<string, Value>();
      for (const [name, item] of value.members)
        members.set(name, await this.settle(item, type.members.get(name)!));
      return { kind: 'Object', members };
    }
    return value;
  }

  /** A folder is no File, and a file no Directory. What has not been fetched is believed. */
  async #ofKind(value: TextValue, found: string): Promise<Value> {
    const facts = await stat(found).catch(() => undefined);
    if (!facts || facts.isDirectory() === (value.kind === 'Directory')) return value;
    const what = facts.isDirectory() ? 'a directory' : 'a file';
    throw new EvaluationError(`${value.value} is ${what}, but declared as ${value.kind}.`);
  }

  /** The value with its files as the rest of the workflow sees them: host paths, or the URIs that inputs came from. */
  publish(value: Value): Promise<Value> {
    return mapFiles(value, (path) => this.#published(path));
  }

  async #published(path: string): Promise<string> {
    const found = await this.#locate(path);
    if (found === undefined) throw new EvaluationError(`The task did not make the file ${path}.`);
    if (posix.basename(found) === posix.basename(path.replace(/\/+$/, '')) || this.#isStream(path))
      return found;
    // A link under another name: what follows must find the file under the name that the task gave it.
    const local = await this.#files.localPath(await this.#files.source(found, ''));
    return (await stat(local)).isFile() ? this.#files.underName(local, posix.basename(path)) : found;
  }

  async #existing(path: string): Promise<string> {
    const found = await this.#locate(path);
    if (found === undefined) throw new EvaluationError(`The task did not make the file ${path}.`);
    return this.#files.localPath(await this.#files.source(found, ''));
  }

  async #locate(path: string): Promise<string | undefined> {
    if (path === this.#places.stdout) return this.#outcome.stdoutPath;
    if (path === this.#places.stderr) return this.#outcome.stderrPath;
    const place = await this.#work.find(path);
    return place?.kind === 'input' ? this.#localization.origin(place.target) : place?.path;
  }

  #isStream(path: string): boolean {
    return path === this.#places.stdout || path === this.#places.stderr;
  }
}
