import { ACCELERATOR_TYPES, type Accelerators, type TaskFolders, type TaskRequest } from '@helicase/runtime';
import { valueText } from '../command/arguments.ts';
import { EvaluationError, UnsupportedError, type Position } from '../faults.ts';
import { isObject, listOf, textOf, type Value, type ValueObject } from '../value.ts';
import type { Demands } from './demands.ts';

/** Evaluates a member of a requirement. */
export type EvaluateMember = (value: Value) => Value;

/** EnvVarRequirement, over what the specification gives to every tool. */
export function environmentOf(
  demands: Demands,
  { temporary, work }: TaskFolders,
  evaluate: EvaluateMember,
): Record<string, string> {
  const variables: Record<string, string> = { HOME: work, TMPDIR: temporary };
  for (const one of listOf(demands.find('EnvVarRequirement')?.['envDef'])) {
    if (!isObject(one)) continue;
    const name = textOf(one['envName']);
    if (name !== undefined) variables[name] = valueText(evaluate(one['envValue'] ?? ''));
  }
  return variables;
}

/** DockerRequirement: the image, which the guide gives as an expression of an input. */
export function imageOf(
  demands: Demands,
  evaluate: EvaluateMember,
  position: Position,
): Pick<TaskRequest, 'image' | 'entrypoint'> {
  const docker = demands.find('DockerRequirement') ?? {};
  const named = docker['dockerPull'] ?? docker['dockerImageId'];
  if (named === undefined || named === null) {
    const built = ['dockerFile', 'dockerLoad', 'dockerImport'].find((name) => docker[name] !== undefined);
    if (built === undefined || !demands.requires('DockerRequirement')) return {};
    throw new UnsupportedError(position, `${built} is not supported; name an image with dockerPull.`);
  }
  const image = evaluate(named);
  if (typeof image === 'string' && image !== '') return { image, entrypoint: true };
  throw new EvaluationError(
    `dockerPull must name an image; ${JSON.stringify(named)} gives ${JSON.stringify(image)}. ` +
      'An input is named by $(inputs.NAME).',
  );
}

/** ToolTimeLimit: "zero means no limit". */
export function timeoutOf(demands: Demands, evaluate: EvaluateMember): { readonly timeoutSeconds?: number } {
  const limit = evaluate(demands.find('ToolTimeLimit')?.['timelimit'] ?? 0);
  if (typeof limit !== 'number' || limit < 0) {
    throw new EvaluationError(
      `"timelimit" must be a number of seconds, 0 or more; it is ${JSON.stringify(limit)}.`,
    );
  }
  return limit === 0 ? {} : { timeoutSeconds: limit };
}

/** WorkReuse and NetworkAccess. */
export function permissionsOf(
  demands: Demands,
  evaluate: EvaluateMember,
): Pick<TaskRequest, 'network' | 'reuse'> {
  const isAllowed = (name: string, member: string, unless: boolean) => {
    const value = evaluate(demands.find(name)?.[member] ?? unless);
    if (typeof value === 'boolean') return value;
    throw new EvaluationError(
      `"${member}" of ${name} must be true or false; it is ${JSON.stringify(value)}.`,
    );
  };
  const reuse = isAllowed('WorkReuse', 'enableReuse', true);
  return { network: isAllowed('NetworkAccess', 'networkAccess', false), ...(reuse ? {} : { reuse }) };
}

/**
 * cwltool:CUDARequirement. The guide tells the kind of GPU by cudaComputeCapability; a number there, as cwltool has it,
 * is a least capability, which every accelerator type of the guide has.
 */
export function acceleratorsOf(
  demands: Demands,
  evaluate: EvaluateMember,
): { readonly accelerators?: Accelerators } {
  const cuda = demands.find('CUDARequirement');
  if (!cuda) return {};
  const [least, most] = ['cudaDeviceCountMin', 'cudaDeviceCountMax'].map((name) =>
    deviceCount(cuda, name, evaluate),
  );
  const count = least ?? most ?? 1;
  if (most !== undefined && most < count)
    throw new EvaluationError(`cudaDeviceCountMax is ${most}, less than cudaDeviceCountMin ${count}.`);
  const type = acceleratorType(listOf(cuda['cudaComputeCapability']));
  return { accelerators: { count, ...(type === undefined ? {} : { type }) } };
}

function deviceCount(cuda: ValueObject, name: string, evaluate: EvaluateMember): number | undefined {
  const value = evaluate(cuda[name] ?? null);
  if (value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new EvaluationError(`${name} must be a whole number of 1 or more; it is ${JSON.stringify(value)}.`);
}

function acceleratorType(written: readonly Value[]): string | undefined {
  const names = written.filter((one) => !/^\d+(\.\d+)?$/.test(String(one))).map(String);
  const unknown = names.find((name) => !Object.hasOwn(ACCELERATOR_TYPES, name));
  if (unknown !== undefined) {
    const known = Object.keys(ACCELERATOR_TYPES).join(', ');
    throw new EvaluationError(`cudaComputeCapability ${JSON.stringify(unknown)} is none of ${known}.`);
  }
  if (names.length < 2) return names[0];
  throw new EvaluationError(
    `cudaComputeCapability must name one accelerator type; it has ${names.join(', ')}.`,
  );
}
