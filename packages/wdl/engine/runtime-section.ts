import type { TaskResources } from '@helicase/runtime';
import type { Task } from '../check/program.ts';
import { parseBytes } from '../evaluate/bytes.ts';
import { coerce } from '../evaluate/coerce.ts';
import { type Environment, evaluate, LocatedError } from '../evaluate/evaluator.ts';
import { EvaluationError, text, type Value } from '../evaluate/value.ts';

/** What a task's runtime section asks for. */
export interface TaskRuntime {
  readonly image: string | undefined;
  readonly resources: TaskResources;
  /** Bytes of each disk, by where the task sees it; its own size alone is the work directory's. */
  readonly disks: ReadonlyMap<string, number>;
  readonly maxRetries: number;
  readonly successCodes: readonly number[] | 'any';
}

/** The specification's defaults: one CPU, 2 GiB. */
const DEFAULT_MEMORY = 2 * 1024 ** 3;

/** What the run's parameters say in place of a task's own sections. */
export interface RuntimeOverrides {
  readonly runtime: ReadonlyMap<string, Value>;
  readonly hints: ReadonlyMap<string, Value>;
}

/** Evaluates runtime or requirements, and hints; overrides win. */
export async function evaluateRuntime(
  task: Task,
  env: Environment,
  overrides: RuntimeOverrides,
  workDirectory: string,
): Promise<TaskRuntime> {
  const values = await sectionValues(task.runtime, env, overrides.runtime);
  const hints = await sectionValues(task.hints, env, overrides.hints);
  const read = <T>(names: readonly string[], convert: (value: Value) => T, otherwise: T): T => {
    const name = names.find((candidate) => values.has(candidate));
    if (name === undefined || values.get(name)!.kind === 'None') return otherwise;
    return placed(task, name, () => convert(values.get(name)!));
  };
  const gpus = read(['acceleratorCount', 'gpuCount'], wholeNumber, read(['gpu'], gpuCount, 0));
  const type = read<string | undefined>(['acceleratorType'], text, undefined);
  const disks = read(['disks', 'disk'], (value) => disksOf(value, workDirectory), new Map<string, number>());
  if (read(['fpga'], (value) => gpuCount(value) > 0, false))
    throw new EvaluationError('fpga: no FPGA can be given to tasks.');
  return {
    image: read(['container', 'docker'], imageOf, undefined),
    resources: {
      cpus: read(['cpu'], cpuCount, 1),
      memoryBytes: read(['memory'], memoryBytes, DEFAULT_MEMORY),
      ...(gpus > 0 && {
        accelerators: {
          count: Math.max(gpus, hintedNumber(hints.get('gpu'))),
          ...(type !== undefined && { type }),
        },
      }),
      ...(disks.size > 0 && { diskBytes: disks.values().reduce((sum, bytes) => sum + bytes, 0) }),
    },
    disks,
    maxRetries: read(['maxRetries', 'max_retries'], wholeNumber, 0),
    successCodes: read(['returnCodes', 'return_codes', 'continueOnReturnCode'], codesOf, [0]),
  };
}

async function sectionValues(
  entries: Task['runtime'],
  env: Environment,
  overrides: ReadonlyMap<string, Value>,
): Promise<Map<string, Value>> {
  const values = new Map<string, Value>();
  for (const { name, value } of entries) {
    if (!overrides.has(name)) values.set(name, await evaluate(value, env));
  }
  for (const [name, value] of overrides) values.set(name, value);
  return values;
}

/** "A hint of type Int: the minimum number of accelerators"; any other says what they should be like. */
function hintedNumber(value: Value | undefined): number {
  return value?.kind === 'Int' ? Number(value.value) : 0;
}

function placed<T>(task: Task, name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    const entry = task.runtime.find((candidate) => candidate.name === name);
    throw new LocatedError(entry?.position ?? task.position, `${name}: ${error.message}`, { cause: error });
  }
}

function wholeNumber(value: Value): number {
  const number = coerce(value, { kind: 'Int', optional: false });
  if (number.kind !== 'Int' || number.value < 0n)
    throw new EvaluationError('A number of 0 or more is needed.');
  return Number(number.value);
}

function cpuCount(value: Value): number {
  const number = coerce(value, { kind: 'Float', optional: false });
  if (number.kind !== 'Float' || number.value <= 0) throw new EvaluationError('More than 0 CPUs are needed.');
  return number.value;
}

/** An Int is bytes; a String has a unit. */
function memoryBytes(value: Value): number {
  const bytes = value.kind === 'Int' ? Number(value.value) : parseBytes(text(value));
  if (bytes <= 0) throw new EvaluationError('More than 0 bytes are needed.');
  return bytes;
}

function gpuCount(value: Value): number {
  if (value.kind === 'Boolean') return value.value ? 1 : 0;
  if (value.kind === 'String' && /^(true|false)$/i.test(value.value))
    return value.value.toLowerCase() === 'true' ? 1 : 0;
  return wholeNumber(value);
}

/**
 * An array offers alternatives, of which the first that is a container image is taken. "*" and an empty text leave the
 * choice to the engine; `docker://` is what a location without a protocol means.
 */
function imageOf(value: Value): string | undefined {
  const offered = (value.kind === 'Array' ? value.items : [value]).map(text);
  if (offered.some((uri) => uri === '*' || uri === '')) return undefined;
  const known = offered.find((uri) => !uri.includes('://') || uri.startsWith('docker://'));
  if (known === undefined)
    throw new EvaluationError(`None of ${offered.join(', ')} is a container image by the docker protocol.`);
  return known.replace(/^docker:\/\//, '');
}

function codesOf(value: Value): readonly number[] | 'any' {
  if (value.kind === 'String' && value.value === '*') return 'any';
  if (value.kind === 'Boolean') return value.value ? 'any' : [0];
  return (value.kind === 'Array' ? value.items : [value]).map(wholeNumber);
}

/**
 * Where each disk is and what it holds. A size alone is in GiB and means the work directory, as Cromwell's `local-disk`
 * does; kinds of disks change nothing here.
 */
function disksOf(value: Value, workDirectory: string): ReadonlyMap<string, number> {
  if (value.kind === 'Int' || value.kind === 'Float')
    return new Map([[workDirectory, Math.ceil(Number(value.value) * 1024 ** 3)]]);
  const specifications = value.kind === 'Array' ? value.items.map(text) : text(value).split(',');
  const disks = new Map<string, number>();
  for (const [place, bytes] of specifications.map((each) => diskOf(each.trim(), workDirectory)))
    disks.set(place, (disks.get(place) ?? 0) + bytes);
  return disks;
}

function diskOf(specification: string, workDirectory: string): readonly [place: string, bytes: number] {
  const words = specification.split(/\s+/);
  const place = words.find((word) => word.startsWith('/') && word !== '/') ?? workDirectory;
  const amount = words.filter((word) => !/^(\/.*|local-disk|HDD|SSD|LOCAL)$/.test(word)).join(' ');
  return [place, parseBytes(/^[\d.]+$/.test(amount) ? `${amount} GiB` : amount)];
}
