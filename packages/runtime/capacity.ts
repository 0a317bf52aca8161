import { availableParallelism, totalmem } from 'node:os';
import type { Capacity } from './admission.ts';
import { hostGpus } from './gpus.ts';

/** What this machine has, the server itself included. */
export function hostCapacity(): Capacity {
  return { cpus: availableParallelism(), memoryBytes: totalmem(), gpus: hostGpus() };
}
