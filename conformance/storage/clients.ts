import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openWorld, sharedData } from '../../e2e/world.ts';

/**
 * Clients as others made them read and write one sequence store of a fresh server:
 * node conformance/storage/clients.ts PYTHON [RANGES] [MEGABYTES], a Python that has boto3 and amazon-omics-tools (the official
 * transfer manager); rclone, s3fs, samtools and minimap2 on the path. RANGES random ranges, 10,000 unless told, are
 * compared with what GetReadSet gives. The transfer manager also sends and gets a FASTQ pair of MEGABYTES, and its reads as
 * BAM; left out unless told. What is not installed is said aloud, and fails.
 */
const [python = 'python3', ranges = '10000', megabytes = '0'] = process.argv.slice(2);
const world = await openWorld();
try {
  const run = spawnSync(python, [join(import.meta.dirname, 'clients.py'), world.folder, ranges, megabytes], {
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
