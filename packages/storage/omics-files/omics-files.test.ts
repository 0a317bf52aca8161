import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  data,
  dataMissing,
  importReadSets,
  importReference,
  newSequenceStore,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';
import { parseOmicsUri } from './uri.ts';

describe('omics:// URIs', () => {
  const base = 'omics://123456789012.storage.us-west-2.amazonaws.com';
  const scope = { account: '123456789012', region: 'us-west-2' };

  test("the guide's forms, short and long", () => {
    const readSet = { scope, store: '8647780323', kind: 'readSet', id: '6389608538' };
    assert.deepEqual(parseOmicsUri(`${base}/8647780323/readSet/6389608538`), { ...readSet, file: 'source1' });
    assert.deepEqual(parseOmicsUri(`${base}/8647780323/readSet/6389608538/source2`), {
      ...readSet,
      file: 'source2',
    });
    assert.deepEqual(parseOmicsUri(`${base}/8647780323/readSet/6389608538/index`), {
      ...readSet,
      file: 'index',
    });
    const reference = { scope, store: '3242349265', kind: 'reference', id: '1234567890' };
    assert.deepEqual(parseOmicsUri(`${base}/3242349265/reference/1234567890`), {
      ...reference,
      file: 'source',
    });
  });

  test('anything else is refused with the form', () => {
    for (const uri of [
      `${base}/1/readSet/2/source`,
      `${base}/1/reference/2/source1`,
      's3://a/b',
      `${base}/1/run/2`,
    ])
      assert.throws(() => parseOmicsUri(uri), { name: 'ValidationException', message: /readSet\/ID/ });
  });
});

describe('files behind omics:// URIs', { skip: dataMissing }, () => {
  let world: Awaited<ReturnType<typeof temporaryWorld>>;
  before(async () => {
    world = await temporaryWorld();
  });
  after(() => world.close());
  const base = 'omics://123456789012.storage.us-east-1.amazonaws.com';

  test('a read set is opened, ranged and materialized as it was imported', async () => {
    const store = await newSequenceStore(world);
    const bytes = gzipSync('@a\nACGT\n+\nIIII\n');
    const source1 = await upload(world, 'sample.fastq.gz', bytes);
    const job = await importReadSets(world, store, [{ sourceFileType: 'FASTQ', sourceFiles: { source1 } }]);
    const uri = `${base}/${store}/readSet/${job.sources![0]!.readSetId}`;
    const { files } = world.storage;
    const head = await files.head(world.actor(), uri);
    assert.equal(head.size, bytes.length);
    assert.equal(head.name, 'sample.fastq.gz');
    const opened = await files.open(world.actor(), uri, { start: 1, end: 3 });
    assert.deepEqual(Buffer.concat(await opened.body.toArray()), bytes.subarray(1, 4));
    const plain = await files.materialize(world.actor(), uri);
    assert.match(plain.path, /sample\.fastq\.gz$/);
    assert.deepEqual(await readFile(plain.path), bytes);
    await plain.release();
    await assert.rejects(readFile(plain.path), { code: 'ENOENT' });
    await assert.rejects(files.head(world.actor(), `${uri}/index`), { name: 'ResourceNotFoundException' });
  });

  test('a reference and its index', async () => {
    const { store, id } = await importReference(world, data('virus/reference.fasta'));
    const plain = await world.storage.files.materialize(world.actor(), `${base}/${store}/reference/${id}`);
    assert.deepEqual(await readFile(plain.path), await readFile(data('virus/reference.fasta')));
    await plain.release();
    const index = await world.storage.files.head(world.actor(), `${base}/${store}/reference/${id}/index`);
    assert.equal(index.name, 'reference.fasta.fai');
  });

  test('other accounts and regions are refused, missing ids are named', async () => {
    const { files } = world.storage;
    const uri = `${base}/0000000001/readSet/0000000002`;
    for (const scope of [
      { account: '210987654321', region: 'us-east-1' },
      { account: '123456789012', region: 'eu-west-1' },
    ])
      await assert.rejects(files.head(world.actor(scope), uri), { name: 'AccessDeniedException' });
    await assert.rejects(files.head(world.actor(), uri), {
      name: 'ResourceNotFoundException',
      message: /0000000001/,
    });
  });
});
