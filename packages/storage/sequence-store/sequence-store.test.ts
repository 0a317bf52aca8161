import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { GetSequenceStoreResponse, ListSequenceStoresResponse } from '@aws-sdk/client-omics';
import { dialectsUnderTest, openTestRecords, type TestRecords } from '@helicase/records';
import { importReadSets, newSequenceStore, temporaryWorld, upload } from '../testing/stories.ts';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`sequence stores on ${dialect}`, { skip }, () => {
    let records: TestRecords;
    let world: Awaited<ReturnType<typeof temporaryWorld>>;
    before(async () => {
      records = await openTestRecords({ dialect });
      world = await temporaryWorld({ database: records.database });
    });
    after(async () => {
      await world.close();
      await records.close();
    });
    const list = (input: object) => world.call<ListSequenceStoresResponse>('ListSequenceStores', input);

    test('one is created ACTIVE with what was given and the default ETag family', async () => {
      const given = { name: 'MySequenceStore', description: 'reads', fallbackLocation: 's3://a-bucket' };
      const id = await newSequenceStore(world, given);
      const found = await world.call<GetSequenceStoreResponse>('GetSequenceStore', { id });
      const { name, description, fallbackLocation } = found;
      assert.deepEqual({ name, description, fallbackLocation }, given);
      assert.equal(found.arn, `arn:aws:omics:us-east-1:123456789012:sequenceStore/${id}`);
      assert.equal(found.eTagAlgorithmFamily, 'MD5up');
      assert.equal(found.status, 'ACTIVE');
    });

    test('pages follow each other, and a token is good for its own list only', async () => {
      for (const name of ['b', 'c', 'd']) await newSequenceStore(world, { name });
      const first = await list({ maxResults: 3 });
      const { nextToken } = first;
      const second = await list({ maxResults: 3, nextToken });
      assert.equal(second.nextToken, undefined);
      const names = [first, second].map((page) => page.sequenceStores!.map(({ name }) => name));
      assert.deepEqual(names, [['MySequenceStore', 'b', 'c'], ['d']]);
      await assert.rejects(list({ nextToken, filter: { name: 'b' } }), { name: 'ValidationException' });
      const other = { account: '210987654321', region: 'us-east-1' };
      await assert.rejects(world.call('ListSequenceStores', { nextToken }, other), {
        name: 'ValidationException',
      });
    });

    test('filters narrow the list', async () => {
      const names = async (filter: object) =>
        (await list({ filter })).sequenceStores!.map(({ name }) => name);
      assert.deepEqual(await names({ name: 'c' }), ['c']);
      assert.deepEqual(await names({ status: 'FAILED' }), []);
      assert.deepEqual(await names({ updatedBefore: new Date(0) }), []);
    });

    test('a filter of times is part of the question: its pages are full', async () => {
      const all = (await list({})).sequenceStores!;
      const updatedAfter = all[0]!.updateTime!;
      const expected = all.filter(({ updateTime }) => updateTime! > updatedAfter);
      const page = await list({ filter: { updatedAfter }, maxResults: 1 });
      assert.deepEqual(page.sequenceStores, expected.slice(0, 1));
      const backwards = { updatedAfter: new Date(2), updatedBefore: new Date(1) };
      await assert.rejects(list({ filter: backwards }), { name: 'ValidationException' });
    });

    test('only an empty one is deleted', async () => {
      const id = await newSequenceStore(world);
      const source1 = await upload(world, 'a.fastq.gz', gzipSync('@a\nA\n+\nI\n'));
      const job = await importReadSets(world, id, [{ sourceFileType: 'FASTQ', sourceFiles: { source1 } }]);
      const conflict = { name: 'ConflictException', message: /holds read sets: 1/ };
      await assert.rejects(world.call('DeleteSequenceStore', { id }), conflict);
      const ids = [job.sources![0]!.readSetId, '0000000001'];
      const deleted = await world.call<{ errors: object[] }>('BatchDeleteReadSet', {
        sequenceStoreId: id,
        ids,
      });
      assert.deepEqual(deleted.errors, [
        {
          id: '0000000001',
          code: 'ResourceNotFoundException',
          message: `There is no read set 0000000001 in sequence store ${id}. ListReadSets names those that there are.`,
        },
      ]);
      await world.call('DeleteSequenceStore', { id });
      await assert.rejects(world.call('GetSequenceStore', { id }), { name: 'ResourceNotFoundException' });
      await world.vault.sweep();
      for await (const blob of world.store.list()) assert.fail(`blob ${blob.id} was left behind`);
    });
  });
}
