import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { GetReadSetMetadataResponse } from '@aws-sdk/client-omics';
import {
  alignGermline,
  data,
  dataMissing,
  importReadSets,
  importReference,
  newSequenceStore,
} from '../packages/storage/testing/stories.ts';
import { openWorld, type World } from '../packages/storage/testing/world.ts';
import { simulatedPairs } from './simulated-pairs.ts';

/**
 * What archived read sets take on the disk, sealed, to the files that were imported: aligned BAM (kept as CRAM against
 * the stored reference) and FASTQ pairs, of real reads in ../shared/data and of simulated ones, 30-fold with qualities as
 * sequencers write them (simulated-pairs.ts). Targets: at most 0.6 for BAM, at most 0.75 for FASTQ.
 *
 *   node_modules/.bin/node bench/archive-size.ts [SIMULATED-READS]
 */

const TARGETS = { BAM: 0.6, FASTQ: 0.75 };

interface Input {
  readonly name: string;
  readonly type: keyof typeof TARGETS;
  readonly files: readonly string[];
  readonly reference?: string;
}

async function inputs(folder: string, reads: number): Promise<readonly Input[]> {
  const { bam, files, reference } = await simulatedPairs(reads);
  const made: Input[] = [
    { name: 'simulated BAM', type: 'BAM', files: [bam], reference },
    { name: 'simulated FASTQ pair', type: 'FASTQ', files },
  ];
  if (dataMissing) {
    console.log(`Real reads are left out: ${dataMissing}`);
    return made;
  }
  const fastq = (name: string) => [data(`${name}_R1.fastq.gz`), data(`${name}_R2.fastq.gz`)];
  const germline = { reference: data('germline/reference.fasta'), files: [await alignGermline(folder)] };
  return [
    { name: 'germline BAM', type: 'BAM', ...germline },
    { name: 'germline FASTQ pair', type: 'FASTQ', files: fastq('germline/wgs1') },
    { name: 'virus FASTQ pair', type: 'FASTQ', files: fastq('virus/reads') },
    ...made,
  ];
}

/** Bytes of all sealed blobs. */
async function stored({ store, vault }: World): Promise<number> {
  await vault.sweep();
  let sum = 0;
  for await (const { size } of store.list()) sum += size;
  return sum;
}

async function archived(world: World, { files, reference, type }: Input): Promise<number> {
  const referenceArn =
    reference === undefined ? {} : { referenceArn: (await importReference(world, reference)).arn };
  const before = await stored(world);
  const store = await newSequenceStore(world);
  const named: Record<string, string> = {};
  for (const [index, file] of files.entries()) {
    const uri = `s3://reads/${type}-${before}-${index}`;
    const path = world.objects.pathOf(uri);
    await mkdir(dirname(path), { recursive: true });
    await copyFile(file, path);
    named[`source${index + 1}`] = uri;
  }
  const job = await importReadSets(world, store, [
    { sourceFileType: type, sourceFiles: named, ...referenceArn },
  ]);
  const id = job.sources![0]!.readSetId;
  if (id === undefined) throw new Error(job.sources![0]!.statusMessage);
  await world.storage.archiveIdle();
  const asked = { sequenceStoreId: store, id };
  while ((await world.call<GetReadSetMetadataResponse>('GetReadSetMetadata', asked)).status !== 'ARCHIVED')
    await delay(200);
  return (await stored(world)) - before;
}

const folder = await mkdtemp(join(tmpdir(), 'helicase-bench-'));
try {
  for (const input of await inputs(folder, Number(process.argv[2] ?? 10_000_000))) {
    const world = await openWorld({ folder: join(folder, input.name), archiveAfter: 1 });
    const size = (await Promise.all(input.files.map(async (file) => (await stat(file)).size))).reduce(
      (a, b) => a + b,
    );
    const kept = await archived(world, input);
    const ratio = kept / size;
    const target = TARGETS[input.type];
    console.log(
      `${input.name.padEnd(22)} ${(size / 1e6).toFixed(1)} MB, archived ${(kept / 1e6).toFixed(1)} MB: ` +
        `${ratio.toFixed(2)} (target: at most ${target})`,
    );
    if (ratio > target) process.exitCode = 1;
    await world.close();
    await rm(join(folder, input.name), { recursive: true, force: true });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
