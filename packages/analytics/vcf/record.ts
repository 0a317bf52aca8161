import type { VcfHeader } from './header.ts';
import type { VcfReading } from './reader.ts';
import { shown, VcfError } from './vcf-error.ts';

/** One record's site, as the variant store's table has it: coordinates 0-based, end exclusive. */
export interface Site {
  readonly contig: string;
  readonly start: number;
  /** INFO END where the record has it (reference blocks, structural variants), start plus REF's length otherwise. */
  readonly end: number;
  readonly names: readonly string[];
  readonly reference: string;
  readonly alternates: readonly string[];
  readonly quality: number | null;
  readonly filters: readonly string[];
  /** INFO in the file's order; a flag's value is `true`. */
  readonly info: ReadonlyMap<string, string>;
}

export interface VcfRecord {
  readonly site: Site;
  readonly formatKeys: readonly string[];
  /** The samples' columns as written, in the header's order. */
  readonly samples: readonly string[];
}

const FIXED = 8;
const QUAL = 5;
const FILTER = 6;

/** Reads one record line. Throws VcfError naming the line and what is wrong. */
export function parseRecord(
  line: string,
  number: number,
  header: VcfHeader,
  { ignoreQuality = false, ignoreFilter = false }: VcfReading = {},
): VcfRecord {
  const columns = line.split('\t');
  const expected = header.samples.length > 0 ? FIXED + 1 + header.samples.length : FIXED;
  // A header that names FORMAT but no sample leaves a ninth column.
  if (columns.length !== expected && !(expected === FIXED && columns.length === FIXED + 1)) {
    throw new VcfError(`${columns.length} columns, but the header has ${expected}`, number);
  }
  if (ignoreQuality) columns[QUAL] = '.';
  if (ignoreFilter) columns[FILTER] = '.';
  return {
    site: parseSite(columns, number),
    formatKeys: header.samples.length > 0 ? columns[FIXED]!.split(':') : [],
    samples: header.samples.length > 0 ? columns.slice(FIXED + 1) : [],
  };
}

function parseSite(columns: readonly string[], number: number): Site {
  const [contig, pos, id, reference, alternate, quality, filter, info] = columns as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (contig === '' || contig === '.') throw new VcfError('CHROM is missing', number);
  if (!/^\d{1,10}$/.test(pos)) throw new VcfError(`POS must be a number, found ${shown(pos)}`, number);
  if (!/^[ACGTNRYSWKMBDHV]+$/i.test(reference)) {
    throw new VcfError(`REF must be bases, found ${shown(reference)}`, number);
  }
  const start = Number(pos) - 1;
  const entries = parseInfo(info, number);
  return {
    contig,
    start,
    end: endOf(entries, start + reference.length, number),
    names: listOf(id, ';'),
    reference,
    alternates: alternatesOf(alternate, number),
    quality: quality === '.' ? null : qualityOf(quality, number),
    filters: listOf(filter, ';'),
    info: entries,
  };
}

function listOf(text: string, separator: string): readonly string[] {
  return text === '.' || text === '' ? [] : text.split(separator);
}

function alternatesOf(text: string, number: number): readonly string[] {
  const alternates = listOf(text, ',');
  for (const allele of alternates) {
    // Bases, `*`, `<ID>`, breakends and `.`-led or `.`-ended single breakends (VCF 4.x, 1.6.1).
    if (!/^([ACGTNRYSWKMBDHV]+|\*|<[^<>\s]+>|[^\s,]*[[\]][^\s,]*|\.[ACGTN]+|[ACGTN]+\.)$/i.test(allele)) {
      throw new VcfError(`ALT ${shown(allele)} is no allele`, number);
    }
  }
  return alternates;
}

function qualityOf(text: string, number: number): number {
  const value = Number(text);
  if (text === '' || Number.isNaN(value)) {
    throw new VcfError(`QUAL must be a number or ".", found ${shown(text)}`, number);
  }
  return value;
}

function parseInfo(text: string, number: number): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  if (text === '.' || text === '') return entries;
  for (const entry of text.split(';')) {
    if (entry === '') continue; // a trailing or doubled ";" says nothing
    const equals = entry.indexOf('=');
    const key = equals < 0 ? entry : entry.slice(0, equals);
    if (key === '') throw new VcfError(`INFO entry ${shown(entry)} has no key`, number);
    if (entries.has(key)) throw new VcfError(`INFO key ${key} occurs twice`, number);
    entries.set(key, equals < 0 ? 'true' : entry.slice(equals + 1));
  }
  return entries;
}

function endOf(info: ReadonlyMap<string, string>, otherwise: number, number: number): number {
  const end = info.get('END');
  if (end === undefined || end === '.') return otherwise;
  if (!/^\d{1,10}$/.test(end)) throw new VcfError(`INFO END must be a number, found ${shown(end)}`, number);
  return Number(end);
}
