import { spawnSync } from 'node:child_process';
import { link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GetReadSetMetadataResponse } from '@aws-sdk/client-omics';
import { buildProgram } from '../packages/kernel/index.ts';
import { importReadSets, importReference, newSequenceStore } from '../packages/storage/testing/stories.ts';
import { openWorld, type World } from '../packages/storage/testing/world.ts';
import { type Cost, measure } from './measure.ts';
import { simulatedBam } from './simulated-bam.ts';

/**
 * Import of a BAM of 500 MB or more (validated, sealed, digested, counted, indexed, its contigs checked; two decoding
 * threads) against what gives the same facts by hand, one after the other: samtools view | md5sum, samtools flagstat,
 * samtools index, sha256sum; and against one pass of htslib in C (one-pass/one-pass.c), which seals and keeps nothing.
 * Targets: at least 1.5 times faster than the four, at least 0.8 of the one pass's speed, under 400 MiB of memory.
 */

const TARGET = 1.5;

const ONE_PASS_TARGET = 0.8;
const MEMORY_TARGET = 400;

function print(name: string, { wall, cpu }: Pick<Cost, 'wall' | 'cpu'>): void {
  console.log(`${name.padEnd(36)} ${wall.toFixed(2).padStart(7)} s wall ${cpu.toFixed(2).padStart(7)} s CPU`);
}

let viewDigest = '';

function shell(script: string, ...args: readonly string[]): string {
  const run = spawnSync('sh', ['-c', script, 'sh', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`${script} ended with ${run.status}`);
  return run.stdout;
}

async function peers(bam: string): Promise<Pick<Cost, 'wall' | 'cpu'>> {
  const index = `${bam}.bench.bai`;
  const steps: [string, () => void][] = [
    [
      'samtools view -@1 | md5sum',
      () => void (viewDigest = shell('samtools view -@1 "$1" | md5sum', bam).slice(0, 32)),
    ],
    ['samtools flagstat -@1', () => void shell('samtools flagstat -@1 "$1"', bam)],
    ['samtools index -@1', () => void shell('samtools index -@1 "$1" "$2"', bam, index)],
    ['sha256sum', () => void shell('sha256sum "$1"', bam)],
  ];
  const total = { wall: 0, cpu: 0 };
  for (const [name, work] of steps) {
    const cost = await measure(work);
    print(name, cost);
    total.wall += cost.wall;
    total.cpu += cost.cpu;
  }
  await rm(index);
  return total;
}

async function onePass(bam: string): Promise<Cost> {
  const sources = { name: 'one-pass', folder: join(import.meta.dirname, 'one-pass'), flags: ['-O2'] };
  const cache = join(tmpdir(), 'helicase-bench');
  const built = await buildProgram({ ...sources, libraries: ['-lhts', '-lcrypto', '-lpthread'] }, { cache });
  if ('failure' in built) throw new Error(built.failure);
  let told = '';
  const cost = await measure(() => {
    told = shell('"$1" "$2" "$3"', built.path, bam, join(cache, 'one-pass.bai'));
  });
  if (told.trim().split(' ')[2] !== viewDigest)
    throw new Error('The one pass digests other text than samtools view');
  return cost;
}

async function importBam(world: World, store: string, referenceArn: string): Promise<void> {
  const source = {
    sourceFileType: 'BAM',
    referenceArn,
    sourceFiles: { source1: 's3://reads/simulated.bam' },
  };
  const job = await importReadSets(world, store, [source]);
  if (job.status !== 'COMPLETED') throw new Error(job.statusMessage);
  const id = job.sources![0]!.readSetId;
  const named = { sequenceStoreId: store, id };
  const readSet = await world.call<GetReadSetMetadataResponse>('GetReadSetMetadata', named);
  if (readSet.etag!.source1 !== viewDigest) throw new Error('The ETag is not the digest of samtools view');
  await world.call('BatchDeleteReadSet', { sequenceStoreId: store, ids: [id] });
}

const reads = process.argv[2] === undefined ? undefined : Number(process.argv[2]);
const { bam, reference, megabytes } = await simulatedBam(reads);
const folder = await mkdtemp(join(tmpdir(), 'helicase-bench-'));
const world = await openWorld({ folder });
try {
  const { arn } = await importReference(world, reference);
  const store = await newSequenceStore(world);
  const source = world.objects.pathOf('s3://reads/simulated.bam');
  await mkdir(dirname(source), { recursive: true });
  await link(bam, source);
  console.log(`A BAM of ${megabytes.toFixed(0)} MB, read once before, so that all find it in memory.`);
  shell('cat "$1" > /dev/null', bam);
  const byHand = await peers(bam);
  print('the four, one after the other', byHand);
  const inC = await onePass(bam);
  print('one pass in C', inC);
  const imported = await measure(() => importBam(world, store, arn));
  print('import', imported);
  const ratio = byHand.wall / imported.wall;
  console.log(`${ratio.toFixed(2)} times faster than the four (target: at least ${TARGET})`);
  const speed = inC.wall / imported.wall;
  console.log(`${speed.toFixed(2)} of the speed of one pass in C (target: at least ${ONE_PASS_TARGET})`);
  const own = process.resourceUsage().maxRSS / 1024;
  const memory = own + imported.peakMegabytes;
  console.log(
    `peak memory ${memory.toFixed(0)} MiB: ${own.toFixed(0)} of the server's process, ` +
      `${imported.peakMegabytes.toFixed(0)} of its largest child (target: under ${MEMORY_TARGET})`,
  );
  process.exitCode = ratio >= TARGET && speed >= ONE_PASS_TARGET && memory < MEMORY_TARGET ? 0 : 1;
} finally {
  await world.close();
  await rm(folder, { recursive: true, force: true });
}
