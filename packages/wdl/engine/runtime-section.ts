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
  readonly maxRetries: number;
  succeeds(exitCode: number): boolean;
}

/** The specification's defaults: one CPU, 2 GiB. */
const DEFAULT_MEMORY = 2 * 1024 ** 3;

/** Evaluates the runtime section; `overrides` come from the run's parameters and win. */
export async function evaluateRuntime(
  task: Task,
  env: Environment,
  overrides: ReadonlyMap<string, Value>,
): Promise<TaskRuntime> {
  const values = new Map<string, Value>();
  for (const { name, value } of task.runtime) {
    if (!overrides.has(name)) values.set(name, await evaluate(value, env));
  }
  for (const [name, value] of overrides) values.set(name, value);
  const read = <T>(names: readonly string[], convert: (value: Value) => T, otherwise: T): T => {
    const name = names.find((candidate) => values.has(candidate));
    if (name === undefined || values.get(name)!.kind === 'None') return otherwise;
    return placed(task, name, () => convert(values.get(name)!));
  };
  const gpus = read(['acceleratorCount', 'gpuCount'], wholeNumber, read(['gpu'], gpuCount, 0));
  const type = read<string | undefined>(['acceleratorType'], text, undefined);
  return {
    image: read(['container', 'docker'], imageOf, undefined),
    resources: {
      cpus: read(['cpu'], cpuCount, 1),
      memoryBytes: read(['memory'], memoryBytes, DEFAULT_MEMORY),
      ...(gpus > 0 && { accelerators: { count: gpus, ...(type !== undefined && { type }) } }),
    },
    maxRetries: read(['maxRetries', 'max_retries'], wholeNumber, 0),
    succeeds: read(['returnCodes', 'continueOnReturnCode'], codesOf, (code: number) => code === 0),
  };
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

/** An array offers alternatives, of which the first is taken. */
function imageOf(value: Value): string | undefined {
  const chosen = value.kind === 'Array' ? value.items[0] : value;
  return chosen ? text(chosen) || undefined : undefined;
}

function codesOf(value: Value): (code: number) => boolean {
  if (value.kind === 'String' && value.value === '*') return () => true;
  if (value.kind === 'Boolean') return (code) => value.value || code === 0;
  const items = value.kind === 'Array' ? value.items : [value];
  const codes = new Set(items.map(wholeNumber));
  return (code) => codes.has(code);
}
