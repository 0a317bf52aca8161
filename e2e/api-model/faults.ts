import type { ApiModel, Member, ModelOperation, Structure, Type } from './model.ts';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** What an answer has that the model does not, or lacks that the model requires, each with where it is. */
export function faultsOf(model: ApiModel, operation: ModelOperation, answer: Answer): readonly string[] {
  if (answer.status >= 400) return errorFaults(answer);
  if (operation.output === 'bytes') return answer.status === 206 ? [] : statusFaults(operation, answer);
  return [...statusFaults(operation, answer), ...bodyFaults(model, operation.output, answer.body)];
}

function statusFaults({ status }: ModelOperation, answer: Answer): readonly string[] {
  return answer.status === status ? [] : [`status ${answer.status}, not ${status}`];
}

/** "All have a single member `message`." */
function errorFaults({ body }: Answer): readonly string[] {
  const { message, ...others } = JSON.parse(body.toString()) as Record<string, unknown>;
  const faults = typeof message === 'string' ? [] : ['error: no message'];
  return [...faults, ...Object.keys(others).map((name) => `error: ${name} is not in the model`)];
}

function bodyFaults(
  model: ApiModel,
  members: readonly Member[] | undefined,
  body: Buffer,
): readonly string[] {
  if (members === undefined) return body.length === 0 ? [] : ['a body, where the model has no output'];
  if (body.length === 0 && members.length === 0) return [];
  return structureFaults(model, { kind: 'structure', members }, JSON.parse(body.toString()), '');
}

function structureFaults(
  model: ApiModel,
  structure: Structure,
  value: unknown,
  path: string,
): readonly string[] {
  if (structure.kind === 'document') return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${path || 'the body'}: ${display(value)} is no structure`];
  const given = Object.entries(value);
  const known = new Map(structure.members.map((member) => [member.name, member]));
  const at = (name: string) => (path ? `${path}.${name}` : name);
  return [
    ...given.flatMap(([name, member]) =>
      known.has(name)
        ? typeFaults(model, known.get(name)!.type, member, at(name))
        : [`${at(name)} is not in the model`],
    ),
    ...structure.members
      .filter(({ name, required }) => required && !Object.hasOwn(value, name))
      .map(({ name }) => `${at(name)} is required and absent`),
    ...(structure.kind === 'union' && given.length !== 1
      ? [`${path}: a union of ${given.length} members`]
      : []),
  ];
}

const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  str: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
  long: (value) => Number.isSafeInteger(value),
  double: (value) => typeof value === 'number',
  float: (value) => typeof value === 'number',
  /** ISO-8601 in responses: the JavaScript client throws on epoch numbers. */
  ts: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(value)),
};

function typeFaults(model: ApiModel, type: Type, value: unknown, path: string): readonly string[] {
  switch (type.kind) {
    case 'list':
      if (!Array.isArray(value)) return [`${path}: ${display(value)} is no list`];
      return value.flatMap((item, index) => typeFaults(model, type.of, item, `${path}[${index}]`));
    case 'map':
      return mapFaults(model, type, value, path);
    case 'structure':
      return structureFaults(model, known(model.structures, type.name), value, path);
    case 'enum':
      return known(model.enums, type.name).includes(String(value))
        ? []
        : [`${path}: ${display(value)} is no ${type.name}`];
    case 'scalar':
      return known(new Map(Object.entries(SCALARS)), type.name)(value)
        ? []
        : [`${path}: ${display(value)} is no ${type.name}`];
  }
}

function mapFaults(
  model: ApiModel,
  type: Type & { readonly kind: 'map' },
  value: unknown,
  path: string,
): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${path}: ${display(value)} is no map`];
  return Object.entries(value).flatMap(([key, item]) => [
    ...typeFaults(model, type.key, key, `${path}, its key`),
    ...typeFaults(model, type.of, item, `${path}.${key}`),
  ]);
}

/** The tables name every type that they use; one that is missing is a fault of the reader, not of the answer. */
function known<T>(table: ReadonlyMap<string, T>, name: string): T {
  const found = table.get(name);
  if (found === undefined) throw new Error(`the API's model does not say what ${name} is`);
  return found;
}

const display = (value: unknown) => (JSON.stringify(value) ?? 'undefined').slice(0, 80);
