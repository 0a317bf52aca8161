import type { RunDoc } from './model.ts';

const SMALLEST = 1200;
const STEP = 2400;

/**
 * GiB that a run with STATIC storage has: "the default run storage capacity is 1200 GiB … rounds up the value to the
 * nearest 2400 GiB multiple". Undefined for DYNAMIC storage, which has no bound of its own.
 */
export function storageGiB({
  storageCapacity = 0,
  storageType,
}: Pick<RunDoc, 'storageCapacity' | 'storageType'>): number | undefined {
  if (storageType === 'DYNAMIC') return undefined;
  return storageCapacity <= SMALLEST ? SMALLEST : Math.ceil(storageCapacity / STEP) * STEP;
}

/** "For dynamic storage, after the run has completed, this value is the maximum amount of storage used during the run." */
export function toldStorageGiB(
  run: Pick<RunDoc, 'storageCapacity' | 'storageType' | 'storageUsed'>,
): number | undefined {
  const { storageUsed } = run;
  return storageGiB(run) ?? (storageUsed === undefined ? undefined : Math.ceil(storageUsed / 1024 ** 3));
}

/** What the files of all its tasks may hold together. */
export function storageBytes(run: Parameters<typeof storageGiB>[0]): number | undefined {
  const capacity = storageGiB(run);
  return capacity === undefined ? undefined : capacity * 1024 ** 3;
}
