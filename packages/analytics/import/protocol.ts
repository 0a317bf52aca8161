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
  /** Present where the bytes are those of several small VCFs, one after the other. */
  readonly parts?: readonly ImportPart[];
  /** The file's sites are numbered from here; other numbers than any other file of its store. */
  readonly firstSite?: number;
  /** Bytes of text that become one row group, and rows of a TSV or GFF3 that do. */
  readonly chunkSize?: number;
  readonly rowsPerGroup?: number;
}

/** One of several files. */
export interface ImportPart {
  /** Its bytes. */
  readonly size: number;
  readonly firstSite: number;
}

/** What was found in a file. */
export interface FileFacts {
  readonly records: number;
  readonly rows: number;
  /** In the file's order. */
  readonly contigs: readonly string[];
  /** The first line of a VCF that lies before the one above it: such a file is imported as it is, and reported. */
  readonly unsorted?: number;
  /** The header describes no VEP annotation under the request's key. */
  readonly lacksVep?: true;
}

export interface ImportSummary extends FileFacts {
  readonly files: readonly WrittenFile[];
}

/** Of one file or several, in the request's order, whose rows the written files have. */
export interface ImportedFiles {
  readonly files: readonly WrittenFile[];
  readonly facts: readonly FileFacts[];
}

/** What it answers, once, over the IPC channel. */
export type ImportReply =
  | ({ readonly outcome: 'written' } & ImportedFiles)
  /** The file is at fault, or one of several: the message is for the user. */
  | { readonly outcome: 'refused'; readonly message: string };
