import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type {
  GetReadSetActivationJobResponse,
  GetReadSetExportJobResponse,
  GetReadSetMetadataResponse,
} from '@aws-sdk/client-omics';
import type { StreamedPayload } from '@helicase/wire';
import {
  alignGermline,
  bytesOf,
  data,
  dataMissing,
  importReadSets,
  importReference,
  newSequenceStore,
  over,
  readSetStatus,
  run,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';
import { ROLE } from '../testing/world.ts';

type TestWorld = Awaited<ReturnType<typeof temporaryWorld>>;

/** The first thousand reads. */
async function reads(path: string): Promise<string> {
  const text = gunzipSync(await readFile(data(path))).toString();
  return text.split('\n').slice(0, 4000).join('\n') + '\n';
}

describe('the archive', { skip: dataMissing }, () => {
  let world: TestWorld;
  let store: string;
  let reference: string;
  let bam: string;
  const made: string[] = [];

  before(async () => {
    // Everything that was not used for a millisecond is idle.
    world = await temporaryWorld({ archiveAfter: 1 });
    store = await newSequenceStore(world);
    reference = (await importReference(world, data('germline/reference.fasta'))).arn;
    bam = await alignGermline(world.folder);
  });
  after(() => world.close());
  afterEach(async () => {
    const ids = made.splice(0);
    await world.call('BatchDeleteReadSet', { sequenceStoreId: store, ids });
    await world.vault.sweep();
  });

  const importOne = async (source: object) => {
    const job = await importReadSets(world, store, [source]);
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    const id = job.sources![0]!.readSetId!;
    made.push(id);
    return id;
  };
  const file = (id: string, part: string) =>
    world.call<{ payload: StreamedPayload }>('GetReadSet', {
      sequenceStoreId: store,
      id,
      file: part,
      partNumber: 1,
    });
  const archive = async (id: string) => {
    await world.storage.archiveIdle();
    return readSetStatus(world, store, id, 'ACTIVE');
  };
  const activate = async (id: string) => {
    const input = { sequenceStoreId: store, sources: [{ readSetId: id }] };
    const started = await world.call<{ id: string }>('StartReadSetActivationJob', input);
    const job = await over(() =>
      world.call<GetReadSetActivationJobResponse>('GetReadSetActivationJob', {
        sequenceStoreId: store,
        id: started.id,
      }),
    );
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    assert.deepEqual(await told(started.id), [
      'Read Set Activation Job Status Change SUBMITTED',
      'Read Set Activation Job Status Change IN_PROGRESS',
      'Read Set Activation Job Status Change COMPLETED',
    ]);
    return world.call<GetReadSetMetadataResponse>('GetReadSetMetadata', { sequenceStoreId: store, id });
  };
  /** What EventBridge is told of a job. */
  const told = async (id: string) => {
    const events = await world.records.events(0, 10_000);
    return events
      .filter((event) => event.id === id && event.notice)
      .map(({ notice }) => `${notice!.detailType} ${(notice!.detail as { status: string }).status}`);
  };
  const stored = async (): Promise<number> => {
    await world.vault.sweep();
    let sum = 0;
    for await (const { size } of world.store.list()) sum += size;
    return sum;
  };

  test('a BAM is smaller there, and comes back at the same URI with the same ETag and records', async () => {
    // With MD and NM, which CRAM derives by itself, on some reads only; and a read group, which CRAM moves.
    const tagged = `${world.folder}/tagged.bam`;
    const lines = (await run('samtools', ['view', '-h', bam])).split('\n');
    const text = lines.map((line, i) =>
      line === '' || line.startsWith('@')
        ? line
        : i % 3
          ? `${line}\tRG:Z:a\tXX:i:${i}`
          : line.replace(/\tNM:i:\d+/, ''),
    );
    await run(
      'samtools',
      ['view', '-b', '-o', tagged, '-'],
      Buffer.from('@RG\tID:a\tSM:s\n' + text.join('\n')),
    );
    const source1 = await upload(world, 'tagged.bam', tagged);
    const id = await importOne({ sourceFileType: 'BAM', referenceArn: reference, sourceFiles: { source1 } });
    const active = await readSetStatus(world, store, id);
    const before = await stored();
    assert.equal((await archive(id)).status, 'ARCHIVED');
    assert.ok((await stored()) < before - 300_000, 'the original is gone');
    await assert.rejects(file(id, 'SOURCE1'), { name: 'ConflictException', message: /is ARCHIVED/ });
    const again = await activate(id);
    assert.equal(again.status, 'ACTIVE');
    assert.deepEqual(again.etag, active.etag);
    assert.equal(again.files!.source1!.s3Access!.s3Uri, active.files!.source1!.s3Access!.s3Uri);
    const copy = `${world.folder}/copy.bam`;
    await writeFile(copy, await bytesOf(await file(id, 'SOURCE1')));
    await writeFile(`${copy}.bai`, await bytesOf(await file(id, 'INDEX')));
    assert.equal(await run('samtools', ['view', copy]), await run('samtools', ['view', tagged]));
    assert.equal(
      await run('samtools', ['view', copy, 'chr1:5000-6000']),
      await run('samtools', ['view', '--expr', 'rname=="chr1" && pos<=6000 && endpos>=5000', tagged]),
    );
  });

  test('a FASTQ pair comes back with its names, comments, order and qualities', async () => {
    const texts = [await reads('virus/reads_R1.fastq.gz'), await reads('virus/reads_R2.fastq.gz')] as const;
    const sources = {
      source1: await upload(world, 'R1.fastq.gz', gzipSync(texts[0])),
      source2: await upload(world, 'R2.fastq.gz', gzipSync(texts[1])),
    };
    const id = await importOne({ sourceFileType: 'FASTQ', sourceFiles: sources });
    const { etag } = await readSetStatus(world, store, id);
    assert.equal((await archive(id)).status, 'ARCHIVED');
    assert.deepEqual((await activate(id)).etag, etag);
    assert.equal(gunzipSync(await bytesOf(await file(id, 'SOURCE1'))).toString(), texts[0]);
    assert.equal(gunzipSync(await bytesOf(await file(id, 'SOURCE2'))).toString(), texts[1]);
  });

  test('what CRAM cannot hold is compressed as it is', async () => {
    const lower = (await reads('germline/wgs1_R1.fastq.gz')).replaceAll(/^[ACGTN]+$/gm, (bases) =>
      bases.toLowerCase(),
    );
    const source1 = await upload(world, 'lower.fastq.gz', gzipSync(lower));
    const id = await importOne({ sourceFileType: 'FASTQ', sourceFiles: { source1 } });
    assert.equal((await archive(id)).status, 'ARCHIVED');
    assert.equal((await activate(id)).status, 'ACTIVE');
    assert.equal(gunzipSync(await bytesOf(await file(id, 'SOURCE1'))).toString(), lower);
  });

  test('a CRAM and an unaligned BAM keep their ETags too', async () => {
    const cram = `${world.folder}/germline.cram`;
    await run('samtools', ['view', '-C', '-T', data('germline/reference.fasta'), '-o', cram, bam]);
    const ubam = `${world.folder}/unaligned.bam`;
    await run(
      'samtools',
      ['import', '-0', '-', '-o', ubam],
      Buffer.from(await reads('germline/wgs1_R1.fastq.gz')),
    );
    const sources = [
      {
        sourceFileType: 'CRAM',
        referenceArn: reference,
        sourceFiles: { source1: await upload(world, 'a.cram', cram) },
      },
      { sourceFileType: 'UBAM', sourceFiles: { source1: await upload(world, 'a.bam', ubam) } },
    ];
    for (const source of sources) {
      const id = await importOne(source);
      const { etag } = await readSetStatus(world, store, id);
      assert.equal((await archive(id)).status, 'ARCHIVED', source.sourceFileType);
      assert.deepEqual((await activate(id)).etag, etag);
    }
  });

  test('an export writes the files of ACTIVE read sets and says why others are not', async () => {
    const source1 = await upload(world, 'export.bam', bam);
    const id = await importOne({ sourceFileType: 'BAM', referenceArn: reference, sourceFiles: { source1 } });
    const started = await world.call<{ id: string }>('StartReadSetExportJob', {
      sequenceStoreId: store,
      destination: 's3://reads/exported/',
      roleArn: ROLE,
      sources: [{ readSetId: id }, { readSetId: '1234567890' }],
    });
    const job = await over(() =>
      world.call<GetReadSetExportJobResponse>('GetReadSetExportJob', {
        sequenceStoreId: store,
        id: started.id,
      }),
    );
    assert.equal(job.status, 'COMPLETED_WITH_FAILURES');
    assert.equal(job.destination, 's3://reads/exported/');
    assert.deepEqual(
      job.readSets!.map(({ status }) => status),
      ['FINISHED', 'FAILED'],
    );
    assert.match(job.readSets![1]!.statusMessage!, /There is no read set 1234567890/);
    assert.deepEqual(await told(started.id), [
      'Read Set Export Job Status Change SUBMITTED',
      'Read Set Export Job Status Change IN_PROGRESS',
      'Read Set Export Job Status Change COMPLETED_WITH_FAILURES',
    ]);
    const exported = world.objects.pathOf(`s3://reads/exported/${id}/export.bam`);
    assert.equal(await run('samtools', ['view', exported]), await run('samtools', ['view', bam]));
    assert.ok((await readFile(`${exported}.bai`)).equals(await bytesOf(await file(id, 'INDEX'))));
  });
});
