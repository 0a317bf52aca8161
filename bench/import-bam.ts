import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GetReadSetMetadataResponse } from '@aws-sdk/client-omics';
import { importReadSets, importReference, newSequenceStore } from '../packages/storage/testing/stories.ts';
import { openWorld, type World } from '../packages/storage/testing/world.ts';
import { simulatedBam } from './simulated-bam.ts';

/**
 * Import of a BAM of 500 MB or more (validated, sealed, digested, counted, indexed, its contigs checked; two decoding
 * threads) against what gives the same facts by hand, one after the other: samtools view | md5sum, samtools flagstat,
 * samtools index, sha256sum. Target: at least 1.5 times faster.
 */

const TARGET = 1.5;

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** CPU seconds of this process and of its children that have ended (proc(5): utime, stime, cutime, cstime). */
function cpuSeconds(): number {
  const text = readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

async function measure(work: () => void | Promise<void>): Promise<Cost> {
  const cpu = cpuSeconds();
  const start = performance.now();
  await work();
  return { wall: (performance.now() - start) / 1000, cpu: cpuSeconds() - cpu };
}

function print(name: string, { wall, cpu }: Cost): void {
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

async function peers(bam: string): Promise<Cost> {
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

const { bam, reference, megabytes } = await simulatedBam();
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
  const imported = await measure(() => importBam(world, store, arn));
  print('import', imported);
  const ratio = byHand.wall / imported.wall;
  console.log(`ratio ${ratio.toFixed(2)} (target: at least ${TARGET})`);
  process.exitCode = ratio >= TARGET ? 0 : 1;
} finally {
  await world.close();
  await rm(folder, { recursive: true, force: true });
}
