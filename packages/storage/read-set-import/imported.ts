import type { DigestAlgorithm } from '@helicase/formats';
import type { ETagAlgorithm, ETagAlgorithmFamily } from '@aws-sdk/client-omics';
import { basename } from 'node:path';
import type { SourceImport } from '../import-job/worker.ts';
import type { ReadSetDoc } from '../read-set/model.ts';
import type { ReadSetImportItem } from './model.ts';

export type ReadSetSource = SourceImport<ReadSetImportItem>;

/** What the pass over a read set's files found and stored. */
export interface ImportedReadSet {
  readonly files: ReadSetDoc['files'];
  readonly etag: ReadSetDoc['etag'];
  readonly totalReadCount: number;
  readonly totalBaseCount: number;
  readonly alignment: ReadSetDoc['alignment'];
}

/** The digest of each ETag family. */
export const DIGESTS: { readonly [F in ETagAlgorithmFamily]: DigestAlgorithm } = {
  MD5up: 'md5',
  SHA256up: 'sha256',
  SHA512up: 'sha512',
};

/** `BAM_MD5up` and so on; uBAM is digested as BAM (the guide, "How ETags are calculated"). */
export function etagAlgorithm(fileType: string, family: ETagAlgorithmFamily): ETagAlgorithm {
  const type = fileType === 'UBAM' ? 'BAM' : fileType;
  return `${type}_${family}` as ETagAlgorithm;
}

/**
 * The names that the source files keep: as they were, with `source1` and `source2` put before `.fastq.gz` where a
 * pair's names are the same (the guide, "Amazon S3 URI structure in HealthOmics storage").
 */
export function fileNames(uris: readonly string[]): readonly string[] {
  const names = uris.map((uri) => basename(uri));
  if (new Set(names).size === names.length) return names;
  return names.map((name, i) => {
    const match = /^(.*?)((?:\.fastq|\.fq)?\.gz)?$/.exec(name);
    return `${match?.[1] ?? name}.source${i + 1}${match?.[2] ?? ''}`;
  });
}

export const sealedFor = (source: ReadSetSource): string => `sequenceStore/${source.store}`;
