import type { Writable } from 'node:stream';

/** The algorithms of HealthOmics' ETag families (MD5up, SHA256up, SHA512up). */
export type DigestAlgorithm = 'md5' | 'sha256' | 'sha512';

/** One pass over one file or pair: write the bytes into `inputs`, end them, and await `facts`. */
export interface Pass<Facts> {
  /**
   * One per source. They fail with EPIPE once the pass found its input broken: `facts` then says why. Bytes whose write
   * has called back are not read any more: their memory may be given back.
   */
  readonly inputs: readonly Writable[];
  /** Rejects with BrokenInput where the file is at fault, with another Error where the machine is. */
  readonly facts: Promise<Facts>;
  /** Ends the pass at once; `facts` rejects. */
  stop(): void;
}

/** The file is broken; the message says what, and where (record, line or byte). */
export class BrokenInput extends Error {
  override readonly name = 'BrokenInput';
}

export type AlignmentType = 'BAM' | 'UBAM' | 'CRAM';

export interface AlignmentOptions {
  readonly type: AlignmentType;
  readonly digest: DigestAlgorithm;
  /** Decoding threads; 2 unless told. */
  readonly threads?: number;
  /** Where the index is written as the file is read; BAM only. */
  readonly indexPath?: string;
  /** A FASTA file with its index beside it, for CRAM. */
  readonly referencePath?: string;
}

/** A contig of the header that at least one record is placed on. */
export interface UsedContig {
  readonly name: string;
  /** Bases, as the header has it. */
  readonly length: number;
  /** The header's M5, where it has one. */
  readonly md5?: string;
  readonly reads: number;
}

export interface AlignmentFacts {
  /** Every record, secondary and supplementary ones included: `samtools view -c`. */
  readonly reads: number;
  /** Lengths of SEQ together. */
  readonly bases: number;
  /** Records without the unmapped flag. */
  readonly aligned: number;
  /** Coordinate order, as found. */
  readonly sorted: boolean;
  /** Hex digest of the records as SAM text without the header: `samtools view | md5sum`. */
  readonly digest: string;
  /** What was written to `indexPath`; absent where nothing was (not sorted, not BAM, no index asked for). */
  readonly index?: 'bai' | 'csi';
  readonly contigs: readonly UsedContig[];
}

export interface FastqOptions {
  readonly digest: DigestAlgorithm;
  /** Two inputs whose reads are mates, in the same order. */
  readonly paired: boolean;
}

export interface FastqFacts {
  readonly sources: readonly {
    readonly reads: number;
    readonly bases: number;
    /** Hex digest of the uncompressed text. */
    readonly digest: string;
  }[];
}

export interface FastaOptions {
  /** Where the .fai goes. */
  readonly indexPath: string;
  /** Where the .gzi goes, should the file be bgzip. */
  readonly blockIndexPath: string;
}

export interface Contig {
  readonly name: string;
  /** Bases. */
  readonly length: number;
  /** MD5 of the bases in upper case, as the M5 tag of SAM has it. */
  readonly md5: string;
}

export interface FastaFacts {
  readonly bgzip: boolean;
  readonly contigs: readonly Contig[];
}

/** The one-pass readers of sequence files. */
export interface ReadPasses {
  readonly kind: 'native' | 'pipeline';
  alignments(options: AlignmentOptions): Pass<AlignmentFacts>;
  fastq(options: FastqOptions): Pass<FastqFacts>;
  fasta(options: FastaOptions): Pass<FastaFacts>;
}
