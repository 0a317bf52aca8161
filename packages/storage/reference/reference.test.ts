import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { GetReferenceMetadataResponse, ListReferencesResponse } from '@aws-sdk/client-omics';
import type { StreamedPayload } from '@helicase/wire';
import {
  bytesOf,
  data,
  dataMissing,
  importReadSets,
  importReference,
  newSequenceStore,
  referenceJobOver,
  run,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';
import { ROLE } from '../testing/world.ts';

type Payload = { payload: StreamedPayload };

describe('references', { skip: dataMissing }, () => {
  let world: Awaited<ReturnType<typeof temporaryWorld>>;
  let reference: Awaited<ReturnType<typeof importReference>>;
  const file = data('germline/reference.fasta');
  before(async () => {
    world = await temporaryWorld();
    reference = await importReference(world, file, 'MyReference');
  });
  after(() => world.close());
  const get = (more: object) =>
    world.call<Payload>('GetReference', {
      referenceStoreId: reference.store,
      id: reference.id,
      partNumber: 1,
      ...more,
    });

  test('the import job tells the reference that it made', () => {
    assert.equal(reference.job.status, 'COMPLETED');
    const [source] = reference.job.sources!;
    assert.equal(source!.status, 'FINISHED');
    assert.equal(source!.name, 'MyReference');
  });

  test('metadata has the md5 of the file and the sizes of its files', async () => {
    const { store, id, arn } = reference;
    const found = await world.call<GetReferenceMetadataResponse>('GetReferenceMetadata', {
      referenceStoreId: store,
      id,
    });
    assert.equal(found.md5, (await run('md5sum', [file])).slice(0, 32));
    assert.equal(found.arn, arn);
    assert.equal(found.status, 'ACTIVE');
    const { s3Access, ...source } = found.files!.source!;
    assert.deepEqual(source, { totalParts: 1, partSize: 104857600, contentLength: 39032 });
    assert.match(
      s3Access!.s3Uri!,
      /^s3:\/\/.*-s3alias\/\d{12}\/referenceStore\/\d+\/reference\/\d+\/reference.fasta$/,
    );
    assert.equal(found.files!.index!.contentLength, (await bytesOf(await get({ file: 'INDEX' }))).length);
  });

  test('lists are filtered by name and md5', async () => {
    const ids = async (filter: object) => {
      const input = { referenceStoreId: reference.store, filter };
      return (await world.call<ListReferencesResponse>('ListReferences', input)).references!.map(
        ({ id }) => id,
      );
    };
    assert.deepEqual(await ids({ name: 'MyReference' }), [reference.id]);
    assert.deepEqual(await ids({ md5: '0'.repeat(32) }), []);
  });

  test('bytes come by part and range, as they were', async () => {
    const bytes = await readFile(file);
    assert.deepEqual(await bytesOf(await get({})), bytes);
    const ranged = await get({ range: 'bytes=100-199' });
    assert.equal(ranged.payload.contentRange, 'bytes 100-199/39032');
    assert.deepEqual(await bytesOf(ranged), bytes.subarray(100, 200));
    assert.deepEqual(await bytesOf(await get({ range: 'bytes=-10' })), bytes.subarray(-10));
    assert.deepEqual(await bytesOf(await get({ range: '100-199' })), bytes.subarray(100, 200));
    await assert.rejects(get({ partNumber: 2 }), { name: 'RangeNotSatisfiableException', message: /Part 2/ });
    await assert.rejects(get({ range: 'bytes=39032-' }), { name: 'RangeNotSatisfiableException' });
    await assert.rejects(get({ range: 'lines=1-2' }), { name: 'ValidationException' });
  });

  test('the index is what samtools faidx makes', async () => {
    const copy = `${world.folder}/reference.fasta`;
    await run('cp', [file, copy]);
    await run('samtools', ['faidx', copy]);
    assert.deepEqual(await bytesOf(await get({ file: 'INDEX' })), await readFile(`${copy}.fai`));
  });

  test('other rooms get contigs, and files that samtools opens, plain and bgzip', async () => {
    const packed = `${world.folder}/packed.fa.gz`;
    await run('cp', [file, packed.slice(0, -3)]);
    await run('bgzip', [packed.slice(0, -3)]);
    const bgzip = await importReference(world, packed, 'packed');
    const dictionary = await run('samtools', ['dict', '-H', file]);
    for (const { arn } of [reference, bgzip]) {
      const contigs = await world.storage.references.contigs(world.actor(), arn);
      const lines = contigs.map(({ name, length, md5 }) => `@SQ\tSN:${name}\tLN:${length}\tM5:${md5}`);
      assert.deepEqual(
        lines,
        dictionary
          .trimEnd()
          .split('\n')
          .map((line) => line.split('\t').slice(0, 4).join('\t')),
      );
      const plain = await world.storage.references.materialize(world.actor(), arn);
      const region = 'chrM:100-120';
      assert.equal(
        await run('samtools', ['faidx', plain.path, region]),
        await run('samtools', ['faidx', `${world.folder}/reference.fasta`, region]),
      );
      await plain.release();
    }
    const elsewhere = world.actor({ account: '210987654321', region: 'us-east-1' });
    assert.equal(await world.storage.references.find(elsewhere, reference.arn), undefined);
  });

  test('broken and gzip files are refused with the place, and make no reference', async () => {
    const broken: [string, string | Uint8Array, RegExp][] = [
      [
        'uneven.fa',
        Buffer.from('>a\nACGT\nAC\nACG\n'),
        /references\/uneven\.fa: line 4: contig a has lines of different/,
      ],
      ['reads.fa.gz', data('virus/reads_R1.fastq.gz'), /recompress it with bgzip/],
      ['empty.fa', new Uint8Array(), /the file is empty/],
    ];
    for (const [name, content, message] of broken) {
      const sourceFile = await upload(world, `references/${name}`, content);
      const input = { referenceStoreId: reference.store, roleArn: ROLE, sources: [{ sourceFile, name }] };
      const { id } = await world.call<{ id: string }>('StartReferenceImportJob', input);
      const job = await referenceJobOver(world, reference.store, id);
      assert.equal(job.status, 'FAILED');
      assert.match(job.sources![0]!.statusMessage!, message);
    }
  });

  test('one that a read set is linked to is not deleted', async () => {
    const store = await newSequenceStore(world);
    const bam = `${world.folder}/tiny.bam`;
    const sam = '@SQ\tSN:chr1\tLN:15624\na\t0\tchr1\t1\t60\t4M\t*\t0\t0\tACGT\tIIII\n';
    await run('samtools', ['view', '-b', '-o', bam, '-'], Buffer.from(sam));
    const source1 = await upload(world, 'tiny.bam', bam);
    const source = { sourceFileType: 'BAM', referenceArn: reference.arn, sourceFiles: { source1 } };
    const job = await importReadSets(world, store, [source]);
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    const named = { referenceStoreId: reference.store, id: reference.id };
    await assert.rejects(world.call('DeleteReference', named), {
      name: 'ConflictException',
      message: new RegExp(`read set ${job.sources![0]!.readSetId}`),
    });
    await world.call('BatchDeleteReadSet', { sequenceStoreId: store, ids: [job.sources![0]!.readSetId] });
    await world.call('DeleteReference', named);
    await assert.rejects(world.call('GetReferenceMetadata', named), { name: 'ResourceNotFoundException' });
  });
});
