import type { Actor } from '@helicase/kernel';

/** A reference as analytics needs it; storage is behind it. */
export interface ReferenceContigs {
  /** The reference's contigs in its order; undefined where the account has no such active reference. */
  find(
    actor: Actor,
    referenceArn: string,
  ): Promise<{ readonly contigs: readonly ReferenceContig[] } | undefined>;
  /** FASTA and its samtools index at local paths. Absent: left normalization is refused. */
  materialize?(actor: Actor, referenceArn: string): Promise<MaterializedReference>;
}

export interface ReferenceContig {
  readonly name: string;
  /** Bases. */
  readonly length: number;
}

export interface MaterializedReference {
  /** Plain, or bgzip with its `.gzi` beside it. */
  readonly fasta: string;
  /** The `.fai` that `samtools faidx` makes. */
  readonly index: string;
  release(): Promise<void>;
}
