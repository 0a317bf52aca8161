import { availableParallelism, totalmem } from 'node:os';
import type { Capacity } from './admission.ts';
import { hostGpus } from './gpus.ts';

/**
 * What this machine has, the server itself included. `acceleratorTypes`: those of the guide that its GPUs stand for
 * besides their own.
 */
export function hostCapacity(acceleratorTypes: readonly string[] = []): Capacity {
  const gpus = hostGpus().map((gpu) => ({
    ...gpu,
    ...(acceleratorTypes.length === 0 ? {} : { standsFor: acceleratorTypes }),
  }));
  return { cpus: availableParallelism(), memoryBytes: totalmem(), gpus };
}
