import { basename } from 'node:path';
import type { FileType } from '@aws-sdk/client-omics';

/**
 * The names that the source files keep: as they were, with `source1` and `source2` put before `.fastq.gz` where a
 * pair's names are the same (the guide, "Amazon S3 URI structure in HealthOmics storage").
 */
export function importedNames(uris: readonly string[]): readonly string[] {
  const names = uris.map((uri) => basename(uri));
  if (new Set(names).size === names.length) return names;
  return names.map((name, i) => {
    const match = /^(.*?)((?:\.fastq|\.fq)?\.gz)?$/.exec(name);
    return `${match?.[1] ?? name}.source${i + 1}${match?.[2] ?? ''}`;
  });
}

/** Names of directly uploaded files (the same chapter): the read set's name, `_sourceX` for FASTQ, and an extension. */
export function uploadedNames(readSetName: string, type: FileType, count: number): readonly string[] {
  const stem = readSetName.replaceAll(/[/\\\0]/g, '_');
  if (type === 'FASTQ') return Array.from({ length: count }, (_, i) => `${stem}_source${i + 1}.fastq.gz`);
  return [`${stem}.${type === 'CRAM' ? 'cram' : 'bam'}`];
}
