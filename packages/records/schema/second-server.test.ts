import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, declareBooks, EAST } from '../testing/example.ts';
import { dialectsUnderTest, openTestRecords } from '../testing.ts';

const postgres = dialectsUnderTest().find(({ dialect }) => dialect === 'postgres');

test(
  'a server starts while a transaction of another is under way, and neither waits',
  { skip: postgres?.skip },
  async () => {
    let books: Books | undefined;
    const declare = (records: Parameters<typeof declareBooks>[0]) => void (books = declareBooks(records));
    const first = await openTestRecords({ dialect: 'postgres', declare });
    const here = books!;
    const written = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const underWay = first.records.transaction(async (tx) => {
      // Rows of a resource, of the outbox and of the ledger of blobs: all tables that a start looks at.
      await here.insert(tx, { scope: EAST, id: '1', status: 'WRITING', doc: { title: 'one', pages: 1 } });
      await first.records.blobs.release(tx, 'none');
      written.resolve();
      await gate.promise;
      await here.update(tx, EAST, '1', (doc) => ({ ...doc, pages: 2 }));
    });
    await written.promise;
    const second = await openTestRecords({ dialect: 'postgres', database: first.database, declare });
    gate.resolve();
    await underWay;
    assert.equal((await books!.find(second.records.direct, EAST, '1'))!.doc.pages, 2);
    await second.close();
    await first.close();
  },
);
