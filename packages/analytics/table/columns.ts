import { VEP_CHANGES, VEP_LISTS, VEP_RANKS, VEP_TEXTS } from '../vcf/vep.ts';
import type { ColumnType } from './type.ts';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

const strings: ColumnType = { array: 'string' };
const ints: ColumnType = { array: 'int' };
const dictionary: ColumnType = { map: ['string', 'string'] };
const ranked: ColumnType = { struct: { rank: 'string', total: 'string' } };
const changed: ColumnType = { struct: { reference: 'string', variant: 'string' } };

const texts: ReadonlySet<string> = new Set(VEP_TEXTS);
const lists: ReadonlySet<string> = new Set(VEP_LISTS);
const ranks: ReadonlySet<string> = new Set(VEP_RANKS);
const changes: ReadonlySet<string> = new Set(VEP_CHANGES);

/** The guide's order ("annotations struct<vep: array<struct<...>>>"), with hgvsc for its `hgvc`. */
const VEP_ORDER =
  'allele consequence impact symbol gene feature_type feature biotype exon intron hgvsc hgvsp cdna_position ' +
  'cds_position protein_position amino_acids codons existing_variation distance strand flags symbol_source hgnc_id';

export const VEP_FIELDS: readonly string[] = VEP_ORDER.split(' ');

function vepType(field: string): ColumnType {
  if (texts.has(field)) return 'string';
  if (lists.has(field)) return strings;
  if (ranks.has(field)) return ranked;
  if (changes.has(field)) return changed;
  throw new Error(`VEP field ${field} has no type`);
}

const vep: ColumnType = {
  struct: { ...Object.fromEntries(VEP_FIELDS.map((field) => [field, vepType(field)])), extras: dictionary },
};

/** The variant stores' table: names, types and order are the service's. One row per variant and sample. */
export const VARIANT_COLUMNS: readonly Column[] = [
  { name: 'importjobid', type: 'string' },
  { name: 'contigname', type: 'string' },
  { name: 'start', type: 'bigint' },
  { name: 'end', type: 'bigint' },
  { name: 'names', type: strings },
  { name: 'referenceallele', type: 'string' },
  { name: 'alternatealleles', type: strings },
  { name: 'qual', type: 'double' },
  { name: 'filters', type: strings },
  { name: 'splitfrommultiallelic', type: 'boolean' },
  { name: 'attributes', type: dictionary },
  { name: 'phased', type: 'boolean' },
  { name: 'calls', type: ints },
  { name: 'genotypelikelihoods', type: { array: 'double' } },
  { name: 'phredlikelihoods', type: ints },
  { name: 'alleledepths', type: ints },
  { name: 'conditionalquality', type: 'int' },
  { name: 'spl', type: ints },
  { name: 'depth', type: 'int' },
  { name: 'ps', type: 'int' },
  { name: 'sampleid', type: 'string' },
  { name: 'information', type: dictionary },
  { name: 'annotations', type: { struct: { vep: { array: vep } } } },
];

/** Columns that all of a record's rows share; the rest differ by sample. */
const SITE: ReadonlySet<string> = new Set([
  'importjobid',
  'contigname',
  'start',
  'end',
  'names',
  'referenceallele',
  'alternatealleles',
  'qual',
  'filters',
  'splitfrommultiallelic',
  'attributes',
  'annotations',
]);

/** What joins a cohort's genotypes to their site: a number that grows in the order of the files and their records. */
export const SITE_NUMBER: Column = { name: 'site', type: 'bigint' };

/** GT as the file has it, beside `calls`, in a cohort's genotypes. */
export const GENOTYPE_TEXT: Column = { name: 'genotype', type: 'string' };

/** A cohort's two tables: a row per record, and a row per record and sample. */
export const SITE_COLUMNS = [SITE_NUMBER, ...VARIANT_COLUMNS.filter(({ name }) => SITE.has(name))];
export const GENOTYPE_COLUMNS = [
  SITE_NUMBER,
  ...VARIANT_COLUMNS.filter(({ name }) => !SITE.has(name)),
  GENOTYPE_TEXT,
];
