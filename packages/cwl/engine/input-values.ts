import { fits, chosen, shown } from '../check-value.ts';
import { DocumentError, EvaluationError } from '../faults.ts';
import { isBefore } from '../load/versions.ts';
import type { Evaluator } from '../expression/evaluator.ts';
import { fullFormat } from '../files/formats.ts';
import type { CwlType, InputParameter, LoadListing, ProcessBase } from '../load/model.ts';
import { typeText } from '../load/types.ts';
import {
  isFile,
  isFileOrDirectory,
  isObject,
  listOf,
  setMember,
  textOf,
  type Value,
  type ValueObject,
} from '../value.ts';
import { applyListing, describeFile } from './describe-file.ts';
import type { RunContext } from './run-context.ts';
import { addSecondaryFiles } from './secondary-files.ts';

export type ParameterFacts = Pick<
  InputParameter,
  'name' | 'type' | 'secondaryFiles' | 'format' | 'loadContents' | 'loadListing'
>;

/** What a process gets for its inputs: defaults filled in, types checked, files described as expressions see them. */
export class InputValues {
  readonly #process: ProcessBase;
  readonly #evaluator: Evaluator;
  readonly #context: RunContext;
  readonly #listing: LoadListing;
  readonly #discover: boolean;
  readonly #inputs: ValueObject = {};

  /** `discover`: secondary files are looked for beside their files, as for a run's own inputs; elsewhere they are linked. */
  constructor(
    process: ProcessBase,
    evaluator: Evaluator,
    options: { readonly listing: LoadListing; readonly discover: boolean },
    context: RunContext,
  ) {
    this.#process = process;
    this.#evaluator = evaluator;
    this.#listing = options.listing;
    this.#discover = options.discover;
    this.#context = context;
  }

  async fill(job: ValueObject): Promise<ValueObject> {
    const given = this.#process.inputs.map((parameter) => [parameter, this.#given(parameter, job)] as const);
    for (const [{ name }, value] of given) setMember(this.#inputs, name, value);
    for (const [parameter, value] of given) {
      try {
        setMember(this.#inputs, parameter.name, await this.#described(parameter, parameter.type, value));
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        throw new DocumentError(parameter.position, `Input ${parameter.name}: ${error.message}`, {
          cause: error,
        });
      }
    }
    return this.#inputs;
  }

  #given({ default: fallback, name, position, type }: InputParameter, job: ValueObject): Value {
    const own = Object.hasOwn(job, name) ? job[name] : undefined;
    const value = own === undefined || own === null ? (fallback ?? null) : own;
    if (fits(type, value)) return value;
    if (value === null)
      throw new DocumentError(position, `The required input ${name} (${typeText(type)}) is missing.`);
    throw new DocumentError(position, `Input ${name} must be ${typeText(type)}; it is ${shown(value)}.`);
  }

  async #described(facts: ParameterFacts, type: CwlType, value: Value): Promise<Value> {
    if (isFileOrDirectory(value)) return this.#file(facts, value);
    const of = chosen(type, value);
    if (Array.isArray(value)) {
      const items = of.kind === 'array' ? of.items : type;
      const described: Value[] = [];
      for (const item of value) described.push(await this.#described(facts, items, item));
      return described;
    }
    return isObject(value) ? this.#record(of, value, facts) : value;
  }

  async #record(type: CwlType, value: ValueObject, outer: ParameterFacts): Promise<ValueObject> {
    const described: ValueObject = { ...value };
    const fields = type.kind === 'record' ? type.fields : [];
    for (const field of fields) {
      const given = value[field.name] ?? field.default ?? null;
      setMember(described, field.name, await this.#described(field, field.type, given));
    }
    const known = new Set(fields.map(({ name }) => name));
    for (const [name, item] of Object.entries(value)) {
      if (!known.has(name))
        setMember(
          described,
          name,
          await this.#described({ ...outer, secondaryFiles: [] }, { kind: 'Any' }, item),
        );
    }
    return described;
  }

  async #file(facts: ParameterFacts, value: ValueObject): Promise<ValueObject> {
    const file = await describeFile(value, this.#context);
    if (isFile(file) && facts.loadContents && file['contents'] === undefined) {
      const strict = !isBefore(this.#process.cwlVersion, 'v1.2');
      file['contents'] = await this.#context.files.contents(textOf(file['location'])!, strict);
    }
    if (!isFile(file)) await applyListing(file, facts.loadListing ?? this.#listing, this.#context);
    this.#checkFormat(facts, file);
    const scope = { inputs: this.#inputs, self: file, runtime: {} };
    const discover = this.#discover || this.#isDefault(facts.name, value);
    await addSecondaryFiles(
      file,
      { patterns: facts.secondaryFiles, discover },
      this.#evaluator,
      scope,
      this.#context,
    );
    return file;
  }

  #isDefault(name: string, value: ValueObject): boolean {
    return this.#process.inputs.some((one) => one.name === name && one.default === value);
  }

  #checkFormat({ format, name }: ParameterFacts, file: ValueObject): void {
    if (format === null || !isFile(file)) return;
    const { namespaces } = this.#process;
    const wanted = listOf(format).flatMap((one) => {
      return listOf(this.#evaluator.evaluate(one, { inputs: this.#inputs, self: file, runtime: {} }));
    });
    const formats = wanted
      .filter((one): one is string => typeof one === 'string')
      .map((one) => fullFormat(one, namespaces));
    const own = textOf(file['format']);
    if (formats.length === 0) return;
    if (own === undefined)
      throw new EvaluationError(`The file has no format; ${name} needs ${formats.join(' or ')}.`);
    if (formats.some((one) => this.#context.formats.isKindOf(fullFormat(own, namespaces), one))) return;
    throw new EvaluationError(`The file has the format ${own}; ${name} needs ${formats.join(' or ')}.`);
  }
}
