import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, rootPrincipal, systemClock } from '@helicase/kernel';
import { openTestRecords } from '@helicase/records';
import { HISTORY_KEPT, type ImportHistory, importHistory } from './history.ts';
import { declareImportJobs, IMPORT_KIND, type ImportJobs } from './model.ts';

// Guide, "Annotation store import jobs", note: the history of import jobs is auto-deleted after two years.
test('an import job is found for two years, and not longer', { timeout: 60_000 }, async (t) => {
  const scope = { account: '111122223333', region: 'us-east-1' };
  const actor = { scope, principal: rootPrincipal(scope.account) };
  let now = Date.now();
  const clock: Clock = { ...systemClock, now: () => now };
  let jobs!: ImportJobs;
  let history!: ImportHistory;
  const { records, close } = await openTestRecords({
    dialect: 'sqlite',
    declare: (opened) => {
      jobs = declareImportJobs(opened);
      history = importHistory(opened, clock, { [IMPORT_KIND]: jobs });
    },
  });
  t.after(close);
  const started = (id: string, status: 'COMPLETED' | 'IN_PROGRESS') =>
    records.transaction(async (tx) => {
      const doc = {
        ...{ destination: 'store', storeId: '1', referenceArn: undefined, roleArn: 'arn', items: [] },
        ...{ runLeftNormalization: false, annotationFields: {} },
      };
      await jobs.insert(tx, { scope, id, status, doc });
      await history.keep(tx, actor, IMPORT_KIND, id);
    });
  await started('new', 'COMPLETED');
  now -= HISTORY_KEPT;
  await started('endless', 'IN_PROGRESS');
  await started('old', 'COMPLETED');
  records.jobs.start();
  t.after(() => records.jobs.stop());
  const found = async () =>
    (await jobs.list(records.direct, scope, { limit: 10 })).rows.map(({ id }) => id).sort();
  while ((await found()).includes('old')) await systemClock.sleep(10);
  assert.deepEqual(await found(), ['endless', 'new']);
});
