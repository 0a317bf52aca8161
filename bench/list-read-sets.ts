import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListReadSetsResponse } from '@aws-sdk/client-omics';
import { newSequenceStore } from '../packages/storage/testing/stories.ts';
import { openWorld, SCOPE, type World } from '../packages/storage/testing/world.ts';
import { fillReadSets } from './read-set-rows.ts';

/**
 * ListReadSets with a filter, 100 a page, and a listing of 100 keys at the access point, in a store of 1,000,000 read
 * sets against one of 1,000 in the same database. Target: at most 3 times the time.
 */

const TARGET = 3;
const SIZES = [1_000, 1_000_000] as const;
const ROUNDS = 50;

async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[ROUNDS / 2]!;
}

async function measure(world: World, store: string): Promise<readonly (readonly [string, number])[]> {
  const list = (filter: object) => async () => {
    const input = { sequenceStoreId: store, maxResults: 100, filter };
    await world.call<ListReadSetsResponse>('ListReadSets', input);
  };
  const { s3Access } = await world.call<{ s3Access: { s3Uri: string } }>('GetSequenceStore', { id: store });
  const bucket = s3Access.s3Uri.split('/')[2]!;
  const view = (await world.storage.view.find(world.actor(), bucket))!;
  return [
    ['sampleId', await median(list({ sampleId: 'sample 3' }))],
    ['status ARCHIVED', await median(list({ status: 'ARCHIVED' }))],
    ['subjectId and status', await median(list({ subjectId: 'subject 5', status: 'ACTIVE' }))],
    ['S3 keys', await median(async () => void (await view.list('', undefined, 100)))],
  ];
}

const folder = await mkdtemp(join(tmpdir(), 'helicase-list-'));
const world = await openWorld({ folder, works: false });
try {
  const measured = [];
  for (const size of SIZES) {
    const store = await newSequenceStore(world);
    await fillReadSets(world.records, SCOPE, store, size);
    measured.push(await measure(world, store));
  }
  const [small, large] = measured as [(typeof measured)[0], (typeof measured)[0]];
  let worst = 0;
  small.forEach(([name, before], i) => {
    const after = large[i]![1];
    worst = Math.max(worst, after / before);
    console.log(
      `${name.padEnd(24)} ${before.toFixed(2)} ms of 1,000 ${after.toFixed(2)} ms of 1,000,000: ${(after / before).toFixed(2)}`,
    );
  });
  console.log(`${worst <= TARGET ? 'reached' : 'NOT reached'}: at most ${TARGET} times`);
  process.exitCode = worst <= TARGET ? 0 : 1;
} finally {
  await world.close();
  await rm(folder, { recursive: true, force: true });
}
