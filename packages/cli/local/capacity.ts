import { acceleratorTypeProblem, type Capacity, hostCapacity } from '@helicase/runtime';
import { UsageError } from '../usage-error.ts';

/** What this machine has, its GPUs standing for the types in HELICASE_ACCELERATOR_TYPES, as a server's do. */
export function localCapacity(): Capacity {
  const given = process.env['HELICASE_ACCELERATOR_TYPES'] ?? '';
  const types = given.split(',').flatMap((type) => type.trim() || []);
  const fault = types.map(acceleratorTypeProblem).find((one) => one !== undefined);
  if (fault !== undefined) throw new UsageError(`HELICASE_ACCELERATOR_TYPES: ${fault}`);
  return hostCapacity(types);
}
