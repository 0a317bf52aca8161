import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`wrapped keys on ${dialect}`, { skip }, () => {
    let opened: TestRecords;
    before(async () => {
      opened = await openTestRecords({ dialect });
    });
    after(() => opened.close());

    test('an unknown key is undefined', async () => {
      assert.equal(await opened.records.keys.load('nobody'), undefined);
    });

    test('the first of several saved at once is what all get', async () => {
      const { keys } = opened.records;
      const offers = Array.from({ length: 8 }, (_, index) => ({
        wrapped: Uint8Array.from([0, 255, index]),
        parent: `parent ${index}`,
      }));
      const stored = await Promise.all(offers.map((offer) => keys.save('store/1', offer)));
      const loaded = await keys.load('store/1');
      for (const each of [...stored, loaded]) {
        assert.deepEqual([...each!.wrapped], [...stored[0]!.wrapped]);
        assert.equal(each!.parent, stored[0]!.parent);
      }
      assert.ok(offers.some(({ parent }) => parent === stored[0]!.parent));
    });
  });
}
