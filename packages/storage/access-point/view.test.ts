import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { GetSequenceStoreResponse } from '@aws-sdk/client-omics';
import { type BucketViewObjects, parseS3Uri, readBlobs } from '@helicase/blobs';
import {
  data,
  dataMissing,
  importReadSets,
  importReference,
  newSequenceStore,
  readSetStatus,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';

type TestWorld = Awaited<ReturnType<typeof temporaryWorld>>;

const FASTQ = gzipSync('@read\nACGT\n+\nIIII\n');
const POLICY = (arn: string, more: object = {}) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::999999999999:root' },
      Action: ['s3:GetObject', 's3:GetObjectTagging'],
      Resource: `${arn}/object/*`,
      ...more,
    },
  ],
});

describe("a store's access point", { skip: dataMissing }, () => {
  let world: TestWorld;
  let store: string;
  let s3Uri: string;
  let arn: string;
  let ids: string[];
  let view: BucketViewObjects;

  before(async () => {
    world = await temporaryWorld({ archiveAfter: 1 });
    store = await newSequenceStore(world, { propagatedSetLevelTags: ['project'] });
    const source1 = await upload(world, 'import.fastq.gz', FASTQ);
    const tags = { project: 'p1', lab: 'x' };
    const source = { sourceFileType: 'FASTQ', sourceFiles: { source1 }, tags };
    const job = await importReadSets(world, store, [source, source, source]);
    ids = job.sources!.map(({ readSetId }) => readSetId!);
    const { s3Access } = await world.call<GetSequenceStoreResponse>('GetSequenceStore', { id: store });
    s3Uri = s3Access!.s3Uri!;
    arn = s3Access!.s3AccessPointArn!;
    view = (await world.storage.view.find(world.actor(), parseS3Uri(s3Uri)!.bucket))!;
  });
  after(() => world.close());

  test("has the guide's names: the account and the store, and an alias that is a bucket name", () => {
    assert.equal(arn, `arn:aws:s3:us-east-1:123456789012:accesspoint/123456789012-${store}`);
    const { bucket, key } = parseS3Uri(s3Uri)!;
    assert.match(bucket, new RegExp(`^123456789012-${store}-[a-z0-9]+-s3alias$`));
    assert.ok(bucket.length <= 63);
    assert.equal(key, `123456789012/sequenceStore/${store}/`);
  });

  test('lists and reads the files of read sets, with their tags', async () => {
    const { key: prefix } = parseS3Uri(s3Uri)!;
    const keys = ids.map((id) => `${prefix}readSet/${id}/import.fastq.gz`).sort();
    const list = async (...asked: Parameters<BucketViewObjects['list']>) =>
      (await view.list(...asked)).map(({ key }) => key);
    assert.deepEqual(await list('', undefined, 10), keys);
    assert.deepEqual(await list(prefix, keys[0], 10), keys.slice(1));
    assert.deepEqual(await list(prefix, undefined, 2), keys.slice(0, 2));
    assert.deepEqual(await list(`${prefix}readSet/${ids[1]}/`, undefined, 10), [keys[1]]);
    assert.deepEqual(await list('999/', undefined, 10), []);
    const found = (await view.head(keys[1]!))!;
    assert.deepEqual(found.tags, [
      ['omics:subjectId', 'a-subject'],
      ['omics:sampleId', 'a-sample'],
      ['project', 'p1'],
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of readBlobs(world.vault, found.blobs)) chunks.push(chunk as Buffer);
    assert.ok(Buffer.concat(chunks).equals(FASTQ));
    assert.equal((await view.guard!.tags!(keys[1]!))!['omics:sampleId'], 'a-sample');
    assert.equal(await view.head(`${prefix}readSet/${ids[1]}/other.fastq.gz`), undefined);
  });

  test('answers InvalidObjectState for an archived file and lists it no more', async () => {
    const text = Array.from({ length: 500 }, (_, i) => `@read${i}\nACGTACGTAC\n+\nIIIIIIIIII\n`).join('');
    const source1 = await upload(world, 'many.fastq.gz', gzipSync(text, { level: 0 }));
    const job = await importReadSets(world, store, [{ sourceFileType: 'FASTQ', sourceFiles: { source1 } }]);
    const id = job.sources![0]!.readSetId!;
    const prefix = `${parseS3Uri(s3Uri)!.key}readSet/${id}/`;
    assert.equal((await view.list(prefix, undefined, 1)).length, 1);
    await world.storage.archiveIdle();
    assert.equal((await readSetStatus(world, store, id, 'ACTIVE')).status, 'ARCHIVED');
    await assert.rejects(view.head(`${prefix}many.fastq.gz`), {
      name: 'InvalidObjectState',
      message: /is ARCHIVED/,
    });
    assert.equal((await view.list(prefix, undefined, 1)).length, 0);
  });

  test('is of its own account and region alone', async () => {
    const { bucket } = parseS3Uri(s3Uri)!;
    const elsewhere = world.actor({ account: '123456789012', region: 'eu-west-1' });
    assert.equal(await world.storage.view.find(elsewhere, bucket), undefined);
    const other = bucket.replace(/.-s3alias$/, (end) => (end[0] === '0' ? '1-s3alias' : '0-s3alias'));
    assert.equal(await world.storage.view.find(world.actor(), other), undefined);
    assert.equal(view.guard!.owner, '123456789012');
  });

  test('has its alias by its ARN, and no other ARN has one', () => {
    const aliasOf = (named: string) => world.storage.view.aliasOf!(named);
    assert.equal(aliasOf(arn), parseS3Uri(s3Uri)!.bucket);
    assert.notEqual(aliasOf(arn.replace('us-east-1', 'eu-west-1')), aliasOf(arn));
    for (const other of [`arn:aws:s3:us-east-1:123456789012:accesspoint/reads`, `${arn}/object/a`, 'reads'])
      assert.equal(aliasOf(other), undefined);
  });

  test('shows references too', async () => {
    const reference = await importReference(world, data('germline/reference.fasta'));
    const { files } = await world.call<{ files: { source: { s3Access: { s3Uri: string } } } }>(
      'GetReferenceMetadata',
      { referenceStoreId: reference.store, id: reference.id },
    );
    const { bucket, key } = parseS3Uri(files.source.s3Access.s3Uri)!;
    const shelf = (await world.storage.view.find(world.actor(), bucket))!;
    assert.equal((await shelf.head(key))!.size, 39032);
    const listed = await shelf.list('', undefined, 10);
    assert.deepEqual(
      listed.map((one) => one.key.split('/').at(-1)),
      ['reference.fasta', 'reference.fasta.dict', 'reference.fasta.fai'],
    );
  });

  test('keeps an access policy, and says what cannot be one', async () => {
    const call = (name: string, more: object = {}) =>
      world.call<{ s3AccessPolicy: string }>(name, { s3AccessPointArn: arn, ...more });
    await assert.rejects(call('GetS3AccessPolicy'), { name: 'ResourceNotFoundException' });
    const text = JSON.stringify(POLICY(arn));
    assert.deepEqual(await call('PutS3AccessPolicy', { s3AccessPolicy: text }), {
      s3AccessPointArn: arn,
      storeId: store,
      storeType: 'SEQUENCE_STORE',
    });
    assert.equal((await call('GetS3AccessPolicy')).s3AccessPolicy, text);
    const refuses = (policy: unknown, message: RegExp) =>
      assert.rejects(
        call('PutS3AccessPolicy', {
          s3AccessPolicy: typeof policy === 'string' ? policy : JSON.stringify(policy),
        }),
        { name: 'ValidationException', message },
      );
    await refuses('{', /it is not JSON/);
    await refuses(POLICY(arn, { Action: 's3:PutObject' }), /Statement\[0\]\.Action has "s3:PutObject"/);
    await refuses(POLICY(arn, { Resource: 'arn:aws:s3:::other/*' }), /Statement\[0\]\.Resource has/);
    await refuses(POLICY(arn, { Principal: undefined }), /names no Principal/);
    await call('DeleteS3AccessPolicy');
    await assert.rejects(call('GetS3AccessPolicy'), { name: 'ResourceNotFoundException' });
  });
});
