import type { TextLeaf } from '../parquet/leaf.ts';
import type { NamedLeaf } from '../parquet/column.ts';
import type { RowGroupBuilder } from '../parquet/row-group.ts';
import { BYTE, next } from './bytes.ts';
import type { VcfHeader } from './header.ts';
import type { RecordReader } from './record.ts';

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
const LISTS: ReadonlySet<string> = new Set(VEP_LISTS);
const TEXTS: ReadonlySet<string> = new Set(VEP_TEXTS);

/** Definitions of the column `annotations`: the struct, `vep` in it, an element of that. */
const NO_VEP = 1;
const NO_ENTRIES = 2;
const ENTRY = 4;
const SPACE = 32;

/** Writes the VEP annotation of a file's records into the guide's `annotations.vep` struct. */
export interface VepReader {
  /**
   * Null where the header describes no annotation; empty where the record has none, or where one of its entries has
   * the wrong number of fields ("best effort": the guide leaves the array empty then).
   */
  write(record: RecordReader): void;
}

/** Whether the header describes VEP's annotation under this INFO key. */
export function describesVep({ info }: VcfHeader, infoKey: string): boolean {
  return info.get(infoKey)?.trim().startsWith(PREFIX) ?? false;
}

/** `infoKey` is `CSQ` unless the import's annotationFields names another. */
export function vepReader(builder: RowGroupBuilder, header: VcfHeader, infoKey: string): VepReader {
  const leaves = builder.columns.get('annotations')!.leaves;
  if (!describesVep(header, infoKey)) {
    return { write: () => leaves.forEach(({ leaf }) => leaf.nothing(0, NO_VEP)) };
  }
  const keys = header.info.get(infoKey)!.trim().slice(PREFIX.length).trim().split('|');
  return new EntriesReader(
    leaves,
    infoKey,
    keys.map((key) => key.trim().toLowerCase()),
  );
}

/** Writes one field of an entry, which is a range of the record's bytes. */
type FieldWriter = (repetition: number, bytes: Buffer, start: number, end: number) => void;

class EntriesReader implements VepReader {
  readonly #leaves: readonly NamedLeaf[];
  readonly #infoKey: string;
  /** By the header's order; extras are written together. */
  readonly #writers: readonly (FieldWriter | undefined)[];
  /** Leaves of named fields that the header lacks. */
  readonly #absent: readonly TextLeaf[];
  readonly #extras: readonly { readonly key: Buffer; readonly at: number }[];
  readonly #extraKeys: TextLeaf;
  readonly #extraValues: TextLeaf;
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  #keyNumber = -1;

  constructor(leaves: readonly NamedLeaf[], infoKey: string, keys: readonly string[]) {
    this.#leaves = leaves;
    this.#infoKey = infoKey;
    const of = (field: string) =>
      leaves.filter(({ path }) => path[4] === field).map(({ leaf }) => leaf as TextLeaf);
    const named = keys.map((key, at) => NAMED.has(key) && keys.indexOf(key) === at);
    this.#writers = keys.map((key, at) => (named[at] ? writerOf(key, of(key)) : undefined));
    this.#absent = [...NAMED].filter((field) => !keys.includes(field)).flatMap(of);
    this.#extras = keys.flatMap((key, at) =>
      NAMED.has(key) || keys.indexOf(key) !== at ? [] : [{ key: Buffer.from(key), at }],
    );
    [this.#extraKeys, this.#extraValues] = of('extras') as [TextLeaf, TextLeaf];
    this.#from = new Int32Array(keys.length);
    this.#to = new Int32Array(keys.length);
  }

  write({ info, bytes }: RecordReader): void {
    if (this.#keyNumber < 0) this.#keyNumber = info.numberOf(this.#infoKey);
    const entry = info.find(this.#keyNumber);
    const [start, end] = entry < 0 ? [-1, -1] : [info.valueStart[entry]!, info.valueEnd[entry]!];
    if (start < 0 || !this.#areWhole(bytes, start, end)) {
      for (const { leaf } of this.#leaves) leaf.nothing(0, NO_ENTRIES);
      return;
    }
    let repetition = 0;
    for (let from = start; from <= end; repetition = 1) {
      const to = next(bytes, BYTE.comma, from, end);
      this.#writeEntry(repetition, bytes, from, to);
      from = to + 1;
    }
  }

  /** Whether every entry has as many fields as the header names. */
  #areWhole(bytes: Buffer, start: number, end: number): boolean {
    const wanted = this.#writers.length - 1;
    let separators = 0;
    for (let at = start; at <= end; at++) {
      const byte = at === end ? BYTE.comma : bytes[at];
      if (byte === BYTE.pipe) separators++;
      else if (byte === BYTE.comma) {
        if (separators !== wanted) return false;
        separators = 0;
      }
    }
    return true;
  }

  #writeEntry(repetition: number, bytes: Buffer, start: number, end: number): void {
    let from = start;
    for (let field = 0; field < this.#writers.length; field++) {
      const to = next(bytes, BYTE.pipe, from, end);
      this.#from[field] = from;
      this.#to[field] = to;
      this.#writers[field]?.(repetition, bytes, from, to);
      from = to + 1;
    }
    for (const leaf of this.#absent) leaf.nothing(repetition, ENTRY);
    this.#writeExtras(repetition, bytes);
  }

  #writeExtras(repetition: number, bytes: Buffer): void {
    if (this.#extras.length === 0) {
      this.#extraKeys.nothing(repetition, ENTRY);
      this.#extraValues.nothing(repetition, ENTRY);
    }
    let at = repetition;
    for (const { key, at: field } of this.#extras) {
      this.#extraKeys.add(at, key, 0, key.length);
      this.#extraValues.add(at, bytes, this.#from[field]!, this.#to[field]!);
      at = 2;
    }
  }
}

function writerOf(field: string, leaves: readonly TextLeaf[]): FieldWriter {
  const [first, second] = leaves as [TextLeaf, TextLeaf];
  // Plain texts keep '', lists and structs are null then.
  if (TEXTS.has(field)) return (repetition, bytes, start, end) => first.add(repetition, bytes, start, end);
  return LISTS.has(field)
    ? (repetition, bytes, start, end) => writeList(first, repetition, bytes, start, end)
    : (repetition, bytes, start, end) => writePair(first, second, repetition, bytes, start, end);
}

/** `missense_variant&splice_region_variant` */
function writeList(leaf: TextLeaf, repetition: number, bytes: Buffer, start: number, end: number): void {
  const last = trimmedEnd(bytes, start, end, BYTE.ampersand);
  if (last === start) return leaf.nothing(repetition, ENTRY);
  let at = repetition;
  for (let from = start; from <= last; at = 2) {
    const to = next(bytes, BYTE.ampersand, from, last);
    leaf.add(at, bytes, from, to);
    from = to + 1;
  }
}

/** `11/15`, `C/Y`; of a synonymous change VEP writes one letter, and the second is null then. */
function writePair(
  first: TextLeaf,
  second: TextLeaf,
  repetition: number,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  const last = trimmedEnd(bytes, start, end, BYTE.slash);
  if (last === start) {
    first.nothing(repetition, ENTRY);
    second.nothing(repetition, ENTRY);
    return;
  }
  const middle = next(bytes, BYTE.slash, start, last);
  first.add(repetition, bytes, start, middle);
  if (middle === last) second.nothing(repetition, ENTRY + 1);
  else second.add(repetition, bytes, middle + 1, next(bytes, BYTE.slash, middle + 1, last));
}

/** What is blank counts as empty, and empty values at the end of a list as none. */
function trimmedEnd(bytes: Buffer, start: number, end: number, separator: number): number {
  let last = end;
  while (last > start && bytes[last - 1] === separator) last--;
  for (let at = start; at < last; at++) if (bytes[at]! !== SPACE) return last;
  return start;
}
