import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  data,
  dataMissing,
  importReadSets,
  newSequenceStore,
  readSetStatus,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';
import { SCOPE } from '../testing/world.ts';
import { bytesPerGigabase } from './usage.ts';

/** The first thousand reads of each file of a pair. */
const texts = (): readonly string[] =>
  ['R1', 'R2'].map((mate) => {
    const text = gunzipSync(readFileSync(data(`virus/reads_${mate}.fastq.gz`))).toString();
    return text.split('\n').slice(0, 4000).join('\n') + '\n';
  });

/** The lengths of the second line of every four. */
function basesOf(text: string): number {
  return text.split('\n').reduce((sum, line, index) => (index % 4 === 1 ? sum + line.length : sum), 0);
}

describe('what read sets take', { skip: dataMissing }, () => {
  let world: Awaited<ReturnType<typeof temporaryWorld>>;
  let storeId: string;

  before(async () => {
    world = await temporaryWorld({ archiveAfter: 1 });
    storeId = await newSequenceStore(world);
  });
  after(() => world.close());

  test('is told by store and tier: what two read sets share counts once, what is archived as it lies there', async () => {
    const files = texts().map((text) => gzipSync(text));
    const source1 = await upload(world, 'R1.fastq.gz', files[0]!);
    const source2 = await upload(world, 'R2.fastq.gz', files[1]!);
    const source = { sourceFileType: 'FASTQ', sourceFiles: { source1, source2 } };
    const job = await importReadSets(world, storeId, [source, source]);
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    const bases = texts().reduce((sum, text) => sum + basesOf(text), 0);
    const bytes = files.reduce((sum, file) => sum + file.length, 0);
    const counts = { readSets: 2, bases: 2 * bases, sourceBytes: 2 * bytes };
    assert.deepEqual(await world.storage.usage(), [
      { scope: SCOPE, storeId, tier: 'ACTIVE', ...counts, bytes },
    ]);

    await world.storage.archiveIdle();
    for (const { readSetId } of job.sources!) await readSetStatus(world, storeId, readSetId!, 'ACTIVE');
    const [archived, ...others] = await world.storage.usage();
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...archived, bytes: 0 },
      { scope: SCOPE, storeId, tier: 'ARCHIVED', ...counts, bytes: 0 },
    );
    await world.vault.sweep();
    let stored = 0;
    for await (const { size } of world.store.list()) stored += size;
    assert.ok(
      Math.abs(archived!.bytes - stored) < stored / 100,
      `${archived!.bytes} of ${stored} sealed bytes`,
    );
  });

  test('a gigabase takes a quarter of a gigabyte where 4 bases take a byte', () => {
    assert.equal(bytesPerGigabase({ bases: 40, bytes: 10 }), 250_000_000);
    assert.equal(bytesPerGigabase({ bases: 0, bytes: 10 }), undefined);
  });
});
