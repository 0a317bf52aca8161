/** vCPUs and GiB of the instances that HealthOmics has, smallest first within a family. */
const SIZES = [
  ['large', 2],
  ['xlarge', 4],
  ['2xlarge', 8],
  ['4xlarge', 16],
  ['8xlarge', 32],
  ['12xlarge', 48],
  ['16xlarge', 64],
  ['24xlarge', 96],
] as const;

/** GiB per vCPU: compute, general and memory optimized. */
const FAMILIES = [
  ['c', 2],
  ['m', 4],
  ['r', 8],
] as const;

const INSTANCES = SIZES.flatMap(([size, cpus]) =>
  FAMILIES.map(([family, ratio]) => ({ name: `omics.${family}.${size}`, cpus, memoryGiB: cpus * ratio })),
).toSorted((a, b) => a.cpus - b.cpus || a.memoryGiB - b.memoryGiB);

const GPU_SIZES = [
  ['xlarge', 4, 16, 1],
  ['2xlarge', 8, 32, 1],
  ['4xlarge', 16, 64, 1],
  ['8xlarge', 32, 128, 1],
  ['16xlarge', 64, 256, 1],
  ['12xlarge', 48, 192, 4],
  ['24xlarge', 96, 384, 4],
] as const;

export interface InstanceNeeds {
  readonly cpus: number;
  readonly memoryGiB: number;
  readonly gpus: number;
}

/**
 * "The smallest instance that can accommodate the requested CPU and memory": 64 GiB alone is `omics.r.2xlarge`.
 * Undefined where none is large enough.
 */
export function instanceType(needs: InstanceNeeds): string | undefined {
  if (needs.gpus > 0) {
    const fit = GPU_SIZES.find(
      ([, cpus, memory, gpus]) => cpus >= needs.cpus && memory >= needs.memoryGiB && gpus >= needs.gpus,
    );
    return fit && `omics.g5.${fit[0]}`;
  }
  return INSTANCES.find(({ cpus, memoryGiB }) => cpus >= needs.cpus && memoryGiB >= needs.memoryGiB)?.name;
}
