import { isUri } from '../files/files.ts';
import { coerce, type PathMaker } from '../evaluate/coerce.ts';
import { isCollection, items } from '../evaluate/items.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { FilePath } from '../values/path.ts';
import { PathList, pathListOf } from '../values/path-list.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';
import type { Declared } from '../run/process-definition.ts';
import { arityProblem } from './arity.ts';
import { stageNames } from './stage-names.ts';
import type { TaskScope } from './task-scope.ts';
import type { Machine } from '../evaluate/machine.ts';

export interface StagedFile {
  readonly name: string;
  readonly file: FilePath;
  /** The task's own, to write to: a value that was put into a file, a small file in a stub run. */
  readonly writable?: boolean;
}

/** What the inputs of a task are: files with their names, variables of the environment, standard input. */
export class TaskInputs {
  readonly files: StagedFile[] = [];
  readonly environment: Record<string, string> = {};
  stdin: string | undefined;
  readonly #made = new Set<FilePath>();
  readonly #scope: TaskScope;
  readonly #machine: Machine;
  readonly #process: string;
  readonly #paths: PathMaker & { scratchFile(content: string): FilePath };

  constructor(
    scope: TaskScope,
    machine: Machine,
    process: string,
    paths: PathMaker & { scratchFile(content: string): FilePath },
  ) {
    this.#scope = scope;
    this.#machine = machine;
    this.#process = process;
    this.#paths = paths;
  }

  bindAll(declared: readonly Declared[], values: readonly Value[]): void {
    for (const [index, input] of declared.entries()) this.#bind(input, values[index]);
  }

  #bind(input: Declared, value: Value): void {
    try {
      this.#take(input, value);
    } catch (error) {
      throw this.#machine.located(error, input.place);
    }
  }

  #take(input: Declared, value: Value): void {
    switch (input.kind) {
      case 'tuple':
        this.#tuple(input, value);
        return;
      case 'record':
        for (const item of input.items)
          this.#take(item, value instanceof GroovyMap ? (value.get(item.name) ?? null) : null);
        return;
      case 'each':
        if (input.items[0]) this.#take(input.items[0], value);
        else this.#name(input, value instanceof FilePath ? this.#stage(value, undefined) : value);
        return;
      case 'path':
      case 'file':
        this.#path(input, value);
        return;
      case 'typed':
        this.#typed(input, value);
        return;
      case 'env':
        this.environment[input.name ?? this.#patternOf(input) ?? ''] =
          value instanceof FilePath ? text(this.#stage(value, undefined)) : text(value);
        return;
      case 'stdin':
        this.stdin = value instanceof FilePath ? value.read() : text(value);
        return;
      default:
        this.#name(input, value);
    }
  }

  #tuple(input: Declared, value: Value): void {
    const parts = isCollection(value) ? items(value) : [value];
    if (parts.length !== input.items.length) {
      const shown = text(value);
      throw fault(
        `Input tuple does not match tuple declaration in process \`${this.#process}\` -- offending value: ${shown}: it has ${parts.length} element${parts.length === 1 ? '' : 's'}, ${input.items.length} are declared.`,
      );
    }
    for (const [index, item] of input.items.entries()) this.#take(item, parts[index]);
  }

  #name(input: Declared, value: Value): void {
    if (input.name !== null) this.#scope.set(input.name, value);
  }

  #typed(input: Declared, value: Value): void {
    const type = input.type ?? '';
    const isPath = /^Path\b/.test(type);
    const isPaths = /^(List|Set|Bag|Collection|Iterable)<Path>/.test(type);
    if (value === null) {
      if (!input.optional)
        throw fault(
          `The input "${input.name}" of \`${this.#process}\` cannot be null. Declare it as ${type || 'Object'}? where it may be.`,
        );
      this.#name(input, null);
      return;
    }
    const made = isPath
      ? this.#filePath(value, false)
      : isPaths
        ? pathListOf(this.#fileList(value, false))
        : type === '' || isCollection(value) || value instanceof FilePath || value instanceof GroovyMap
          ? value
          : coerce(value, { name: type.replace(/<.*/, ''), array: false }, this.#paths);
    this.#name(input, made);
    this.#typedNames.push(input.name ?? '');
  }

  readonly #typedNames: string[] = [];

  /** Files of typed inputs get their names in the task when the section `stage:` has said which. */
  stageTyped(names: ReadonlyMap<string, string>): void {
    const staged = (value: Value): Value => {
      if (value instanceof FilePath) return this.#stage(value, names.get(value.location));
      if (value instanceof GroovyMap)
        return GroovyMap.from(Array.from(value, ([key, item]) => [key, staged(item)] as const));
      if (value instanceof PathList) return pathListOf(Array.from(value, staged));
      return isCollection(value) ? Array.from(value, staged) : value;
    };
    for (const name of this.#typedNames) this.#scope.set(name, staged(this.#scope.lookup(name)));
    this.#refuseCollisions();
  }

  #patternOf(input: Declared): string | undefined {
    const given = input.options['stageAs'] ?? input.options['name'] ?? input.value;
    if (!given) return undefined;
    const value = given.withDelegate(this.#scope, 'delegate-first').apply([]);
    return value === null ? undefined : text(value);
  }

  #path(input: Declared, value: Value): void {
    if (value === null)
      throw fault(
        `The path input "${input.name ?? ''}" of \`${this.#process}\` is null. Give [] where there is no file.`,
      );
    const found = this.#fileList(value, input.kind === 'file');
    const arity = input.options['arity'];
    const wanted = arity && text(arity.apply([]));
    const problem = wanted === undefined ? undefined : arityProblem(wanted, found.length);
    if (problem)
      throw fault(
        `Incorrect number of input files for process \`${this.#process}\` -- expected ${problem}, found ${found.length}`,
        'IllegalArityException',
      );
    const staged = this.#stageAll(found, this.#patternOf(input));
    const single = isCollection(value) ? staged.length === 1 : true;
    const asList = wanted !== undefined && wanted !== '1' && wanted !== '0..1';
    this.#name(input, single && staged.length === 1 && !asList ? staged[0] : pathListOf(staged));
  }

  #fileList(value: Value, isFile: boolean): FilePath[] {
    if (!isCollection(value)) return [this.#filePath(value, isFile)];
    return items(value).flatMap((one) => this.#fileList(one, isFile));
  }

  #filePath(value: Value, isFile: boolean): FilePath {
    if (value instanceof FilePath) return value;
    if (value === null)
      throw fault(`A path input of \`${this.#process}\` is null. Give [] where there is no file.`);
    const written = text(value);
    if (!isFile && typeof value === 'string') {
      if (written.startsWith('/') || isUri(written)) return this.#paths.path(written);
      throw fault(
        `Not a valid path value: '${written}'. A path input takes files: make one of it with file('${written}').`,
      );
    }
    if (!isFile)
      throw fault(
        `Not a valid path value type: ${(value as object).constructor?.name === 'GroovyMap' ? 'Map' : typeof value} (${written})`,
      );
    // A value for a `file` input is written to a file.
    const file = this.#paths.scratchFile(written);
    this.#made.add(file);
    return file;
  }

  #stage(file: FilePath, pattern: string | undefined): FilePath {
    return this.#stageAll([file], pattern)[0]!;
  }

  #stageAll(found: readonly FilePath[], pattern: string | undefined): FilePath[] {
    return stageNames(pattern, found).map((name, index) => {
      const file = found[index]!;
      this.files.push(this.#made.has(file) ? { name, file, writable: true } : { name, file });
      return new FilePath(file.files, file.location, name);
    });
  }

  #refuseCollisions(): void {
    const places = new Map<string, string>();
    const twice = new Set<string>();
    for (const { file, name } of this.files) {
      const known = places.get(name);
      if (known !== undefined && known !== file.absolute) twice.add(name);
      places.set(name, file.absolute);
    }
    if (twice.size === 0) return;
    throw fault(
      `Process \`${this.#process}\` input file name collision -- There are multiple input files for each of the following file names: ${[...twice].join(', ')}. Rename them with stageAs.`,
    );
  }
}
