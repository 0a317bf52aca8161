/** What a Parquet file of a table holds: whole rows, or one side of a cohort. */
export type FileKind = 'rows' | 'sites' | 'genotypes';

/** One finished Parquet file and what it covers. */
export interface WrittenFile {
  readonly path: string;
  readonly kind: FileKind;
  readonly rows: number;
  /** Per contig: smallest start and greatest end; empty where they are not known. */
  readonly ranges: Readonly<Record<string, readonly [number, number]>>;
}
