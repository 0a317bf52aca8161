import type { Callable } from '../check/program.ts';
import { type Type, typeText } from '../check/type.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import { coerce } from '../evaluate/coerce.ts';
import { fromJson } from '../evaluate/json.ts';
import { EvaluationError, NOTHING, type Value } from '../evaluate/value.ts';
import { nestedName } from './nested-names.ts';

export interface Parameters {
  readonly inputs: ReadonlyMap<string, Value>;
  /** Those with dots: for calls, where the workflow allows it, and for runtime attributes. */
  readonly nested: ReadonlyMap<string, unknown>;
  /** Names of those that the workflow's author forbids to give. */
  readonly ignored: readonly string[];
  /** Everything that is wrong, each with the parameter's name. */
  readonly problems: readonly string[];
}

/** StartRun's parameters as values of the workflow's inputs. Names may be qualified: `x` or `TestFlow.x`. */
export function readParameters(
  target: Callable,
  parameters: Readonly<Record<string, unknown>>,
  lenient = false,
): Parameters {
  const declared = new Map(target.inputs.map((input) => [input.name, input]));
  const inputs = new Map<string, Value>();
  const nested = new Map<string, unknown>();
  const problems: string[] = [];
  const ignored: string[] = [];
  for (const [key, json] of Object.entries(parameters)) {
    const name = key.startsWith(`${target.name}.`) ? key.slice(target.name.length + 1) : key;
    const input = declared.get(name);
    if (!input && name.includes('.')) {
      const meaning = nestedName(target, name, lenient);
      if (meaning.kind === 'taken') nested.set(name, json);
      else if (meaning.kind === 'ignored') ignored.push(name);
      else problems.push(meaning.why);
    } else if (!input) {
      problems.push(`The ${target.kind} has no input ${name}.${suggestion(name, declared.keys())}`);
    } else if (inputs.has(name))
      problems.push(`${name} is given twice, once with the workflow's name and once without.`);
    else if (json === null && input.value) inputs.set(name, NOTHING);
    else inputs.set(name, readParameter(json, input.type, name, { lenient, problems }));
  }
  for (const { name, type, value } of target.inputs) {
    if (inputs.has(name) || value || type.optional) continue;
    problems.push(`The required input ${name} of type ${typeText(type)} is not given.`);
  }
  return { inputs, nested, ignored, problems };
}

/** Everything that is wrong with one parameter. */
export function parameterProblems(
  json: unknown,
  type: Type,
  name: string,
  lenient: boolean,
): readonly string[] {
  const problems: string[] = [];
  readParameter(json, type, name, { lenient, problems });
  return problems;
}

function readParameter(
  json: unknown,
  type: Type,
  name: string,
  { lenient, problems }: { readonly lenient: boolean; readonly problems: string[] },
): Value {
  return readJson(lenient ? loosened(json, type) : json, type, name, problems);
}

/**
 * Cromwell's parameters: a number or Boolean in quotes is one. Whatever is no such text stays as it is and is refused
 * like any other.
 */
function loosened(json: unknown, type: Type): unknown {
  if (Array.isArray(json) && type.kind === 'Array') return json.map((item) => loosened(item, type.item));
  if (typeof json !== 'string') return json;
  const text = json.trim();
  if (type.kind === 'Boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  return (type.kind === 'Int' || type.kind === 'Float') && isNumber ? Number(text) : json;
}

/** A JSON value as the type has it. JSON's own kinds are kept apart: a number in quotes is no number. */
function readJson(json: unknown, type: Type, path: string, problems: string[]): Value {
  const refuse = (): Value => {
    problems.push(`${path} must be ${typeText(type)}, not ${describe(json)}.`);
    return NOTHING;
  };
  if (json === null || json === undefined) return type.optional ? NOTHING : refuse();
  if (type.kind === 'Array') {
    if (!Array.isArray(json)) return refuse();
    if (type.nonEmpty && json.length === 0) problems.push(`${path} must not be empty.`);
    const items = json.map((item, index) => readJson(item, type.item, `${path}[${index}]`, problems));
    return { kind: 'Array', items };
  }
  if (type.kind === 'Struct') return readStruct(json, type, path, problems) ?? refuse();
  if (!fits(json, type)) return refuse();
  if (type.kind === 'Map' || type.kind === 'Pair') return readParts(json, type, path, problems);
  try {
    return coerce(fromJson(json), type);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    problems.push(`${path}: ${error.message}`);
    return NOTHING;
  }
}

function fits(json: unknown, type: Type): boolean {
  switch (type.kind) {
    case 'Boolean':
      return typeof json === 'boolean';
    case 'Int':
      return typeof json === 'number' && Number.isInteger(json);
    case 'Float':
      return typeof json === 'number';
    case 'File':
      return typeof json === 'string' && json !== '' && !json.endsWith('/');
    case 'Directory':
      return typeof json === 'string' && json !== '';
    case 'String':
      return typeof json !== 'object';
    case 'Map':
    case 'Pair':
    case 'Object':
      return typeof json === 'object';
    default:
      return true;
  }
}

function readStruct(
  json: unknown,
  type: Extract<Type, { kind: 'Struct' }>,
  path: string,
  problems: string[],
): Value | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const given = new Map(Object.entries(json));
  for (const name of given.keys()) {
    if (type.members.has(name)) continue;
    problems.push(
      `${path}: struct ${type.name} has no member ${name}.${suggestion(name, type.members.keys())}`,
    );
  }
  const members = new Map<string, Value>();
  for (const [name, member] of type.members) {
    if (!given.has(name) && !member.optional)
      problems.push(`${path}.${name} of type ${typeText(member)} is not given.`);
    else members.set(name, readJson(given.get(name), member, `${path}.${name}`, problems));
  }
  return { kind: 'Object', members };
}

/** Pairs as objects with left and right or as arrays of two, maps as objects. */
function readParts(
  json: unknown,
  type: Extract<Type, { kind: 'Map' | 'Pair' }>,
  path: string,
  problems: string[],
): Value {
  const members = new Map(Object.entries(json as object));
  if (type.kind === 'Map') {
    const entries = [...members].map(([key, value]) => {
      const keyValue = readKey(key, type.key, path, problems);
      return [
        key,
        [keyValue, readJson(value, type.value, `${path}[${JSON.stringify(key)}]`, problems)],
      ] as const;
    });
    return { kind: 'Map', entries: new Map(entries) };
  }
  const [leftName, rightName] = Array.isArray(json) ? ['0', '1'] : ['left', 'right'];
  const left = readJson(members.get(leftName), type.left, `${path}.left`, problems);
  return {
    kind: 'Pair',
    left,
    right: readJson(members.get(rightName), type.right, `${path}.right`, problems),
  };
}

/** JSON's keys are texts; a map's may be numbers. */
function readKey(key: string, type: Type, path: string, problems: string[]): Value {
  try {
    return coerce({ kind: 'String', value: key }, type);
  } catch {
    problems.push(`${path}: the key ${JSON.stringify(key)} must be ${typeText(type)}.`);
    return NOTHING;
  }
}

function describe(json: unknown): string {
  if (json === null || json === undefined) return 'null';
  if (Array.isArray(json)) return 'an array';
  if (typeof json === 'object') return 'an object';
  return `the ${typeof json} ${JSON.stringify(json)}`.slice(0, 100);
}
