import { after, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { BlobLost, tables } from './index.ts';
import type { CoreTables } from './schema/tables.ts';
import { EAST } from './testing/example.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`the ledger of blobs on ${dialect}`, { skip }, () => {
    let opened: TestRecords;
    let last = 0;
    let blob = '';
    before(async () => {
      opened = await openTestRecords({ dialect });
    });
    beforeEach(async () => {
      blob = `blob-${++last}`;
      await opened.records.blobs.begin(EAST, blob);
    });
    after(() => opened.close());

    const keep = () => opened.records.transaction((tx) => opened.records.blobs.keep(tx, blob));
    const release = () => opened.records.transaction((tx) => opened.records.blobs.release(tx, blob));
    const isGarbage = async () => (await opened.records.blobs.garbage(1000)).includes(blob);
    const state = () => opened.records.blobs.state(blob);

    test('a blob being written by this process is not garbage', async () => {
      assert.equal(await state(), 'writing');
      assert.equal(await isGarbage(), false);
    });

    test('a kept blob stays until it is released and forgotten', async () => {
      await keep();
      assert.equal(await state(), 'kept');
      await opened.records.blobs.forget(blob);
      assert.equal(await state(), 'kept', 'what records point to cannot be forgotten');
      await release();
      assert.equal(await state(), 'released');
      assert.equal(await isGarbage(), true);
      await opened.records.blobs.forget(blob);
      assert.equal(await state(), undefined);
      assert.equal(await isGarbage(), false);
    });

    test('keeping again is harmless, keeping what was released or never begun is refused', async () => {
      await keep();
      await keep();
      await release();
      await assert.rejects(keep(), BlobLost);
      blob = 'never begun';
      await assert.rejects(keep(), BlobLost);
    });

    test('keeping belongs to its transaction', async () => {
      const { records } = opened;
      await assert.rejects(
        records.transaction(async (tx) => {
          await records.blobs.keep(tx, blob);
          throw new Error('rolled back');
        }),
      );
      assert.equal(await state(), 'writing');
    });

    test('what a process that is no more was writing is garbage, and cannot be kept from then on', async () => {
      await tables<CoreTables>(opened.records.direct)
        .updateTable('blob')
        .set({ instance: 'died' })
        .where('id', '=', blob)
        .execute();
      assert.equal(await isGarbage(), true);
      await assert.rejects(keep(), BlobLost);
    });

    test('a restart makes unfinished blobs garbage and leaves kept ones', async () => {
      await keep();
      const unfinished = 'unfinished at the restart';
      await opened.records.blobs.begin(EAST, unfinished);
      const { database } = opened;
      await opened.records.close();
      const again = await openTestRecords({ dialect, database });
      const garbage = await again.records.blobs.garbage(1000);
      assert.ok(garbage.includes(unfinished));
      assert.ok(!garbage.includes(blob));
      const kept = await gather(again.records.blobs.kept());
      assert.ok(kept.includes(blob));
      assert.ok(!kept.includes(unfinished));
      await again.close();
      opened = await openTestRecords({ dialect });
    });

    test('more kept blobs than fit one page are all listed', async () => {
      const { records } = opened;
      const ids = Array.from({ length: 2100 }, (_, index) => `many-${String(index).padStart(5, '0')}`);
      await Promise.all(ids.map((id) => records.blobs.begin(EAST, id)));
      await records.transaction(async (tx) => {
        for (const id of ids) await records.blobs.keep(tx, id);
      });
      const kept = await gather(records.blobs.kept());
      assert.deepEqual(
        kept.filter((id) => id.startsWith('many-')),
        ids,
      );
    });
  });
}

async function gather(ids: AsyncIterable<string>): Promise<string[]> {
  const gathered: string[] = [];
  for await (const id of ids) gathered.push(id);
  return gathered;
}
