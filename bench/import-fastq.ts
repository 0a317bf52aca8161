import { spawnSync } from 'node:child_process';
import { link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GetReadSetMetadataResponse } from '@aws-sdk/client-omics';
import { importReadSets, newSequenceStore } from '../packages/storage/testing/stories.ts';
import { openWorld, type World } from '../packages/storage/testing/world.ts';
import { measure } from './measure.ts';
import { simulatedFastq } from './simulated-fastq.ts';

/**
 * Import of a gzip-compressed FASTQ pair (validated, paired, digested, counted, sealed, kept) against
 * `gzip -dc | md5sum` of the two files, both at the same time. Targets: at least its speed, under 400 MiB of memory.
 *
 *   node_modules/.bin/node bench/import-fastq.ts [READS]
 */

const TARGET = 1;
const MEMORY_TARGET = 400;

function byHand(files: readonly string[]): void {
  const script = 'gzip -dc "$1" | md5sum & gzip -dc "$2" | md5sum & wait';
  const { status } = spawnSync('sh', ['-c', script, 'sh', ...files], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`gzip | md5sum ended with ${status}`);
}

async function importPair(world: World, store: string, reads: number): Promise<void> {
  const sourceFiles = { source1: 's3://reads/pair_1.fastq.gz', source2: 's3://reads/pair_2.fastq.gz' };
  const job = await importReadSets(world, store, [{ sourceFileType: 'FASTQ', sourceFiles }]);
  if (job.status !== 'COMPLETED') throw new Error(job.sources?.[0]?.statusMessage);
  const named = { sequenceStoreId: store, id: job.sources![0]!.readSetId };
  const { sequenceInformation } = await world.call<GetReadSetMetadataResponse>('GetReadSetMetadata', named);
  if (Number(sequenceInformation?.totalReadCount) !== 2 * reads)
    throw new Error('Not all reads were counted');
}

const reads = Number(process.argv[2] ?? 4_000_000);
const { files, megabytes } = await simulatedFastq(reads);
const folder = await mkdtemp(join(tmpdir(), 'helicase-bench-'));
const world = await openWorld({ folder });
try {
  const store = await newSequenceStore(world);
  for (const [index, file] of files.entries()) {
    const source = world.objects.pathOf(`s3://reads/pair_${index + 1}.fastq.gz`);
    await mkdir(dirname(source), { recursive: true });
    await link(file, source);
  }
  byHand(files); // read once before, so that both find the files in memory
  const theirs = await measure(() => byHand(files));
  const ours = await measure(() => importPair(world, store, reads));
  const speed = theirs.wall / ours.wall;
  console.log(
    `A FASTQ pair of ${megabytes.toFixed(0)} MB: import ${ours.wall.toFixed(2)} s (${ours.cpu.toFixed(2)} s CPU), ` +
      `gzip -dc | md5sum ${theirs.wall.toFixed(2)} s (${theirs.cpu.toFixed(2)} s CPU)`,
  );
  console.log(`${speed.toFixed(2)} of its speed (target: at least ${TARGET.toFixed(1)})`);
  const memory = process.resourceUsage().maxRSS / 1024 + ours.peakMegabytes;
  console.log(`peak memory ${memory.toFixed(0)} MiB (target: under ${MEMORY_TARGET})`);
  process.exitCode = speed >= TARGET && memory < MEMORY_TARGET ? 0 : 1;
} finally {
  await world.close();
  await rm(folder, { recursive: true, force: true });
}
