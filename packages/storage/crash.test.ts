import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ListReadSetsResponse } from '@aws-sdk/client-omics';
import { seeded, workAndDie } from './testing/kill.ts';
import {
  blobStates,
  data,
  dataMissing,
  newSequenceStore,
  readSetJobOver,
  startReadSets,
  temporaryWorld,
  upload,
} from './testing/stories.ts';
import { openWorld, ROLE, type World } from './testing/world.ts';

/** `npm run test:crash-storage` kills 200 times. */
const KILLS = Number(process.env['HELICASE_STORAGE_KILLS'] ?? 5);
const LONGEST = 600;

describe('a server that is killed while it imports, uploads, archives, activates, exports and deletes', () => {
  test(
    'loses nothing that was acknowledged, shows nothing half, and leaves no bytes',
    { skip: dataMissing },
    async () => {
      const random = seeded(Number(process.env['HELICASE_CRASH_SEED'] ?? 2026));
      const first = await temporaryWorld();
      const { folder } = first;
      await first.records.jobs.stop();
      const store = await newSequenceStore(first);
      const reads = await someReads();
      const source1 = await upload(first, 'reads.fastq.gz', reads);
      const sources = Array.from({ length: 4 }, () => ({
        sourceFileType: 'FASTQ',
        sourceFiles: { source1 },
      }));
      const job = await startReadSets(first, store, sources);
      await first.records.close();

      const deleted = new Set<string>();
      const uploaded: string[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const world = await openWorld({ folder, works: false });
        if (kill % 3 === 0) uploaded.push(await uploadReads(world, store, reads));
        await askFor(world, store, deleted, random.next().value);
        await world.records.close();
        await workAndDie(folder, random.next().value * LONGEST, 'archive');
      }

      const last = await openWorld({ folder });
      const imported = await readSetJobOver(last, store, job);
      assert.equal(imported.status, 'COMPLETED', imported.statusMessage);
      await settled(last, store);
      const made = [...imported.sources!.map(({ readSetId }) => readSetId!), ...uploaded];
      const left = made.filter((id) => !deleted.has(id)).sort();
      const list = await last.call<ListReadSetsResponse>('ListReadSets', { sequenceStoreId: store });
      assert.deepEqual(list.readSets!.map(({ id }) => id).sort(), left);
      for (const { etag, status } of list.readSets!) {
        assert.deepEqual(etag, list.readSets![0]!.etag, 'the same reads have the same ETag, in either tier');
        assert.match(status!, /^(?:ACTIVE|ARCHIVED)$/);
      }
      await last.vault.sweep();
      const owned = new Set<string>();
      for await (const { blob } of last.storage.blobs()) owned.add(blob.id);
      assert.deepEqual(new Set((await blobStates(last)).keys()), owned);
      await last.close();
      await first.close().catch(() => {});
    },
  );
});

/** Some of the virus' reads: enough that the archive is smaller. */
async function someReads(): Promise<Buffer> {
  const text = gunzipSync(await readFile(data('virus/reads_R1.fastq.gz'))).toString();
  return gzipSync(text.split('\n').slice(0, 4000).join('\n') + '\n');
}

async function uploadReads(world: World, store: string, reads: Buffer): Promise<string> {
  const said = { sourceFileType: 'FASTQ', subjectId: 's', sampleId: 's', name: 'uploaded' };
  const input = { sequenceStoreId: store, ...said };
  const { uploadId } = await world.call<{ uploadId: string }>('CreateMultipartReadSetUpload', input);
  const part = { partNumber: 1, partSource: 'SOURCE1' };
  const payload = Readable.from([reads], { objectMode: false });
  const on = { sequenceStoreId: store, uploadId };
  const { checksum } = await world.call<{ checksum: string }>('UploadReadSetPart', {
    ...on,
    ...part,
    payload,
  });
  const parts = [{ ...part, checksum }];
  return (await world.call<{ readSetId: string }>('CompleteMultipartReadSetUpload', { ...on, parts }))
    .readSetId;
}

/** Activates what is archived, exports what is active, now and then deletes one. */
async function askFor(world: World, store: string, deleted: Set<string>, chance: number): Promise<void> {
  const { readSets } = await world.call<ListReadSetsResponse>('ListReadSets', { sequenceStoreId: store });
  const withStatus = (status: string) =>
    readSets!.filter((one) => one.status === status).map(({ id }) => ({ readSetId: id! }));
  const [active, archived] = [withStatus('ACTIVE'), withStatus('ARCHIVED')];
  const on = { sequenceStoreId: store };
  if (archived.length > 0) await world.call('StartReadSetActivationJob', { ...on, sources: archived });
  const destination = 's3://reads/exported/';
  if (active.length > 0)
    await world.call('StartReadSetExportJob', { ...on, destination, roleArn: ROLE, sources: active });
  if (chance > 0.3) return;
  for (const { readSetId } of [...active, ...archived].slice(0, 1)) {
    const { errors } = await world.call<{ errors: unknown[] }>('BatchDeleteReadSet', {
      ...on,
      ids: [readSetId],
    });
    assert.deepEqual(errors, []);
    deleted.add(readSetId);
  }
}

/** Waits until no read set is on its way and no job is unfinished. */
async function settled(world: World, store: string): Promise<void> {
  for (let moving = true; moving; await delay(100)) {
    const on = { sequenceStoreId: store };
    const { readSets } = await world.call<ListReadSetsResponse>('ListReadSets', on);
    const jobs = await Promise.all(
      ['Export', 'Activation'].flatMap((kind) =>
        ['SUBMITTED', 'IN_PROGRESS'].map((status) =>
          world.call<Readonly<Record<string, readonly unknown[]>>>(`ListReadSet${kind}Jobs`, {
            ...on,
            filter: { status },
          }),
        ),
      ),
    );
    moving =
      readSets!.some(({ status }) => status === 'PROCESSING_UPLOAD' || status === 'ACTIVATING') ||
      jobs.some((page) => (page['exportJobs'] ?? page['activationJobs'] ?? []).length > 0);
  }
}
