import type { DoubleLeaf, LongLeaf, TextLeaf } from '../parquet/leaf.ts';
import type { RowGroupBuilder } from '../parquet/row-group.ts';
import { BYTE, next } from './bytes.ts';
import type { ReferenceSequence } from './fasta.ts';
import { leftNormalized } from './left-normalize.ts';
import type { RecordReader } from './record.ts';
import type { VepReader } from './vep.ts';

/** Definition of a list or map that is there and empty. */
const EMPTY = 1;
const TRUE = Buffer.from('true');

/** A record's place and alleles as they are stored: as written, or normalized. */
interface Placed {
  readonly start: number;
  readonly end: number;
  readonly reference: string;
  readonly alternates: readonly string[];
}

/** Writes what all samples of a record share into the table's columns. */
export class SiteReader {
  readonly #jobId: Buffer;
  readonly #reference: ReferenceSequence | undefined;
  readonly #vep: VepReader;
  readonly #text: Readonly<
    Record<
      'importjobid' | 'contigname' | 'names' | 'referenceallele' | 'alternatealleles' | 'filters',
      TextLeaf
    >
  >;
  readonly #start: LongLeaf;
  readonly #end: LongLeaf;
  readonly #quality: DoubleLeaf;
  readonly #attributeKeys: TextLeaf;
  readonly #attributeValues: TextLeaf;
  readonly #split: { write(repetition: number, value: boolean): void };

  constructor(
    builder: RowGroupBuilder,
    jobId: string,
    vep: VepReader,
    reference: ReferenceSequence | undefined,
  ) {
    const leaf = (name: string) => builder.columns.get(name)!.leaves[0]!.leaf;
    const text = (name: string) => leaf(name) as TextLeaf;
    this.#jobId = Buffer.from(jobId);
    this.#vep = vep;
    this.#reference = reference;
    this.#text = {
      importjobid: text('importjobid'),
      contigname: text('contigname'),
      names: text('names'),
      referenceallele: text('referenceallele'),
      alternatealleles: text('alternatealleles'),
      filters: text('filters'),
    };
    this.#start = leaf('start') as LongLeaf;
    this.#end = leaf('end') as LongLeaf;
    this.#quality = leaf('qual') as DoubleLeaf;
    const [keys, values] = builder.columns.get('attributes')!.leaves;
    this.#attributeKeys = keys!.leaf as TextLeaf;
    this.#attributeValues = values!.leaf as TextLeaf;
    this.#split = builder.columns.get('splitfrommultiallelic')!;
  }

  /** Writes the record's site once for each of its rows here. Answers where it lies. */
  write(record: RecordReader, rows: number): { readonly start: number; readonly end: number } {
    const placed = this.#reference && normalized(record, this.#reference);
    for (let row = 0; row < rows; row++) this.#writeOnce(record, placed);
    return placed ?? record;
  }

  #writeOnce(record: RecordReader, placed: Placed | undefined): void {
    const { bytes, quality } = record;
    const text = this.#text;
    text.importjobid.add(0, this.#jobId, 0, this.#jobId.length);
    const contig = record.range('CHROM');
    text.contigname.add(0, bytes, contig.start, contig.end);
    this.#start.add(0, placed?.start ?? record.start);
    this.#end.add(0, placed?.end ?? record.end);
    this.#writeList(text.names, record, 'ID', BYTE.semicolon);
    if (placed) this.#writePlaced(placed);
    else {
      const reference = record.range('REF');
      text.referenceallele.add(0, bytes, reference.start, reference.end);
      this.#writeList(text.alternatealleles, record, 'ALT', BYTE.comma);
    }
    if (quality === null) this.#quality.nothing(0, 0);
    else this.#quality.add(0, quality);
    this.#writeList(text.filters, record, 'FILTER', BYTE.semicolon);
    this.#split.write(0, false); // records are never split; the column is Glow's
    this.#writeAttributes(record);
    this.#vep.write(record);
  }

  #writePlaced({ reference, alternates }: Placed): void {
    this.#text.referenceallele.value(0, reference);
    if (alternates.length === 0) this.#text.alternatealleles.nothing(0, EMPTY);
    for (const [index, allele] of alternates.entries())
      this.#text.alternatealleles.value(index === 0 ? 0 : 1, allele);
  }

  #writeList(leaf: TextLeaf, record: RecordReader, column: 'ID' | 'ALT' | 'FILTER', separator: number): void {
    if (!record.hasList(column)) return leaf.nothing(0, EMPTY);
    const { start, end } = record.range(column);
    let repetition = 0;
    for (let from = start; from <= end; repetition = 1) {
      const to = next(record.bytes, separator, from, end);
      leaf.add(repetition, record.bytes, from, to);
      from = to + 1;
    }
  }

  #writeAttributes({ info, bytes }: RecordReader): void {
    if (info.count === 0) {
      this.#attributeKeys.nothing(0, EMPTY);
      this.#attributeValues.nothing(0, EMPTY);
    }
    for (let entry = 0; entry < info.count; entry++) {
      const repetition = entry === 0 ? 0 : 1;
      this.#attributeKeys.add(repetition, bytes, info.keyStart[entry]!, info.keyEnd[entry]!);
      const start = info.valueStart[entry]!;
      if (start < 0) this.#attributeValues.add(repetition, TRUE, 0, TRUE.length);
      else this.#attributeValues.add(repetition, bytes, start, info.valueEnd[entry]!);
    }
  }
}

function normalized(record: RecordReader, reference: ReferenceSequence): Placed {
  const site = {
    contig: record.text('CHROM'),
    start: record.start,
    end: record.end,
    reference: record.text('REF'),
    alternates: record.hasList('ALT') ? record.text('ALT').split(',') : [],
  };
  return leftNormalized(site, reference, record.line);
}
