import { isRecord } from '@helicase/kernel';
import { allInstances } from '../task/instance-type.ts';

/** What the operator charges, per hour. */
export interface Prices {
  /** `USD` unless told. */
  readonly currency?: string;
  /** Of one vCPU, GiB of memory and GPU: the instance types' prices are made of them. */
  readonly perHour?: {
    readonly cpu?: number;
    readonly memoryGiB?: number;
    readonly gpu?: number;
    /** Of one GiB of run storage. */
    readonly staticStorageGiB?: number;
    readonly dynamicStorageGiB?: number;
  };
  /** Of resource types by name, before what `perHour` gives: `{"omics.m.xlarge": 0.3, "Run Storage": 0.0002}`. */
  readonly resources?: Readonly<Record<string, number>>;
}

/** The price list's names of run storage, as the run analyzer asks for them. */
export const RUN_STORAGE = { STATIC: 'Run Storage', DYNAMIC: 'Dynamic Run Storage' } as const;

/** One thing that has a price. */
export interface Product {
  readonly sku: string;
  readonly family: 'Compute' | 'Storage';
  readonly attributes: Readonly<Record<string, string>>;
  readonly unit: 'Hours' | 'GiB-Hours';
  readonly pricePerUnit: number;
}

/** The price list of every region; empty where the operator set no prices. */
export function products(
  { perHour = {}, resources = {} }: Prices,
  regions: readonly string[],
): readonly Product[] {
  return regions.flatMap((region) => [
    ...allInstances().flatMap((instance) => {
      const { cpus, gpus, memoryGiB, name } = instance;
      const price = resources[name] ?? instancePrice(perHour, instance);
      const attributes = { vcpu: String(cpus), memory: `${memoryGiB} GiB`, gpu: String(gpus) };
      return product('Compute', region, name, price, attributes);
    }),
    ...product(
      'Storage',
      region,
      RUN_STORAGE.STATIC,
      resources[RUN_STORAGE.STATIC] ?? perHour.staticStorageGiB,
    ),
    ...product(
      ...(['Storage', region, RUN_STORAGE.DYNAMIC] as const),
      resources[RUN_STORAGE.DYNAMIC] ?? perHour.dynamicStorageGiB,
    ),
  ]);
}

/** Undefined where a part of it has no price: half a price would be taken for a whole one. */
function instancePrice(
  { cpu, gpu, memoryGiB: memory }: Required<Prices>['perHour'],
  { cpus, gpus, memoryGiB }: { readonly cpus: number; readonly gpus: number; readonly memoryGiB: number },
): number | undefined {
  if (cpu === undefined || memory === undefined || (gpus > 0 && gpu === undefined)) return undefined;
  return cpus * cpu + memoryGiB * memory + gpus * (gpu ?? 0);
}

function product(
  family: Product['family'],
  region: string,
  resourceType: string,
  pricePerUnit: number | undefined,
  attributes: Readonly<Record<string, string>> = {},
): readonly Product[] {
  if (pricePerUnit === undefined) return [];
  const sku = `${region}-${resourceType}`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '');
  const common = { servicecode: 'AmazonOmics', servicename: 'AWS HealthOmics', regionCode: region };
  return [
    {
      ...{ sku, family, pricePerUnit, unit: family === 'Compute' ? 'Hours' : 'GiB-Hours' },
      attributes: { ...common, resourceType, ...attributes },
    },
  ];
}

/** What is wrong with prices in a configuration; undefined where nothing is. */
export function priceFault(prices: unknown): string | undefined {
  if (!isRecord(prices)) return 'prices must be an object';
  const unknown = Object.keys(prices).find((name) => !['currency', 'perHour', 'resources'].includes(name));
  if (unknown !== undefined) return `prices: "${unknown}" is none of currency, perHour, resources`;
  for (const member of ['perHour', 'resources']) {
    const table = prices[member] ?? {};
    const sound = isRecord(table) && Object.values(table).every((price) => Number(price) >= 0);
    if (!sound) return `prices.${member} must be an object of numbers from 0`;
  }
  const known = new Set([...allInstances().map(({ name }) => name), ...Object.values<string>(RUN_STORAGE)]);
  const other = Object.keys((prices['resources'] ?? {}) as object).find((name) => !known.has(name));
  return other === undefined ? undefined : `prices.resources: there is no resource type "${other}"`;
}
