import type { VcfHeader } from './header.ts';

export interface Ranked {
  readonly rank: string;
  readonly total: string | null;
}
export interface Changed {
  readonly reference: string;
  readonly variant: string | null;
}

/** One consequence of one allele, as the guide's `annotations.vep` struct has it. */
export interface VepEntry {
  readonly texts: Readonly<Record<string, string | null>>;
  readonly lists: Readonly<Record<string, readonly string[] | null>>;
  readonly ranks: Readonly<Record<string, Ranked | null>>;
  readonly changes: Readonly<Record<string, Changed | null>>;
  readonly extras: ReadonlyMap<string, string>;
}

export const VEP_LISTS = ['consequence', 'existing_variation', 'flags'] as const;
export const VEP_RANKS = ['exon', 'intron'] as const;
export const VEP_CHANGES = ['amino_acids', 'codons'] as const;
export const VEP_TEXTS = [
  'allele',
  'impact',
  'symbol',
  'gene',
  'feature_type',
  'feature',
  'biotype',
  'hgvsc',
  'hgvsp',
  'cdna_position',
  'cds_position',
  'protein_position',
  'distance',
  'strand',
  'symbol_source',
  'hgnc_id',
] as const;

const PREFIX = 'Consequence annotations from Ensembl VEP. Format:';
const NAMED: ReadonlySet<string> = new Set([...VEP_TEXTS, ...VEP_LISTS, ...VEP_RANKS, ...VEP_CHANGES]);

/** Reads the VEP annotation of a file's records; undefined where the header does not describe any. */
export interface VepReader {
  /**
   * The record's entries: empty where it has none, or where one of them has the wrong number of fields
   * ("best effort": the guide leaves the array empty then).
   */
  entries(info: ReadonlyMap<string, string>): readonly VepEntry[];
}

/** `infoKey` is `CSQ` unless the import's annotationFields names another. */
export function vepReader(header: VcfHeader, infoKey: string): VepReader | undefined {
  const description = header.info.get(infoKey)?.trim();
  if (!description?.startsWith(PREFIX)) return undefined;
  const keys = description
    .slice(PREFIX.length)
    .trim()
    .split('|')
    .map((key) => key.trim().toLowerCase());
  return { entries: (info) => entriesOf(info.get(infoKey), keys) };
}

function entriesOf(value: string | undefined, keys: readonly string[]): readonly VepEntry[] {
  if (value === undefined) return [];
  const rows = value.split(',').map((entry) => entry.split('|'));
  if (rows.some((row) => row.length !== keys.length)) return [];
  return rows.map((row) => entryOf(new Map(keys.map((key, index) => [key, row[index]!]))));
}

function entryOf(values: ReadonlyMap<string, string>): VepEntry {
  return {
    texts: pick(VEP_TEXTS, (name) => values.get(name) ?? null),
    lists: pick(VEP_LISTS, (name) => filled(values.get(name))?.split('&') ?? null),
    ranks: pick(VEP_RANKS, (name) => ranked(filled(values.get(name)))),
    changes: pick(VEP_CHANGES, (name) => changed(filled(values.get(name)))),
    extras: new Map([...values].filter(([key]) => !NAMED.has(key))),
  };
}

function pick<T>(names: readonly string[], of: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

/** Plain texts keep '', lists and structs are null then. */
function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** `11/15` */
function ranked(value: string | undefined): Ranked | null {
  if (value === undefined) return null;
  const [rank, total] = value.split('/');
  return { rank: rank!, total: total ?? null };
}

/** `C/Y`; of a synonymous change VEP writes one letter, and there is no variant then. */
function changed(value: string | undefined): Changed | null {
  if (value === undefined) return null;
  const [reference, variant] = value.split('/');
  return { reference: reference!, variant: variant ?? null };
}
