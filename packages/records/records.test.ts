import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import type { Scope } from '@helicase/kernel';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';
import type { ResourceTable, Transaction } from './index.ts';

const east: Scope = { account: '111122223333', region: 'us-east-1' };

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`smoke on ${dialect}`, { skip }, () => {
    let opened: TestRecords;
    let stores: ResourceTable<{ name: string }, 'CREATING' | 'ACTIVE', 'name', Transaction>;
    before(async () => {
      opened = await openTestRecords({
        dialect,
        declare: (records) => {
          stores = records.resource({
            kind: 'sequence-store',
            machine: { CREATING: { ACTIVE: 'made' }, ACTIVE: {} },
            columns: { name: (doc: { name: string }) => doc.name },
            unique: ['name'],
          });
        },
      });
    });
    after(() => opened.close());
    test('insert, transition, events, job', async () => {
      const { records } = opened;
      const ran: string[] = [];
      const done = Promise.withResolvers<void>();
      records.jobs.register({
        kind: 'x',
        concurrency: 4,
        run: async (run) => {
          await run.checkpoint({ step: 1 });
          await run.commit((tx) => stores.transition(tx, east, '1', 'ACTIVE'));
          ran.push(run.subject);
          done.resolve();
        },
        exhausted: async () => {},
      });
      records.jobs.start();
      await records.transaction(async (tx) => {
        await stores.insert(tx, { scope: east, id: '1', status: 'CREATING', doc: { name: 'a' } });
        await records.jobs.enqueue(tx, {
          actor: { scope: east, principal: { account: east.account, kind: 'root', arn: 'x', id: 'y' } },
          kind: 'x',
          subject: '1',
          input: {},
        });
      });
      await done.promise;
      const events = await records.events(0, 10);
      assert.deepEqual(
        events.map((e) => [e.position, e.type, e.from, e.to, e.why, e.revision]),
        [
          [1, 'created', undefined, 'CREATING', undefined, 1],
          [2, 'transition', 'CREATING', 'ACTIVE', 'made', 2],
        ],
      );
      assert.equal(
        (await stores.list(records.direct, east, { limit: 10, where: { name: 'a' } })).rows.length,
        1,
      );
    });
  });
}
