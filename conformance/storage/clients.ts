import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { simulatedBam } from '../../bench/simulated-bam.ts';
import { openWorld, sharedData } from '../../e2e/world.ts';

/**
 * Clients as others made them read and write one sequence store of a fresh server:
 * node conformance/storage/clients.ts PYTHON [RANGES] [MEGABYTES], a Python that has boto3 and amazon-omics-tools (the official
 * transfer manager); rclone, s3fs, samtools and minimap2 on the path. RANGES random ranges, 10,000 unless told, are
 * compared with what GetReadSet gives. The transfer manager also sends and gets a FASTQ pair of MEGABYTES, and an aligned
 * BAM of MEGABYTES; left out unless told. What is not installed is said aloud, and fails.
 */
const [python = 'python3', ranges = '10000', megabytes = '0'] = process.argv.slice(2);
/** Reads of 150 bases, as many as a megabyte of BAM holds. */
const READS_PER_MEGABYTE = 18_000;
const large = await largeBam(Number(megabytes));
const world = await openWorld();
try {
  const script = join(import.meta.dirname, 'clients.py');
  const run = spawnSync(python, [script, world.folder, ranges, megabytes, ...large], {
    env: {
      ...world.environment,
      SHARED_DATA: sharedData,
      LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] ?? '',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 1_800_000,
  });
  process.exitCode = run.status ?? 1;
} finally {
  await world.close();
}

/** The paths of an aligned BAM and its reference. */
async function largeBam(size: number): Promise<readonly string[]> {
  if (size === 0) return [];
  const { bam, reference } = await simulatedBam(size * READS_PER_MEGABYTE);
  return [bam, reference];
}
