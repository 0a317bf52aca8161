import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ListReferenceStoresResponse, ReferenceStoreDetail } from '@aws-sdk/client-omics';
import { dialectsUnderTest, openTestRecords, type TestRecords } from '@helicase/records';
import { data, dataMissing, importReference, temporaryWorld } from '../testing/stories.ts';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`reference stores on ${dialect}`, { skip }, () => {
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
    const create = (name: string) => world.call<ReferenceStoreDetail>('CreateReferenceStore', { name });

    test('an account has one per region, and of two requests at once one wins', async () => {
      const outcomes = await Promise.allSettled([create('MyReferenceStore'), create('MyReferenceStore')]);
      const won = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const lost = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
      assert.equal(won.length, 1);
      const { id, arn } = won[0]!;
      assert.equal(arn, `arn:aws:omics:us-east-1:123456789012:referenceStore/${id}`);
      assert.equal(lost[0]!.name, 'ServiceQuotaExceededException');
      assert.match(lost[0]!.message, new RegExp(id!));
      const found = await world.call<ReferenceStoreDetail>('GetReferenceStore', { id });
      assert.deepEqual(found, won[0]);
    });

    test('lists are filtered by name and time', async () => {
      const list = async (filter: object) => {
        const page = await world.call<ListReferenceStoresResponse>('ListReferenceStores', { filter });
        return page.referenceStores!.length;
      };
      assert.equal(await list({ name: 'MyReferenceStore' }), 1);
      assert.equal(await list({ name: 'another' }), 0);
      assert.equal(await list({ createdAfter: new Date(0) }), 1);
      assert.equal(await list({ createdBefore: new Date(0) }), 0);
      const backwards = { createdAfter: new Date(2), createdBefore: new Date(1) };
      await assert.rejects(list(backwards), { name: 'ValidationException', message: /filter\.createdAfter/ });
    });

    test('only an empty one is deleted', { skip: dataMissing }, async () => {
      const reference = await importReference(world, data('germline/reference.fasta'));
      await assert.rejects(world.call('DeleteReferenceStore', { id: reference.store }), {
        name: 'ConflictException',
        message: /holds references: 1/,
      });
      await world.call('DeleteReference', { referenceStoreId: reference.store, id: reference.id });
      await world.call('DeleteReferenceStore', { id: reference.store });
      await assert.rejects(world.call('GetReferenceStore', { id: reference.store }), {
        name: 'ResourceNotFoundException',
        message: new RegExp(reference.store),
      });
    });

    test('a customer key is refused, not ignored', async () => {
      const sseConfig = { type: 'KMS', keyArn: 'arn:aws:kms:us-east-1:123456789012:key/1' };
      await assert.rejects(world.call('CreateReferenceStore', { name: 'a', sseConfig }), {
        name: 'ValidationException',
        message: /sseConfig\.keyArn/,
      });
    });
  });
}
