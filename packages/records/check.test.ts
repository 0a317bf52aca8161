import assert from 'node:assert/strict';
import { openSync, closeSync, writeSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { actorIn, type Books, declareBooks, EAST, SCOPES } from './testing/example.ts';
import { dialectsUnderTest, openTestRecords } from './testing.ts';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`checks of the whole house on ${dialect}`, { skip }, () => {
    test('a scan gives every row of every account and region once', async () => {
      let books: Books | undefined;
      const { records, close } = await openTestRecords({
        dialect,
        declare: (opened) => (books = declareBooks(opened)),
      });
      const expected: string[] = [];
      await records.transaction(async (tx) => {
        for (let number = 0; number < 1_203; number++) {
          const scope = SCOPES[number % SCOPES.length]!;
          const id = String(number);
          expected.push(`${scope.account}/${scope.region}/${id}`);
          await books!.insert(tx, { scope, id, status: 'WRITING', doc: { title: id, pages: number } });
        }
      });
      const found: string[] = [];
      for await (const { scope, id } of books!.scan(records.direct))
        found.push(`${scope.account}/${scope.region}/${id}`);
      assert.deepEqual(found.sort(), expected.sort());
      await close();
    });

    test('a sound database has no faults, and its unfinished jobs are counted', async () => {
      const { records, close } = await openTestRecords({ dialect });
      const request = { actor: actorIn(EAST), kind: 'errand', input: {} };
      await records.jobs.enqueue(records.direct, { ...request, subject: '1' });
      await records.jobs.enqueue(records.direct, { ...request, subject: '2' });
      const notBefore = Date.now() + 24 * 60 * 60 * 1000;
      await records.jobs.enqueue(records.direct, { ...request, subject: 'tomorrow', notBefore });
      assert.deepEqual(await records.check(), { faults: [], unfinishedJobs: 2, otherInstances: 0 });
      await close();
    });
  });
}

test('pages of SQLite that were overwritten are faults', async () => {
  let books: Books | undefined;
  const declare = (opened: Parameters<typeof declareBooks>[0]) => (books = declareBooks(opened));
  const first = await openTestRecords({ dialect: 'sqlite', declare });
  assert.ok(first.database.kind === 'sqlite');
  await first.records.transaction(async (tx) => {
    for (let number = 0; number < 500; number++)
      await books!.insert(tx, {
        scope: EAST,
        id: String(number),
        status: 'WRITING',
        doc: { title: 'x'.repeat(300) + number, pages: 1 },
      });
  });
  const { file } = first.database;
  await first.records.close();
  const size = statSync(file).size;
  const handle = openSync(file, 'r+');
  const page = 4096;
  // From the middle on, every other page: tables and indexes of the rows lie there.
  for (let at = Math.floor(size / 2 / page) * page; at < size - page; at += 2 * page)
    writeSync(handle, Buffer.alloc(page, 0xa5), 0, page, at);
  closeSync(handle);
  const second = await openTestRecords({ dialect: 'sqlite', database: first.database, declare });
  const { faults } = await second.records.check();
  assert.ok(faults.length > 0 && faults.every((fault) => fault.startsWith('Database: ')), faults.join('\n'));
  await second.close().catch(() => undefined); // nothing more can be written to it
  await first.close();
});
