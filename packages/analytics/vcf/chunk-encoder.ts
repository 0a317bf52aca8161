import { isUtf8 } from 'node:buffer';
import { RowGroupBuilder, type RowGroup, ROWS_PER_GROUP } from '../parquet/row-group.ts';
import { GENOTYPE_COLUMNS, SITE_COLUMNS, SITE_NUMBER, VARIANT_COLUMNS } from '../table/columns.ts';
import { fieldsOf } from '../table/field.ts';
import { cover, type Ranges } from '../table/ranges.ts';
import { BYTE, sameBytes } from './bytes.ts';
import { openFasta, type ReferenceSequence } from './fasta.ts';
import { GenotypeReader } from './genotype-reader.ts';
import type { VcfHeader } from './header.ts';
import { RecordReader, type VcfReading } from './record.ts';
import { SiteReader } from './site-reader.ts';
import type { TextChunk } from './text-chunks.ts';
import { vepReader } from './vep.ts';

/** What all chunks of a file are read by. */
export interface EncoderPlan {
  readonly header: VcfHeader;
  readonly reading: VcfReading;
  readonly jobId: string;
  readonly vepKey: string;
  /** Present where the records are to be left-normalized: FASTA and its samtools index. */
  readonly reference: { readonly fasta: string; readonly index: string } | undefined;
  /** A row per variant and sample in one table, or sites and genotypes apart. */
  readonly layout: 'rows' | 'cohort';
  /** The file's sites are numbered from here by their lines. */
  readonly firstSite: number;
}

/** What was seen in a chunk's records. */
export interface Sight {
  readonly records: number;
  readonly rows: number;
  /** Records by contig, in the file's order. */
  readonly contigs: ReadonlyMap<string, number>;
  readonly ranges: Ranges;
  /** The first line that lies before the one above it. */
  readonly unsorted: number | undefined;
}

/** A chunk's rows, and what was seen in them. */
export interface EncodedChunk extends Sight {
  /** By table, one of `rows` or two of a cohort (sites, genotypes): its row groups in their order. */
  readonly groups: readonly (readonly RowGroup[])[];
}

/** The tables of a layout, to be filled. */
export function buildersOf(layout: EncoderPlan['layout']): readonly RowGroupBuilder[] {
  const tables = layout === 'rows' ? [VARIANT_COLUMNS] : [SITE_COLUMNS, GENOTYPE_COLUMNS];
  return tables.map((columns) => new RowGroupBuilder(fieldsOf(columns)));
}

/** Makes row groups of a VCF's text. One chunk at a time; each starts anew. */
export class ChunkEncoder {
  readonly #plan: EncoderPlan;
  readonly #record: RecordReader;
  readonly #builders: readonly RowGroupBuilder[];
  readonly #site: SiteReader;
  readonly #genotypes: GenotypeReader;
  readonly #reference: ReferenceSequence | undefined;
  readonly #siteNumbers: readonly { write(repetition: number, value: number): void }[];
  readonly #samples: number;
  #seen = emptySight();

  /** `builders`: of the plan's layout, where its rows go beside those of others. */
  constructor(plan: EncoderPlan, builders = buildersOf(plan.layout)) {
    const { header, reading, jobId, vepKey, reference } = plan;
    this.#plan = plan;
    this.#record = new RecordReader(header, reading);
    this.#builders = builders;
    const [sites, genotypes] = [this.#builders[0]!, this.#builders.at(-1)!];
    this.#reference = reference && openFasta(reference.fasta, reference.index);
    this.#site = new SiteReader(sites, jobId, vepReader(sites, header, vepKey), this.#reference);
    this.#genotypes = new GenotypeReader(genotypes, header.samples);
    this.#siteNumbers = this.#builders.flatMap(({ columns }) => columns.get(SITE_NUMBER.name) ?? []);
    this.#samples = header.samples.length;
  }

  /** The chunk's row groups. Throws VcfError for the first line that is wrong. */
  encode(chunk: TextChunk): EncodedChunk {
    const groups = this.#builders.map((): RowGroup[] => []);
    const finish = (most: number) => {
      for (const [table, builder] of this.#builders.entries())
        if (builder.rows >= most) groups[table]!.push(builder.finish());
    };
    const sight = this.read(chunk, () => finish(ROWS_PER_GROUP));
    finish(1);
    return { groups, ...sight };
  }

  /** Leaves the chunk's rows in the builders, unless `afterEach` line takes them. Throws VcfError for the first line that is wrong. */
  read(chunk: TextChunk, afterEach: () => void = () => {}): Sight {
    // Names and values become text columns, which have to be UTF-8.
    const bytes = isUtf8(chunk.bytes) ? chunk.bytes : Buffer.from(chunk.bytes.toString('utf8'));
    this.#seen = emptySight();
    let line = chunk.firstLine;
    for (let start = 0; start < bytes.length; line++) {
      const found = bytes.indexOf(BYTE.newline, start);
      const stop = found < 0 ? bytes.length : found;
      const end = stop > start && bytes[stop - 1] === BYTE.return ? stop - 1 : stop;
      if (end > start) this.#take(bytes, start, end, line); // some writers leave an empty line at the end
      afterEach();
      start = stop + 1;
    }
    const { records, rows, contigs, ranges, unsorted } = this.#seen;
    return { records, rows, contigs, ranges, unsorted };
  }

  close(): void {
    this.#reference?.close();
  }

  #take(bytes: Buffer, start: number, end: number, line: number): void {
    const record = this.#record;
    record.read(bytes, start, end, line);
    const rows = Math.max(1, this.#samples);
    const isCohort = this.#plan.layout === 'cohort';
    const place = this.#site.write(record, isCohort ? 1 : rows);
    this.#writeGenotypes(record);
    if (isCohort) this.#number(this.#plan.firstSite + line, rows);
    this.#builders[0]!.rows += isCohort ? 1 : rows;
    if (isCohort) this.#builders[1]!.rows += rows;
    this.#see(record, place, rows);
  }

  #writeGenotypes(record: RecordReader): void {
    if (this.#samples === 0) return this.#genotypes.none();
    this.#genotypes.begin(record);
    let at = record.samplesStart;
    for (let sample = 0; sample < this.#samples; sample++) {
      if (at > record.lineEnd) throw record.wrongCount();
      at = this.#genotypes.read(record, sample, at) + 1;
    }
    if (at <= record.lineEnd) throw record.wrongCount();
  }

  #number(site: number, rows: number): void {
    const [sites, genotypes] = this.#siteNumbers;
    sites!.write(0, site);
    for (let row = 0; row < rows; row++) genotypes!.write(0, site);
  }

  #see(record: RecordReader, place: { readonly start: number; readonly end: number }, rows: number): void {
    const seen = this.#seen;
    const { start, end } = record.range('CHROM');
    if (!sameBytes(record.bytes, start, end, seen.contigBytes)) {
      seen.contigBytes = Buffer.from(record.bytes.subarray(start, end));
      seen.contig = seen.contigBytes.toString();
      seen.last = -1;
    }
    if (record.start < seen.last) seen.unsorted ??= record.line;
    seen.last = record.start;
    seen.records++;
    seen.rows += rows;
    seen.contigs.set(seen.contig, (seen.contigs.get(seen.contig) ?? 0) + 1);
    cover(seen.ranges, seen.contig, place.start, place.end);
  }
}

function emptySight() {
  return {
    records: 0,
    rows: 0,
    contigs: new Map<string, number>(),
    ranges: new Map<string, [number, number]>(),
    unsorted: undefined as number | undefined,
    contig: '',
    contigBytes: Buffer.alloc(0),
    last: -1,
  };
}
