import type { ETagAlgorithmFamily, FileType } from '@aws-sdk/client-omics';
import type { Scope } from '@helicase/kernel';
import type { Source } from '../item-job/source.ts';
import type { ReadSetDoc } from '../read-set/model.ts';

/** Files that become, or become again, a read set: an import's sources, an upload's parts, an archive's contents. */
export interface Ingest {
  readonly scope: Scope;
  readonly store: string;
  readonly type: FileType;
  readonly family: ETagAlgorithmFamily;
  readonly referenceArn?: string | undefined;
  /** One, or two of a FASTQ pair. */
  readonly sources: readonly Source[];
  /** The files' names, one per source. */
  readonly names: readonly string[];
  /**
   * Added to the header of alignments as `@CO` (the guide, "ETag calculation and data provenance"); absent where an
   * archive gives back what is a read set already.
   */
  readonly comment?: string | undefined;
  readonly signal: AbortSignal;
  progress(bytes: number, total: number): void;
}

/** What the pass over a read set's files found and stored; its blobs are kept by nobody yet. */
export interface Ingested {
  readonly files: ReadSetDoc['files'];
  readonly etag: NonNullable<ReadSetDoc['etag']>;
  readonly totalReadCount: number;
  readonly totalBaseCount: number;
  readonly alignment: 'ALIGNED' | 'UNALIGNED';
}

export const sealedFor = (store: string): string => `sequenceStore/${store}`;
