import type { EngineFailure, FromEngine, OutputFile } from '../engine-protocol.ts';
import type { Accelerators, StagedInput, TaskRequest, TaskResources } from '../task.ts';

/** An engine said something that the protocol does not know. Engines evaluate strangers' workflows: nothing is believed. */
export class ProtocolViolation extends Error {
  override name = 'ProtocolViolation';
}

type Fields = Readonly<Record<string, unknown>>;
type Check<T> = (value: unknown, where: string) => T;

function refuse(where: string, wanted: string): never {
  throw new ProtocolViolation(`${where} is not ${wanted}`);
}

const text: Check<string> = (value, where) => (typeof value === 'string' ? value : refuse(where, 'text'));
const number: Check<number> = (value, where) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(where, 'a number');
const truth: Check<boolean> = (value, where) =>
  typeof value === 'boolean' ? value : refuse(where, 'true or false');
const fields: Check<Fields> = (value, where) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : refuse(where, 'an object');

function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value, where) =>
    Array.isArray(value)
      ? value.map((item: unknown, index) => check(item, `${where}[${index}]`))
      : refuse(where, 'a list');
}

const texts: Check<Readonly<Record<string, string>>> = (value, where) => {
  const entries = Object.entries(fields(value, where));
  return Object.fromEntries(entries.map(([name, item]) => [name, text(item, `${where}.${name}`)]));
};

/** A member that may be missing stays missing: `exactOptionalPropertyTypes` or not, JSON has no undefined. */
function optional<N extends string, T>(from: Fields, name: N, check: Check<T>): { readonly [K in N]?: T } {
  const value = from[name];
  return value === undefined || value === null ? {} : ({ [name]: check(value, name) } as { [K in N]?: T });
}

const position = (value: unknown, where: string) => {
  const from = fields(value, where);
  return {
    file: text(from.file, 'file'),
    line: number(from.line, 'line'),
    column: number(from.column, 'column'),
  };
};

const accelerators: Check<Accelerators> = (value, where) => {
  const from = fields(value, where);
  return { count: number(from.count, 'count'), ...optional(from, 'type', text) };
};

const successCodes: Check<readonly number[] | 'any'> = (value, where) =>
  value === 'any' ? value : list(number)(value, where);

const resources: Check<TaskResources> = (value, where) => {
  const from = fields(value, where);
  return {
    cpus: number(from.cpus, 'cpus'),
    memoryBytes: Math.floor(number(from.memoryBytes, 'memoryBytes')),
    ...optional(from, 'accelerators', accelerators),
    ...optional(from, 'diskBytes', number),
    ...optional(from, 'timeoutSeconds', number),
  };
};

const input: Check<StagedInput> = (value, where) => {
  const from = fields(value, where);
  const common = { target: text(from.target, 'target'), ...optional(from, 'writable', truth) };
  if (from.kind === 'uri') return { kind: 'uri', uri: text(from.uri, 'uri'), ...common };
  if (from.kind === 'path') return { kind: 'path', path: text(from.path, 'path'), ...common };
  if (from.kind === 'literal') return { kind: 'literal', content: text(from.content, 'content'), ...common };
  return refuse(`${where}.kind`, 'uri, path or literal');
};

const task: Check<TaskRequest> = (value, where) => {
  const from = fields(value, where);
  return {
    call: text(from.call, 'call'),
    attempt: number(from.attempt, 'attempt'),
    name: text(from.name, 'name'),
    argv: list(text)(from.argv, 'argv'),
    environment: texts(from.environment, 'environment'),
    workDirectory: text(from.workDirectory, 'workDirectory'),
    resources: resources(from.resources, 'resources'),
    inputs: list(input)(from.inputs, 'inputs'),
    ...optional(from, 'volumes', list(text)),
    ...optional(from, 'stdin', text),
    ...optional(from, 'stdout', text),
    ...optional(from, 'stderr', text),
    ...optional(from, 'logsStreams', truth),
    ...optional(from, 'image', text),
    ...optional(from, 'entrypoint', truth),
    ...optional(from, 'network', truth),
    ...optional(from, 'secrets', texts),
    ...optional(from, 'reuse', truth),
    ...optional(from, 'successCodes', successCodes),
    ...optional(from, 'source', position),
  };
};

const outputFile: Check<OutputFile> = (value, where) => {
  const from = fields(value, where);
  const key = text(from.key, 'key');
  const plain =
    key !== '' && !key.startsWith('/') && !key.split('/').some((part) => part === '..' || part === '.');
  return { path: text(from.path, 'path'), key: plain ? key : refuse(`${where}.key`, 'a relative key') };
};

const failure: Check<EngineFailure> = (value, where) => {
  const from = fields(value, where);
  return {
    reason: text(from.reason, 'reason'),
    message: text(from.message, 'message'),
    ...optional(from, 'call', text),
    ...optional(from, 'exitCode', number),
    ...optional(from, 'source', position),
    ...optional(from, 'logTail', text),
  };
};

function level(value: unknown): 'info' | 'warn' | 'error' {
  return value === 'info' || value === 'warn' || value === 'error'
    ? value
    : refuse('level', 'info, warn or error');
}

/** A message from an engine, every member checked and unknown members dropped. Throws ProtocolViolation. */
export function checkFromEngine(value: unknown): FromEngine {
  const from = fields(value, 'the message');
  switch (from.type) {
    case 'ready':
      return { type: 'ready', protocol: number(from.protocol, 'protocol') };
    case 'run-task':
      return { type: 'run-task', request: number(from.request, 'request'), task: task(from.task, 'task') };
    case 'cancel-task':
      return { type: 'cancel-task', request: number(from.request, 'request') };
    case 'stat':
    case 'localize':
      return { type: from.type, request: number(from.request, 'request'), uri: text(from.uri, 'uri') };
    case 'log':
      return { type: 'log', level: level(from.level), message: text(from.message, 'message') };
    case 'completed':
      return {
        type: 'completed',
        outputs: fields(from.outputs, 'outputs'),
        files: list(outputFile)(from.files, 'files'),
      };
    case 'failed':
      return { type: 'failed', failure: failure(from.failure, 'failure') };
    default:
      return refuse('type', 'known');
  }
}
