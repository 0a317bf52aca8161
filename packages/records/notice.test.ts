import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { omicsArn } from '@helicase/kernel';
import type { Records } from './records.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';
import { type BookDoc, type BookStatus, EAST } from './testing/example.ts';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`what a change tells the outside on ${dialect}`, { skip }, () => {
    let test: TestRecords;
    let books: ReturnType<typeof declareNovels>;

    beforeEach(async () => {
      test = await openTestRecords({ dialect, declare: (records) => (books = declareNovels(records)) });
    });
    afterEach(() => test.close());

    it('stands with its event, as the resource was then', async () => {
      const { records } = test;
      const doc = { title: 'Emma', pages: 1 };
      await books.insert(records.direct, { scope: EAST, id: '1', status: 'WRITING', doc });
      await books.update(records.direct, EAST, '1', (before) => ({ ...before, pages: 2 }));
      await books.transition(records.direct, EAST, '1', 'PRINTED', {
        doc: (before) => ({ ...before, pages: 3 }),
      });
      await books.remove(records.direct, EAST, '1');
      const notices = (await records.events(0, 10)).map(({ notice }) => notice?.detail);
      const arn = omicsArn(EAST, 'novel/1');
      const common = { omicsVersion: '1.0.0', arn };
      assert.deepEqual(notices, [
        { ...common, status: 'WRITING', pages: 1 },
        undefined, // a change of the doc alone is not told
        { ...common, status: 'PRINTED', pages: 3 },
        { ...common, status: 'DELETED', pages: 3 },
      ]);
    });

    it('may belong to no resource, and comes in its place', async () => {
      const { records } = test;
      const notice = { source: 'my.app', detailType: 'Something', resources: [], detail: { a: 1 } };
      await records.announce(records.direct, EAST, [{ id: 'id-1', notice }]);
      const [event] = await records.events(0, 10);
      assert.deepEqual([event!.id, event!.notice], ['id-1', notice]);
      assert.equal(await records.lastPosition(), event!.position);
    });
  });
}

function declareNovels(records: Records) {
  return records.resource<BookDoc, BookStatus>({
    kind: 'novel',
    machine: { WRITING: { PRINTED: 'done' }, PRINTED: {}, BURNT: {} },
    announced: {
      detailType: 'Novel Status Change',
      arn: ({ scope, id }) => omicsArn(scope, `novel/${id}`),
      detail: ({ doc }) => ({ pages: doc.pages }),
    },
  });
}
