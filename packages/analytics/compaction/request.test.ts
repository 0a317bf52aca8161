import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootPrincipal, systemClock } from '@helicase/kernel';
import { openTestRecords } from '@helicase/records';
import { askToMerge, tableOf } from './request.ts';

test('a table that changes while it is merged is looked at once more', async (t) => {
  const { close, records } = await openTestRecords({ dialect: 'sqlite' });
  t.after(close);
  const looked: string[] = [];
  const begun = Promise.withResolvers<void>();
  const ending = Promise.withResolvers<void>();
  records.jobs.register({
    kind: 'merge',
    concurrency: 1,
    async run({ subject }) {
      looked.push(tableOf(subject));
      begun.resolve();
      await ending.promise;
    },
    async exhausted() {},
  });
  records.jobs.start();
  const actor = {
    scope: { account: '123456789012', region: 'us-east-1' },
    principal: rootPrincipal('123456789012'),
  };
  const ask = () =>
    records.transaction((tx) => askToMerge(records.jobs, tx, { actor, kind: 'merge', table: 'table' }));
  await ask();
  await begun.promise;
  await ask();
  await ask();
  ending.resolve();
  while ((await records.jobs.depths()).length > 0) await systemClock.sleep(5);
  assert.deepEqual(looked, ['table', 'table']);
});
