import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedBam } from './simulated-bam.ts';

export interface SimulatedFastq {
  /** Of a pair, gzip-compressed. */
  readonly files: readonly [string, string];
  readonly megabytes: number;
}

/** The simulated reads as a FASTQ pair, compressed as sequencers' software does it (gzip); made on first use. */
export async function simulatedFastq(reads: number): Promise<SimulatedFastq> {
  const { bam } = await simulatedBam(reads);
  const files = [1, 2].map((mate) => join(tmpdir(), 'helicase-bench', `simulated-${reads}_${mate}.fastq.gz`));
  const [first, second] = files as [string, string];
  for (const path of [first, second]) {
    if (existsSync(path)) continue;
    // Simulated reads are all first of their pair: the second file has their complements.
    const bases = path === first ? '' : '2~4y/ACGT/TGCA/';
    const script = 'samtools fastq -n "$1" 2>/dev/null | sed "$2" | gzip > "$3"';
    const made = spawnSync('sh', ['-c', script, 'sh', bam, bases, `${path}.unfinished`], {
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(made.stderr);
    await rename(`${path}.unfinished`, path);
  }
  const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size));
  return { files: [first, second], megabytes: sizes.reduce((sum, size) => sum + size, 0) / 1e6 };
}
