import type { TaskFolders } from '@helicase/runtime';
import { EvaluationError } from '../faults.ts';
import type { Evaluator, Scope } from '../expression/evaluator.ts';
import type { Value, ValueObject } from '../value.ts';
import type { Demands } from './demands.ts';

const MEBIBYTE = 2 ** 20;
/** What a tool that names no need gets; the specification asks for 1 core and 256 MiB at least. */
const DEFAULTS = { cores: 1, ram: 1024, tmpdir: 1024, outdir: 1024 };

export interface ToolResources {
  /** Cores as reserved; a fraction is possible. */
  readonly cpus: number;
  readonly memoryBytes: number;
  /** `runtime` as expressions see it. */
  readonly runtime: ValueObject;
}

/** ResourceRequirement: "the minimum is reserved"; a maximum alone is the reservation too. */
export function toolResources(
  demands: Demands,
  evaluator: Evaluator,
  scope: Omit<Scope, 'runtime'>,
  { temporary, work }: Pick<TaskFolders, 'temporary' | 'work'>,
): ToolResources {
  const requirement = demands.find('ResourceRequirement') ?? {};
  const amount = (name: keyof typeof DEFAULTS): number => {
    const value = (bound: 'Min' | 'Max') =>
      numberOf(requirement[`${name}${bound}`], evaluator, scope, `${name}${bound}`);
    const [min, max] = [value('Min'), value('Max')];
    if (min !== undefined && max !== undefined && max < min) {
      throw new EvaluationError(`ResourceRequirement: ${name}Max is ${max}, less than ${name}Min ${min}.`);
    }
    return min ?? max ?? DEFAULTS[name];
  };
  const [cores, ram] = [amount('cores'), amount('ram')];
  return {
    cpus: cores,
    memoryBytes: Math.ceil(ram * MEBIBYTE),
    runtime: {
      outdir: work,
      tmpdir: temporary,
      cores: Math.ceil(cores),
      ram: Math.ceil(ram),
      tmpdirSize: Math.ceil(amount('tmpdir')),
      outdirSize: Math.ceil(amount('outdir')),
    },
  };
}

function numberOf(
  value: Value | undefined,
  evaluator: Evaluator,
  scope: Omit<Scope, 'runtime'>,
  name: string,
): number | undefined {
  const given = evaluator.evaluate(value ?? null, { ...scope, runtime: {} });
  if (given === null) return undefined;
  if (typeof given === 'number' && given >= 0) return given;
  throw new EvaluationError(
    `ResourceRequirement: ${name} must be a number of 0 or more; it is ${JSON.stringify(given)}.`,
  );
}
