import type { WrittenFile } from '../table/written-file.ts';
import type { TsvLayout } from '../tsv/layout.ts';
import type { TsvReading } from '../tsv/reading.ts';
import type { VcfReading } from '../vcf/record.ts';

/** What kind of file is read, and how. */
export type FileFormat =
  | ({ readonly kind: 'vcf' } & VcfReading)
  | { readonly kind: 'gff' }
  | { readonly kind: 'tsv'; readonly layout: TsvLayout; readonly reading: TsvReading };

/** What an import process is told, as JSON in its first argument; the file's bytes come on its standard input. */
export interface ImportRequest {
  readonly jobId: string;
  /** A VCF, all of its fields, where it is absent. */
  readonly format?: FileFormat;
  /** The INFO key of VEP's annotation: `CSQ` unless the job's annotationFields name another. */
  readonly vepKey: string;
  /** A private folder for the Parquet files and what spills. */
  readonly directory: string;
  /** Present where the records are to be left-normalized: plain FASTA and its samtools index. */
  readonly reference?: { readonly fasta: string; readonly index: string };
  /** The file's sites are numbered from here; other numbers than any other file of its store. */
  readonly firstSite?: number;
  /** Bytes of text that become one row group, and rows of a TSV or GFF3 that do. */
  readonly chunkSize?: number;
  readonly rowsPerGroup?: number;
}

export interface ImportSummary {
  readonly files: readonly WrittenFile[];
  readonly records: number;
  readonly rows: number;
  /** In the file's order. */
  readonly contigs: readonly string[];
  /** The first line of a VCF that lies before the one above it: such a file is imported as it is, and reported. */
  readonly unsorted?: number;
}

/** What it answers, once, over the IPC channel. */
export type ImportReply =
  | { readonly outcome: 'written'; readonly summary: ImportSummary }
  /** The file is at fault: the message is for the user. */
  | { readonly outcome: 'refused'; readonly message: string };
