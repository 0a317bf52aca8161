import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A reference (ref.fa) with its index and dictionary, and reads.cram of reads of it, whose sequences it answers. */
export function makeCram(folder: string): string[] {
  const samtools = (...args: readonly string[]) =>
    execFileSync('samtools', args, { cwd: folder, encoding: 'utf8' });
  const bases = 'ACGTTGCAGGCTTAACCGATTACAGGATCCAATGCCGTAAGCTTGGCACTGGTACCATGCA';
  writeFileSync(join(folder, 'ref.fa'), `>chr1\n${bases}\n`);
  samtools('faidx', 'ref.fa');
  samtools('dict', '-o', 'ref.dict', 'ref.fa');
  const starts = [0, 10, 25];
  const sequences = starts.map((start) => bases.slice(start, start + 20));
  const reads = starts.map((start, index) =>
    [start, 0, 'chr1', start + 1, 60, '20M', '*', 0, 0, sequences[index], 'I'.repeat(20)].join('\t'),
  );
  writeFileSync(join(folder, 'reads.sam'), `@SQ\tSN:chr1\tLN:${bases.length}\n${reads.join('\n')}\n`);
  samtools('view', '-C', '-T', 'ref.fa', '-o', 'reads.cram', 'reads.sam');
  return sequences;
}

/** The sequences of a BAM, as samtools reads them. */
export function sequencesOf(bam: string): string[] {
  const lines = execFileSync('samtools', ['view', bam], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => line.split('\t')[9]!);
}
