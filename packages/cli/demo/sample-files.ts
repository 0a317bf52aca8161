import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The user's files that the story starts from. */
export interface SampleFiles {
  readonly sample: string;
  readonly reference: string;
  readonly reads1: string;
  readonly reads2: string;
}

/** `reference.fasta` and one `*_R1.fastq.gz` with its `*_R2.fastq.gz` in a user's folder. */
export function findSampleFiles(directory: string): SampleFiles {
  const folder = resolve(directory);
  if (!existsSync(folder)) throw new Error(`--data ${folder}: there is no such folder`);
  const reference = join(folder, 'reference.fasta');
  if (!existsSync(reference)) throw new Error(`--data ${folder}: reference.fasta is missing`);
  const firsts = readdirSync(folder).filter((name) => name.endsWith('_R1.fastq.gz'));
  if (firsts.length !== 1) {
    throw new Error(
      `--data ${folder}: needs exactly one *_R1.fastq.gz, found ${firsts.length}${firsts.length ? `: ${firsts.join(', ')}` : ''}`,
    );
  }
  const sample = firsts[0]!.slice(0, -'_R1.fastq.gz'.length);
  const reads2 = join(folder, `${sample}_R2.fastq.gz`);
  if (!existsSync(reads2))
    throw new Error(`--data ${folder}: ${sample}_R2.fastq.gz is missing beside ${firsts[0]}`);
  return { sample, reference, reads1: join(folder, firsts[0]!), reads2 };
}
