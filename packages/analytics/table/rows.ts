import type { DuckDBValue } from '@duckdb/node-api';
import { DuckDBListValue, DuckDBMapValue, DuckDBStructValue } from '@duckdb/node-api';
import type { Genotype } from '../vcf/genotype.ts';
import type { Site } from '../vcf/record.ts';
import type { VepEntry } from '../vcf/vep.ts';
import { VEP_FIELDS } from './columns.ts';

/** One site's values in the order of SITE_COLUMNS. `vep` is undefined where the header describes none. */
export function siteValues(jobId: string, site: Site, vep: readonly VepEntry[] | undefined): DuckDBValue[] {
  return [
    jobId,
    site.contig,
    BigInt(site.start),
    BigInt(site.end),
    list(site.names),
    site.reference,
    list(site.alternates),
    site.quality,
    list(site.filters),
    false, // records are never split; the column is Glow's
    map(site.info),
    new DuckDBStructValue({ vep: vep ? new DuckDBListValue(vep.map(vepValue)) : null }),
  ];
}

/** One sample's values in the order of GENOTYPE_COLUMNS. */
export function genotypeValues(genotype: Genotype, sampleId: string | null): DuckDBValue[] {
  return [
    genotype.phased,
    listOrNull(genotype.calls),
    listOrNull(genotype.genotypeLikelihoods),
    listOrNull(genotype.phredLikelihoods),
    listOrNull(genotype.alleleDepths),
    genotype.conditionalQuality,
    listOrNull(genotype.spl),
    genotype.depth,
    genotype.ps,
    sampleId,
    genotype.information && map(genotype.information),
  ];
}

function vepValue(entry: VepEntry): DuckDBStructValue {
  const values: Record<string, DuckDBValue> = {};
  for (const field of VEP_FIELDS) values[field] = vepField(entry, field);
  values['extras'] = map(entry.extras);
  return new DuckDBStructValue(values);
}

function vepField(entry: VepEntry, field: string): DuckDBValue {
  const text = entry.texts[field];
  if (text !== undefined) return text;
  const strings = entry.lists[field];
  if (strings !== undefined) return listOrNull(strings);
  const struct = entry.ranks[field] ?? entry.changes[field];
  return struct ? new DuckDBStructValue({ ...struct }) : null;
}

function list(values: readonly DuckDBValue[]): DuckDBListValue {
  return new DuckDBListValue(values);
}

function listOrNull(values: readonly DuckDBValue[] | null): DuckDBListValue | null {
  return values && list(values);
}

function map(values: ReadonlyMap<string, string>): DuckDBMapValue {
  return new DuckDBMapValue(Array.from(values, ([key, value]) => ({ key, value })));
}
