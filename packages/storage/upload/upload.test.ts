import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  CompleteMultipartReadSetUploadResponse,
  CreateMultipartReadSetUploadResponse,
  GetReadSetMetadataResponse,
  ListMultipartReadSetUploadsResponse,
  ListReadSetUploadPartsResponse,
  UploadReadSetPartResponse,
} from '@aws-sdk/client-omics';
import type { StreamedPayload } from '@helicase/wire';
import {
  blobStates,
  bytesOf,
  data,
  dataMissing,
  newSequenceStore,
  readSetStatus,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';

type TestWorld = Awaited<ReturnType<typeof temporaryWorld>>;

describe('direct uploads', { skip: dataMissing }, () => {
  let world: TestWorld;
  let store: string;
  let reads: readonly [Buffer, Buffer];

  before(async () => {
    world = await temporaryWorld();
    store = await newSequenceStore(world);
    reads = [
      await readFile(data('virus/reads_R1.fastq.gz')),
      await readFile(data('virus/reads_R2.fastq.gz')),
    ];
  });
  after(() => world.close());

  const begin = async (more: object = {}) => {
    const input = { sourceFileType: 'FASTQ', subjectId: 'mySubject', sampleId: 'mySample', name: 'HG00146' };
    const made = await world.call<CreateMultipartReadSetUploadResponse>('CreateMultipartReadSetUpload', {
      sequenceStoreId: store,
      ...input,
      ...more,
    });
    return made.uploadId!;
  };
  const put = async (uploadId: string, partNumber: number, bytes: Uint8Array, partSource = 'SOURCE1') => {
    const payload = Readable.from([bytes], { objectMode: false });
    const input = { sequenceStoreId: store, uploadId, partSource, partNumber, payload };
    const { checksum } = await world.call<UploadReadSetPartResponse>('UploadReadSetPart', input);
    return { partNumber, partSource, checksum };
  };
  const complete = async (uploadId: string, parts: readonly object[]) => {
    const input = { sequenceStoreId: store, uploadId, parts };
    return world.call<CompleteMultipartReadSetUploadResponse>('CompleteMultipartReadSetUpload', input);
  };
  const halves = (bytes: Buffer) => [bytes.subarray(0, 700_000), bytes.subarray(700_000)] as const;

  test('a pair in parts becomes an ACTIVE read set of the same bytes', async () => {
    const id = await begin({ generatedFrom: '1000 Genomes', description: 'FASTQ for HG00146' });
    const parts = [];
    for (const [source, bytes] of [['SOURCE1', reads[0]] as const, ['SOURCE2', reads[1]] as const])
      for (const [index, part] of halves(bytes).entries()) parts.push(await put(id, index + 1, part, source));
    assert.equal(parts[0]!.checksum, createHash('sha256').update(halves(reads[0])[0]).digest('base64'));
    const listed = await world.call<ListReadSetUploadPartsResponse>('ListReadSetUploadParts', {
      sequenceStoreId: store,
      uploadId: id,
      partSource: 'SOURCE2',
    });
    assert.deepEqual(
      listed.parts!.map(({ partNumber, partSize }) => [partNumber, partSize]),
      [
        [1, 700_000],
        [2, 536_216],
      ],
    );
    const { readSetId } = await complete(id, parts);
    assert.deepEqual(await complete(id, parts), { readSetId }, 'completed again, it answers the same');
    const found = await readSetStatus(world, store, readSetId!);
    assert.equal(found.status, 'ACTIVE', found.statusMessage);
    assert.equal(found.creationType, 'UPLOAD');
    assert.equal(found.sequenceInformation!.totalReadCount, 47_108);
    assert.match(found.files!.source1!.s3Access!.s3Uri!, /\/HG00146_source1\.fastq\.gz$/);
    const { payload } = await world.call<{ payload: StreamedPayload }>('GetReadSet', {
      sequenceStoreId: store,
      id: readSetId,
      file: 'SOURCE2',
      partNumber: 1,
    });
    assert.ok((await bytesOf({ payload })).equals(reads[1]));
  });

  test('a part sent again under its number replaces the first', async () => {
    const id = await begin();
    await put(id, 1, Buffer.from('something else'));
    const part = await put(id, 1, reads[0]);
    const { readSetId } = await complete(id, [part]);
    assert.equal((await readSetStatus(world, store, readSetId!)).status, 'ACTIVE');
  });

  test('a list of parts that does not fit is refused, and nothing happens', async () => {
    const id = await begin();
    const [one, two] = [await put(id, 1, halves(reads[0])[0]), await put(id, 2, halves(reads[0])[1])];
    const refuses = (parts: readonly object[], message: RegExp) =>
      assert.rejects(complete(id, parts), { name: 'ValidationException', message });
    await refuses([two, one], /part 1 of SOURCE1 is missing before part 2/);
    await refuses([one], /part 2 of SOURCE1 was uploaded but is not named/);
    await refuses([one, two, { ...two, partNumber: 3 }], /part 3 of SOURCE1 was not uploaded/);
    await refuses([one, one, two], /part 1 of SOURCE1 is named twice/);
    await refuses([one, { ...two, checksum: one.checksum }], /part 2 of SOURCE1 has the checksum/);
    const { uploads } = await world.call<ListMultipartReadSetUploadsResponse>('ListMultipartReadSetUploads', {
      sequenceStoreId: store,
    });
    assert.ok(uploads!.some(({ uploadId }) => uploadId === id));
    await world.call('AbortMultipartReadSetUpload', { sequenceStoreId: store, uploadId: id });
  });

  test('an aborted upload is gone with its bytes', async () => {
    await world.vault.sweep();
    const before = await blobStates(world);
    const id = await begin();
    await put(id, 1, reads[0]);
    await world.call('AbortMultipartReadSetUpload', { sequenceStoreId: store, uploadId: id });
    await world.vault.sweep();
    assert.deepEqual(await blobStates(world), before);
    await assert.rejects(put(id, 2, reads[0]), { name: 'ResourceNotFoundException' });
  });

  test('a part of more than 100 MiB is refused, and leaves nothing', async () => {
    const id = await begin();
    const before = await blobStates(world);
    const chunk = Buffer.alloc(1 << 20);
    const payload = Readable.from(
      Array.from({ length: 101 }, () => chunk),
      { objectMode: false },
    );
    const input = { sequenceStoreId: store, uploadId: id, partSource: 'SOURCE1', partNumber: 1, payload };
    await assert.rejects(world.call('UploadReadSetPart', input), {
      name: 'ValidationException',
      message: /Part 1 of SOURCE1 is larger than 104857600 bytes/,
    });
    assert.deepEqual(await blobStates(world), before);
  });

  test('files that are refused go to the fallback location', async () => {
    await upload(world, 'made', Buffer.from('x'));
    store = await newSequenceStore(world, { fallbackLocation: 's3://reads/fallback/' });
    const id = await begin();
    const plain = Buffer.from('@read\nACGT\n+\nIIII\n');
    const { readSetId } = await complete(id, [await put(id, 1, plain)]);
    const failed = await readSetStatus(world, store, readSetId!);
    assert.equal(failed.status, 'UPLOAD_FAILED');
    assert.match(
      failed.statusMessage!,
      /^HG00146: it is not gzip: .*gzip only\. The files are in s3:\/\/reads\/fallback\/\d+\/\.$/,
    );
    const folder = world.objects.pathOf(`s3://reads/fallback/${readSetId}`);
    assert.deepEqual(await readdir(folder), ['HG00146_source1.fastq.gz']);
    assert.ok((await readFile(`${folder}/HG00146_source1.fastq.gz`)).equals(plain));
    await world.call('BatchDeleteReadSet', { sequenceStoreId: store, ids: [readSetId] });
    await assert.rejects(
      world.call<GetReadSetMetadataResponse>('GetReadSetMetadata', { sequenceStoreId: store, id: readSetId }),
      { name: 'ResourceNotFoundException' },
    );
  });

  test('an upload that nobody completes expires with its parts', async () => {
    const brief = await temporaryWorld({ uploadLifetime: 200 });
    const empty = await newSequenceStore(brief);
    const input = {
      sequenceStoreId: empty,
      sourceFileType: 'FASTQ',
      subjectId: 's',
      sampleId: 's',
      name: 'n',
    };
    const { uploadId } = await brief.call<CreateMultipartReadSetUploadResponse>(
      'CreateMultipartReadSetUpload',
      input,
    );
    const payload = Readable.from([reads[0]], { objectMode: false });
    await brief.call('UploadReadSetPart', {
      ...{ sequenceStoreId: empty, uploadId, partSource: 'SOURCE1', partNumber: 1 },
      payload,
    });
    for (let gone = false; !gone; await delay(20)) {
      const { uploads } = await brief.call<ListMultipartReadSetUploadsResponse>(
        'ListMultipartReadSetUploads',
        {
          sequenceStoreId: empty,
        },
      );
      gone = uploads!.length === 0;
    }
    await brief.vault.sweep();
    assert.equal((await blobStates(brief)).size, 0);
    await brief.call('DeleteSequenceStore', { id: empty });
    await brief.close();
  });
});
