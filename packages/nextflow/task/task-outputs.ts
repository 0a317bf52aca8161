import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { glob, hasGlob, unescapeGlob } from '../files/glob.ts';
import { isCollection, items } from '../evaluate/items.ts';
import { bagOf } from '../values/bag.ts';
import { Closure } from '../values/closure.ts';
import { ScriptFault } from '../diagnostics/fault.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';
import type { Declared } from '../run/process-definition.ts';
import { arityProblem } from './arity.ts';
import type { StagedFile } from './task-inputs.ts';
import type { TaskScope } from './task-scope.ts';
import type { Files } from '../files/files.ts';

export interface OutputOptions {
  readonly files: Files;
  /** On this machine. */
  readonly workDirectory: string;
  readonly stdout: () => string;
  readonly inputs: readonly StagedFile[];
  /** Where the task sees them. */
  readonly inputFolder: string;
  readonly scope: TaskScope;
  readonly process: string;
  readonly commands: readonly string[];
}

/** An output that is not there and need not be. */
export const ABSENT = Symbol('absent');

/** What a task has made, as its outputs declare it. */
export class TaskOutputs {
  readonly #options: OutputOptions;
  #captured: Map<string, string> | undefined;
  /** Every file that an output has, for publishing. */
  readonly found: FilePath[] = [];

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** The item of one output channel, or ABSENT. */
  item(output: Declared): Value | typeof ABSENT {
    const optional = this.#flag(output, 'optional');
    if (output.kind !== 'tuple') return this.#value(output, optional);
    const parts = output.items.map((item) => this.#value(item, optional || this.#flag(item, 'optional')));
    return parts.includes(ABSENT) ? ABSENT : parts;
  }

  #flag(output: Declared, name: string): boolean {
    const option = output.options[name];
    return option !== undefined && truth(this.#evaluate(option));
  }

  #evaluate(closure: Closure): Value {
    return closure.withDelegate(this.#options.scope, 'delegate-first').apply([]);
  }

  #value(output: Declared, optional: boolean): Value | typeof ABSENT {
    switch (output.kind) {
      case 'path':
      case 'file':
        return this.#path(output, optional);
      case 'stdout':
        return this.#options.stdout();
      case 'env':
        return this.variable(output.name ?? text(output.value ? this.#evaluate(output.value) : ''), optional);
      case 'eval':
        return this.command(text(output.value ? this.#evaluate(output.value) : ''));
      case 'typed':
        return this.#typed(output);
      case 'stdin':
        return null;
      default:
        return this.#named(output);
    }
  }

  #named(output: Declared): Value {
    const value = output.value
      ? this.#evaluate(output.value)
      : (this.#options.scope.lookup(output.name ?? '') ?? null);
    return this.#trusted(value);
  }

  /** Inputs that are handed on are the files themselves, not their names in this task. */
  #trusted(value: Value): Value {
    if (value instanceof FilePath && value.staged !== undefined) return value.at(value.location);
    if (Array.isArray(value)) return value.map((one) => this.#trusted(one));
    return value;
  }

  #typed(output: Declared): Value {
    const value = output.value ? this.#evaluate(output.value) : null;
    return this.#trusted(value);
  }

  /** `env('NAME')`. */
  variable(name: string, optional = false): Value {
    const found = this.#all().get(`env:${name}`);
    if (found !== undefined) return found;
    if (optional) return null;
    throw fault(`Missing environment variable: ${name}`, 'MissingValueException');
  }

  /** `eval('command')`. */
  command(command: string): Value {
    const index = this.#options.commands.indexOf(command);
    const status = this.#all().get(`status:${index}`);
    if (status !== undefined && status !== '0') {
      throw fault(
        `Unable to evaluate output: the command \`${command}\` ended with exit status ${status}`,
        'ProcessException',
      );
    }
    return this.#all().get(`eval:${index}`) ?? null;
  }

  #all(): Map<string, string> {
    if (this.#captured) return this.#captured;
    this.#captured = new Map();
    const path = join(this.#options.workDirectory, '.command.env');
    if (!this.#options.files.stat(path)) return this.#captured;
    const words = readFileSync(path, 'utf8').split('\0');
    for (let at = 0; at + 1 < words.length; at += 2) this.#captured.set(words[at]!, words[at + 1]!);
    return this.#captured;
  }

  #path(output: Declared, optional: boolean): Value | typeof ABSENT {
    const given = output.value ? this.#patternOf(output, output.value) : (output.name ?? '');
    const patterns = (isCollection(given) ? items(given) : [given]).flatMap((one) =>
      one instanceof FilePath ? [text(one).replace(/[*?[\]{}\\]/g, '\\$&')] : text(one).split(':'),
    );
    const found = patterns.flatMap((pattern) => this.#matches(pattern, output));
    const arity = output.options['arity'] && text(this.#evaluate(output.options['arity']));
    const missing = patterns.filter((pattern) => this.#matches(pattern, output).length === 0);
    const mayBeEmpty = optional || (arity?.startsWith('0') ?? false);
    if (
      missing.length > 0 &&
      !mayBeEmpty &&
      (found.length === 0 || missing.some((pattern) => !hasGlob(pattern)))
    )
      throw this.#missing(missing);
    const problem = arity === undefined ? undefined : arityProblem(arity, found.length);
    if (problem)
      throw fault(
        `Incorrect number of output files for process \`${this.#options.process}\` -- expected ${problem}, found ${found.length}`,
        'IllegalArityException',
      );
    this.found.push(...found);
    if (found.length === 0 && arity === undefined) return ABSENT;
    if (arity !== undefined && arity !== '1' && arity !== '0..1') return bagOf(found);
    if (found.length === 0) return arity === '0..1' || arity === undefined ? ABSENT : [];
    return found.length === 1 ? found[0] : bagOf(found);
  }

  /** `file x` without quotes: the variable x, or where there is none, the file of that name. */
  #patternOf({ variable }: Declared, value: Closure): Value {
    try {
      return this.#evaluate(value);
    } catch (error) {
      const undefinedName =
        error instanceof ScriptFault && error.className === 'MissingPropertyException' && variable;
      if (!undefinedName || this.#options.scope.lookup(undefinedName) !== undefined) throw error;
      return undefinedName;
    }
  }

  #missing(patterns: readonly string[]): Error {
    return fault(
      `Missing output file(s) \`${patterns.join('`, `')}\` expected by process \`${this.#options.process}\``,
      'MissingFileException',
    );
  }

  /** `file('x')` and `files('*.x')` of typed outputs. */
  find(pattern: string, options: GroovyMap): FilePath[] {
    const found = this.#search(pattern, (name) => options.get(name) ?? undefined);
    this.found.push(...found);
    return found;
  }

  #matches(pattern: string, output: Declared): FilePath[] {
    return this.#search(pattern, (name) => {
      const option = output.options[name];
      return option && this.#evaluate(option);
    });
  }

  #search(pattern: string, option: (name: string) => Value | undefined): FilePath[] {
    const { files, inputs, workDirectory } = this.#options;
    const relative = pattern.replace(/^\.\//, '');
    if (relative.startsWith('/'))
      throw fault(`The output "${pattern}" is an absolute path; outputs lie in the work directory.`);
    if (relative.split('/').includes('..'))
      throw fault(`The output "${pattern}" leads out of the work directory.`);
    const magic = truth(option('glob') ?? true) && hasGlob(relative);
    if (!magic) {
      const path = join(workDirectory, truth(option('glob') ?? true) ? unescapeGlob(relative) : relative);
      const there = this.#resolved(path);
      return there === undefined ? [] : [there];
    }
    const type = text(option('type') ?? (relative.includes('**') ? 'file' : 'any')) as 'file' | 'dir' | 'any';
    const maxDepth = Number(option('maxDepth') ?? Infinity);
    const staged = new Set(inputs.map(({ name }) => name));
    const names = glob(
      this.#following(files),
      join(workDirectory.replace(/[*?[\]{}\\]/g, '\\$&'), relative),
      {
        ...{
          type,
          maxDepth,
          hidden: truth(option('hidden') ?? false),
          followLinks: truth(option('followLinks') ?? true),
          relative: false,
        },
      },
    );
    return names
      .filter((path) => {
        const name = path.slice(workDirectory.length + 1);
        return (
          !name.startsWith('.command.') &&
          name !== '.exitcode' &&
          (truth(option('includeInputs') ?? false) || !staged.has(name))
        );
      })
      .flatMap((path) => this.#resolved(path) ?? []);
  }

  /** Links to inputs lead to places of the task's view: what is known of them is what is known of the input. */
  #following(files: Files): Pick<Files, 'list' | 'stat'> {
    return {
      list: (path) => files.list(path),
      stat: (path) => {
        const input = this.#inputBehind(path);
        return files.stat(input ? input.location : path);
      },
    };
  }

  #inputBehind(path: string): FilePath | undefined {
    const link = this.#options.files.readLink(path);
    if (link === undefined) return undefined;
    const { inputFolder, inputs } = this.#options;
    if (link.startsWith(`${inputFolder}/`))
      return inputs[Number(link.slice(inputFolder.length + 1).split('/')[0])]?.file;
    // A link to another name in the work directory, which may be a link to an input.
    const next = link.startsWith('/') ? undefined : join(path, '..', link);
    return next === undefined || next === path ? undefined : this.#inputBehind(next);
  }

  #resolved(path: string): FilePath | undefined {
    const { files } = this.#options;
    const input = this.#inputBehind(path);
    if (input) return new NamedInput(input, path);
    return files.stat(path) ? new FilePath(files, path) : undefined;
  }
}

/** An input under another name: an output that is a link to it. */
class NamedInput extends FilePath {
  readonly #name: string;

  constructor(file: FilePath, path: string) {
    super(file.files, file.location);
    this.#name = path.slice(path.lastIndexOf('/') + 1);
  }

  override property(name: string): Value | undefined {
    return name === 'name' || name === 'fileName' ? this.#name : super.property(name);
  }
}
