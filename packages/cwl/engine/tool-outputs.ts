import { copyFile, link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fits, fitsOutput, shown, chosen } from '../check-value.ts';
import { DocumentError, EvaluationError } from '../faults.ts';
import { isBefore } from '../load/versions.ts';
import type { Evaluator, Scope } from '../expression/evaluator.ts';
import { fullFormat } from '../files/formats.ts';
import type { CommandLineTool, CwlType, LoadListing, Parameter } from '../load/model.ts';
import { typeText } from '../load/types.ts';
import {
  isFile,
  isFileOrDirectory,
  isObject,
  listOf,
  mapFiles,
  setMember,
  textOf,
  type Value,
  type ValueObject,
} from '../value.ts';
import { glob } from './glob.ts';
import { applyListing, describeFile } from './describe-file.ts';
import type { RunContext } from './run-context.ts';
import { isRequired, wantedBeside } from './secondary-files.ts';
import type { TaskView } from './task-view.ts';

export interface ToolOutputsOptions {
  readonly tool: CommandLineTool;
  readonly view: TaskView;
  readonly evaluator: Evaluator;
  readonly inputs: ValueObject;
  /** With `exitCode`. */
  readonly runtime: ValueObject;
  readonly listing: LoadListing;
  readonly context: RunContext;
}

type Bound = Pick<Parameter, 'name' | 'secondaryFiles' | 'format'> & {
  readonly type: CwlType;
  readonly binding: ValueObject | undefined;
  readonly loadContents?: boolean;
};

let folders = 0;

/** What a tool gives, from what it left. */
export class ToolOutputs {
  readonly #options: ToolOutputsOptions;

  constructor(options: ToolOutputsOptions) {
    this.#options = options;
  }

  async collect(): Promise<ValueObject> {
    const { tool, view } = this.#options;
    const own = await view.see(`${view.work}/cwl.output.json`);
    const given = own?.kind === 'file' ? await this.#fromJson(own.location) : undefined;
    const outputs: ValueObject = {};
    for (const parameter of tool.outputs) {
      const { binding, format, name, position, secondaryFiles, type } = parameter;
      try {
        const bound = { name, type, secondaryFiles, format, binding };
        const value = given ? await this.#completed(given[name] ?? null, bound) : await this.#output(bound);
        if (!fitsOutput(type, value))
          throw new EvaluationError(`It must be ${typeText(type)}; it is ${shown(value)}.`);
        setMember(outputs, name, value);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        throw new DocumentError(position, `Output ${name}: ${error.message}`, { cause: error });
      }
    }
    return outputs;
  }

  /** "If the output directory contains cwl.output.json, that file's contents are the outputs." */
  async #fromJson(location: string): Promise<ValueObject> {
    const text = await readFile(await this.#options.context.files.localPath(location), 'utf8');
    try {
      const value = JSON.parse(text) as Value;
      if (isObject(value)) return value;
    } catch (error) {
      throw new EvaluationError(`cwl.output.json is not JSON: ${(error as Error).message}`, { cause: error });
    }
    throw new EvaluationError('cwl.output.json must hold an object.');
  }

  async #output(bound: Bound): Promise<Value> {
    const { binding, type } = bound;
    if (!binding) {
      const record = recordOf(type);
      return record ? this.#record(record) : null;
    }
    const found = await this.#globbed(binding);
    const outputEval = textOf(binding['outputEval']);
    if (outputEval !== undefined) {
      if (outputEval.includes('checksum')) await this.#addChecksums(found);
      const value = this.#options.evaluator.evaluate(outputEval, this.#scope(found));
      return this.#completed(value, bound);
    }
    return this.#completed(this.#single(found, type), bound);
  }

  /** Only for those that ask: files may be large, and those of steps within need none otherwise. */
  async #addChecksums(found: readonly Value[]): Promise<void> {
    const { files } = this.#options.context;
    for (const file of found.filter(isFile)) {
      const location = textOf(file['location']);
      if (location !== undefined) file['checksum'] = await files.checksum(await files.localPath(location));
    }
  }

  async #record(record: Extract<CwlType, { kind: 'record' }>): Promise<ValueObject> {
    const value: ValueObject = {};
    for (const { format, name, outputBinding, secondaryFiles, type } of record.fields) {
      setMember(
        value,
        name,
        await this.#output({ name, type, format, secondaryFiles, binding: outputBinding }),
      );
    }
    return value;
  }

  async #globbed(binding: ValueObject): Promise<Value[]> {
    const patterns = listOf(binding['glob'] ?? null).flatMap((one) => listOf(this.#evaluate(one)));
    const listing = textOf(binding['loadListing']) as LoadListing | undefined;
    const found: Value[] = [];
    for (const pattern of patterns) {
      if (typeof pattern !== 'string')
        throw new EvaluationError(`"glob" must be a text; it is ${shown(pattern)}.`);
      for (const path of await glob(pattern, this.#options.view)) {
        found.push(await this.#fileAt(path, binding['loadContents'] === true, listing));
      }
    }
    return found;
  }

  /** A type that takes one File gets the only one that was found. */
  #single(found: Value[], type: CwlType): Value {
    if (fits(type, found) && found.length > 0) return found;
    const takesList = chosen(type, found).kind === 'array';
    if (takesList && found.length === 0) return fits(type, null) && !fits(type, []) ? null : found;
    if (found.length === 0) {
      if (fits(type, null)) return null;
      throw new EvaluationError('No file matches its glob.');
    }
    if (found.length > 1)
      throw new EvaluationError(`${found.length} files match its glob, where ${typeText(type)} is one.`);
    return found[0]!;
  }

  async #fileAt(path: string, contents: boolean, listing: LoadListing | undefined): Promise<ValueObject> {
    const { context, tool, view } = this.#options;
    const seen = await view.see(path);
    if (!seen) throw new EvaluationError(`${path} does not exist.`);
    const basename = posix.basename(path);
    const dirname = posix.dirname(path);
    if (seen.kind === 'literal') {
      return {
        ...(await describeFile({ class: 'File', contents: seen.content, basename }, context)),
        path,
        dirname,
      };
    }
    if (seen.kind === 'folder') {
      const location = (await view.isPatched(path)) ? await this.#materialized(path) : seen.location;
      const folder = await describeFile({ class: 'Directory', location, basename }, context);
      await applyListing(folder, listing ?? this.#options.listing, context);
      return { ...folder, path };
    }
    const { location, size } = seen;
    const known = { class: 'File', location, basename, ...(size === undefined ? {} : { size }) };
    const file = await describeFile(known, context);
    if (contents)
      file['contents'] = await context.files.contents(location, !isBefore(tool.cwlVersion, 'v1.2'));
    return { ...file, path, dirname };
  }

  /** A folder with links and mounted inputs in it, made whole. */
  async #materialized(path: string): Promise<string> {
    const { context } = this.#options;
    const folder = join(
      context.host.scratch(),
      'folders',
      `${process.pid}-${(folders += 1)}`,
      posix.basename(path),
    );
    await this.#copyFolder(path, folder);
    await context.files.trust(folder);
    return pathToFileURL(folder).href;
  }

  async #copyFolder(path: string, target: string): Promise<void> {
    const { context, view } = this.#options;
    await mkdir(target, { recursive: true });
    for (const name of await view.names(path)) {
      const seen = await view.see(`${path}/${name}`);
      if (seen?.kind === 'folder') await this.#copyFolder(`${path}/${name}`, join(target, name));
      else if (seen?.kind === 'literal') await writeFile(join(target, name), seen.content);
      else if (seen) {
        const source = await context.files.localPath(seen.location);
        await link(source, join(target, name)).catch(() => copyFile(source, join(target, name)));
      }
    }
  }

  /** Files as the run knows them, with the secondary files and format that the output asks for. */
  async #completed(value: Value, bound: Bound): Promise<Value> {
    return mapFiles(value, async (file) => {
      const known = await this.#known(file);
      if (isFile(known)) {
        await this.#addSecondaryFiles(known, bound);
        const format = this.#options.evaluator.evaluate(bound.format, this.#scope(known));
        if (typeof format === 'string') known['format'] = fullFormat(format, this.#options.tool.namespaces);
      }
      return known;
    });
  }

  /** Finds the file that an expression or cwl.output.json names by a path in the task. */
  async #known(file: ValueObject): Promise<ValueObject> {
    const { context } = this.#options;
    const reference = taskPath(textOf(file['path']) ?? textOf(file['location']), this.#options.view.work);
    if (reference === undefined) {
      const described = await describeFile(await this.#knownInside(file), context);
      return described;
    }
    const found = await this.#fileAt(reference, false, undefined);
    const own: ValueObject = await this.#knownInside(file);
    for (const name of ['location', 'path', 'dirname', 'size', 'class', 'listing']) delete own[name];
    if (own['basename'] === found['basename'])
      return { ...found, ...own, ...(file['listing'] ? { listing: file['listing'] } : {}) };
    return describeFile({ ...found, ...own, path: found['path']! }, context).then((one) => ({
      ...one,
      path: found['path']!,
    }));
  }

  async #knownInside(file: ValueObject): Promise<ValueObject> {
    const changed: ValueObject = { ...file };
    for (const name of ['secondaryFiles', ...(file['location'] === undefined ? ['listing'] : [])]) {
      if (!Array.isArray(file[name])) continue;
      const inside: Value[] = [];
      for (const one of file[name]) if (isFileOrDirectory(one)) inside.push(await this.#known(one));
      changed[name] = inside;
    }
    return changed;
  }

  async #addSecondaryFiles(file: ValueObject, { secondaryFiles }: Bound): Promise<void> {
    const { evaluator, view } = this.#options;
    const path = textOf(file['path']);
    if (secondaryFiles.length === 0 || path === undefined) return;
    const present = listOf(file['secondaryFiles']);
    for (const pattern of secondaryFiles) {
      for (const wanted of wantedBeside(file, pattern.pattern, evaluator, this.#scope(file))) {
        if (isFileOrDirectory(wanted)) {
          present.push(await this.#known(wanted));
          continue;
        }
        const name = textOf(wanted);
        if (name === undefined) continue;
        const beside = posix.resolve(posix.dirname(path), name);
        if (present.some((one) => isObject(one) && one['path'] === beside)) continue;
        if (await view.see(beside)) present.push(await this.#fileAt(beside, false, undefined));
        else if (isRequired(pattern, file, evaluator, this.#scope(file))) {
          throw new EvaluationError(
            `The secondary file ${name} of ${String(file['basename'])} is not there.`,
          );
        }
      }
    }
    if (present.length > 0) file['secondaryFiles'] = present;
  }

  #evaluate(value: Value): Value {
    return this.#options.evaluator.evaluate(value, this.#scope(null));
  }

  #scope(self: Value): Scope {
    const { inputs, runtime } = this.#options;
    return { inputs, runtime, self };
  }
}

/** A path in the task: relative ones and the `file:` locations of cwl.output.json are in the work directory. */
function taskPath(reference: string | undefined, work: string): string | undefined {
  if (reference === undefined) return undefined;
  const plain = reference.startsWith(`${pathToFileURL(posix.dirname(work)).href}/`)
    ? decodeURIComponent(reference.slice(7))
    : reference;
  if (plain.startsWith('/')) return plain;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(plain) ? undefined : posix.join(work, plain);
}

function recordOf(type: CwlType): Extract<CwlType, { kind: 'record' }> | undefined {
  if (type.kind === 'record') return type;
  return type.kind === 'union' ? type.types.map(recordOf).find((one) => one !== undefined) : undefined;
}
