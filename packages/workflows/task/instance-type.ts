import { ACCELERATOR_TYPES, type AcceleratorFamily, type Accelerators } from '@helicase/runtime';

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

const ONE_OR_FOUR = [
  ['xlarge', 4, 16, 1],
  ['2xlarge', 8, 32, 1],
  ['4xlarge', 16, 64, 1],
  ['8xlarge', 32, 128, 1],
  ['16xlarge', 64, 256, 1],
  ['12xlarge', 48, 192, 4],
  ['24xlarge', 96, 384, 4],
] as const;

/** Size, vCPUs, GiB, GPUs: the EC2 families of the same names, which the service has under its own prefix. */
const GPU_SIZES: Readonly<Record<AcceleratorFamily, readonly (readonly [string, number, number, number])[]>> =
  {
    g4dn: [
      ['xlarge', 4, 16, 1],
      ['2xlarge', 8, 32, 1],
      ['4xlarge', 16, 64, 1],
      ['8xlarge', 32, 128, 1],
      ['16xlarge', 64, 256, 1],
      ['12xlarge', 48, 192, 4],
    ],
    g5: ONE_OR_FOUR,
    g6: ONE_OR_FOUR,
    g6e: [
      ['xlarge', 4, 32, 1],
      ['2xlarge', 8, 64, 1],
      ['4xlarge', 16, 128, 1],
      ['8xlarge', 32, 256, 1],
      ['16xlarge', 64, 512, 1],
      ['12xlarge', 48, 384, 4],
      ['24xlarge', 96, 768, 4],
    ],
  };

/** Where no type is asked for, the smallest family serves. */
const ANY_FAMILY: readonly AcceleratorFamily[] = ['g4dn', 'g5', 'g6', 'g6e'];

export interface InstanceNeeds {
  readonly cpus: number;
  readonly memoryGiB: number;
  readonly accelerators?: Accelerators;
}

/**
 * "The smallest instance that can accommodate the requested CPU and memory": 64 GiB alone is `omics.r.2xlarge`. With
 * accelerators, of the families that have the type, the first with an instance of that many. Undefined where none is
 * large enough.
 */
export function instanceType({ accelerators, cpus, memoryGiB }: InstanceNeeds): string | undefined {
  if (!accelerators) {
    return INSTANCES.find((instance) => instance.cpus >= cpus && instance.memoryGiB >= memoryGiB)?.name;
  }
  const { count, type } = accelerators;
  const families = type === undefined ? ANY_FAMILY : (ACCELERATOR_TYPES[type] ?? []);
  for (const family of families) {
    const fit = GPU_SIZES[family].find((size) => size[1] >= cpus && size[2] >= memoryGiB && size[3] >= count);
    if (fit) return `omics.${family}.${fit[0]}`;
  }
  return undefined;
}

/** One kind of instance. */
export interface Instance extends Required<Omit<InstanceNeeds, 'accelerators'>> {
  readonly name: string;
  readonly gpus: number;
}

/** Every instance that tasks may be told to run on. */
export function allInstances(): readonly Instance[] {
  const withGpus = ANY_FAMILY.flatMap((family) =>
    GPU_SIZES[family].map(([size, cpus, memoryGiB, gpus]) => ({
      ...{ name: `omics.${family}.${size}`, cpus, memoryGiB, gpus },
    })),
  );
  return [...INSTANCES.map((instance) => ({ ...instance, gpus: 0 })), ...withGpus];
}
