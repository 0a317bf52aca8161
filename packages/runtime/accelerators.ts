import type { Accelerators } from './task.ts';

/**
 * The guide's accelerator types (`nvidia-tesla-...`) and those that the service added since, with the instance families
 * that have one, smallest first.
 */
export const ACCELERATOR_TYPES: Readonly<Record<string, readonly AcceleratorFamily[]>> = {
  'nvidia-tesla-t4': ['g4dn'],
  'nvidia-tesla-t4-a10g': ['g4dn', 'g5'],
  'nvidia-tesla-a10g': ['g5'],
  'nvidia-t4-a10g-l4': ['g4dn', 'g6', 'g5'],
  'nvidia-l4-a10g': ['g6', 'g5'],
  'nvidia-l4': ['g6'],
  'nvidia-l40s': ['g6e'],
};

export type AcceleratorFamily = 'g4dn' | 'g5' | 'g6' | 'g6e';

/** One GPU of the host. */
export interface GpuDevice {
  /** N of `/dev/nvidiaN`. */
  readonly minor: number;
  /** As the driver names it: `Tesla T4`. */
  readonly model: string;
  /** Accelerator types that it stands for besides its own, because the operator says so. */
  readonly standsFor?: readonly string[];
}

/** NVIDIA's names of the families' GPUs. */
const MODELS: Readonly<Record<AcceleratorFamily, RegExp>> = {
  g4dn: /\bT4\b/,
  g5: /\bA10G?\b/,
  g6: /\bL4\b/,
  g6e: /\bL40S\b/,
};

/** Whether a host's GPU is of the kind that a task asks for. */
export function isOfType({ model, standsFor = [] }: GpuDevice, type: string | undefined): boolean {
  if (type === undefined || standsFor.includes(type)) return true;
  return (ACCELERATOR_TYPES[type] ?? []).some((family) => MODELS[family].test(model));
}

/** What is wrong with the wish itself, in words; undefined where a machine could have it. */
export function acceleratorProblem({ count, type }: Accelerators): string | undefined {
  if (!Number.isInteger(count) || count < 1)
    return `The task asks for ${count} GPUs; give a whole number of 1 or more.`;
  return type === undefined ? undefined : acceleratorTypeProblem(type);
}

/** What is wrong with a type's name, in words. */
export function acceleratorTypeProblem(type: string): string | undefined {
  if (Object.hasOwn(ACCELERATOR_TYPES, type)) return undefined;
  const known = Object.keys(ACCELERATOR_TYPES).join(', ');
  return `The accelerator type ${JSON.stringify(type)} is not known; use one of ${known}.`;
}
