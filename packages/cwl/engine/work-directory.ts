import { posix } from 'node:path';
import { EvaluationError } from '../faults.ts';
import { jsonText } from '../expression/json-text.ts';
import type { Evaluator, Scope } from '../expression/evaluator.ts';
import { isFileOrDirectory, isObject, mapFiles, textOf, type Value, type ValueObject } from '../value.ts';
import { describeFile } from './describe-file.ts';
import type { RunContext } from './run-context.ts';
import type { Staging } from './staging.ts';

export interface WorkDirectoryOptions {
  readonly listing: Value;
  readonly evaluator: Evaluator;
  readonly scope: Scope;
  readonly staging: Staging;
  /** The work directory as the task sees it. */
  readonly work: string;
  /** Absolute names are allowed where the tool must run in a container. */
  readonly absolute: boolean;
  readonly context: RunContext;
}

/** InitialWorkDirRequirement: puts files and folders where the tool starts. */
export async function prepareWorkDirectory(options: WorkDirectoryOptions): Promise<void> {
  await place(options, options.listing, undefined);
}

async function place(
  options: WorkDirectoryOptions,
  listed: Value,
  writable: boolean | undefined,
): Promise<void> {
  const { evaluator, scope } = options;
  if (listed === null) return;
  if (typeof listed === 'string') {
    const value = evaluator.evaluate(listed, scope);
    if (typeof value === 'string')
      throw new EvaluationError('InitialWorkDirRequirement: "listing" must give files, folders or Dirents.');
    return place(options, value, writable);
  }
  if (Array.isArray(listed)) {
    for (const one of listed) await place(options, one, writable);
    return;
  }
  if (isFileOrDirectory(listed))
    return placeFile(options, listed, undefined, writable ?? listed['writable'] === true);
  if (isObject(listed) && 'entry' in listed) return placeEntry(options, listed);
  throw new EvaluationError('InitialWorkDirRequirement: "listing" must give files, folders or Dirents.');
}

async function placeEntry(options: WorkDirectoryOptions, dirent: ValueObject): Promise<void> {
  const { evaluator, scope } = options;
  const written = dirent['entry']!;
  const entry = typeof written === 'string' ? evaluator.text(written, scope) : written;
  const name = dirent['entryname'] === undefined ? null : evaluator.evaluate(dirent['entryname'], scope);
  if (name !== null && typeof name !== 'string') throw new EvaluationError('"entryname" must be a text.');
  const writable = dirent['writable'] === true;
  if (entry === null) return;
  if (isFileOrDirectory(entry)) return placeFile(options, entry, name ?? undefined, writable);
  if (Array.isArray(entry) && entry.every(isFileOrDirectory)) {
    for (const one of entry) await placeFile(options, one, undefined, writable);
    return;
  }
  if (name === null)
    throw new EvaluationError('"entryname" is needed where "entry" is the content of a file.');
  const content = typeof entry === 'string' ? entry : jsonText(entry);
  options.staging.literal(content, target(options, name), writable);
}

async function placeFile(
  options: WorkDirectoryOptions,
  file: ValueObject,
  name: string | undefined,
  writable: boolean,
): Promise<void> {
  const described = await describeFile(file, options.context);
  const path = target(options, name ?? textOf(described['basename'])!);
  await options.staging.placeAt(described, posix.dirname(path), posix.basename(path), writable);
}

function target({ absolute, work }: WorkDirectoryOptions, name: string): string {
  if (name.startsWith('/')) {
    if (absolute) return posix.normalize(name);
    throw new EvaluationError(
      `The entryname ${name} is absolute, which needs DockerRequirement in "requirements".`,
    );
  }
  const path = posix.join(work, name);
  if (path.startsWith(`${work}/`)) return path;
  throw new EvaluationError(`The entryname ${name} leads out of the output directory.`);
}

/** Inputs that were put into the work directory are seen there. */
export async function withMovedPaths(
  inputs: ValueObject,
  staging: Staging,
  work: string,
): Promise<ValueObject> {
  const moved = await mapFiles(inputs, async (file) => movedFile(file, staging, work));
  return moved as ValueObject;
}

function movedFile(file: ValueObject, staging: Staging, work: string): ValueObject {
  const location = textOf(file['location']);
  const path = location === undefined ? undefined : staging.whereMoved(location, work);
  const changed: ValueObject = { ...file };
  if (path !== undefined) {
    changed['path'] = path;
    if (file['class'] === 'File') changed['dirname'] = posix.dirname(path);
  }
  for (const name of ['secondaryFiles', 'listing']) {
    if (Array.isArray(file[name])) {
      changed[name] = file[name].map((one) => (isFileOrDirectory(one) ? movedFile(one, staging, work) : one));
    }
  }
  return changed;
}
