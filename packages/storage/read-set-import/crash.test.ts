import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ListReadSetsResponse } from '@aws-sdk/client-omics';
import { seeded, workAndDie } from '../testing/kill.ts';
import {
  alignGermline,
  blobStates,
  data,
  dataMissing,
  importReference,
  newSequenceStore,
  readSetJobOver,
  run,
  startReadSets,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';
import { openWorld } from '../testing/world.ts';

const KILLS = 8;

describe('an import whose server is killed', { skip: dataMissing }, () => {
  test('is resumed by the next one: every source once, nothing half, no bytes left over', async () => {
    const first = await temporaryWorld();
    const { folder } = first;
    const reference = await importReference(first, data('germline/reference.fasta'));
    const store = await newSequenceStore(first);
    const bam = await alignGermline(folder);
    const sources = await sourcesOf(first, reference.arn, bam);
    await first.records.jobs.stop();
    const job = await startReadSets(first, store, sources);
    await first.records.close();

    const random = seeded(2026);
    for (let kill = 0; kill < KILLS; kill++) await workAndDie(folder, random.next().value * 400);

    const last = await openWorld({ folder });
    const over = await readSetJobOver(last, store, job);
    assert.equal(over.status, 'COMPLETED', over.statusMessage);
    const list = await last.call<ListReadSetsResponse>('ListReadSets', { sequenceStoreId: store });
    assert.deepEqual(
      list.readSets!.map(({ id }) => id).sort(),
      over.sources!.map(({ readSetId }) => readSetId).sort(),
    );
    const digest = (await run('md5sum', [], Buffer.from(await run('samtools', ['view', bam])))).slice(0, 32);
    for (const readSet of list.readSets!.filter(({ fileType }) => fileType === 'BAM'))
      assert.equal(readSet.etag!.source1, digest);

    await last.vault.sweep();
    const states = await blobStates(last);
    assert.deepEqual(
      [...states].filter(([, state]) => state !== 'kept'),
      [],
    );
    // Equal contents are there once: the pair's two files, the BAM's reads; per BAM a header and an index; and the
    // reference's FASTA, index and dictionary.
    assert.equal(states.size, 2 + 1 + (sources.length / 2) * 2 + 3);
    await last.close();
  });
});

async function sourcesOf(world: Parameters<typeof upload>[0], referenceArn: string, bam: string) {
  const pair = {
    source1: await upload(world, 'R1.fastq.gz', data('virus/reads_R1.fastq.gz')),
    source2: await upload(world, 'R2.fastq.gz', data('virus/reads_R2.fastq.gz')),
  };
  const aligned = { source1: await upload(world, 'germline.bam', bam) };
  return Array.from({ length: 16 }, (_, i) =>
    i % 2 === 0
      ? { sourceFileType: 'FASTQ', sourceFiles: pair }
      : { sourceFileType: 'BAM', referenceArn, sourceFiles: aligned },
  );
}
