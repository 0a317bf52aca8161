import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rolePrincipal, type Scope } from '@helicase/kernel';
import { HeldJobs, openTestRecords } from '@helicase/records';
import { ANNOTATION_IMPORT_KIND, IMPORT_KIND } from './model.ts';
import { enqueueImport, registerImports } from './queue.ts';

const OURS = '111122223333';
const principal = rolePrincipal(`arn:aws:iam::${OURS}:role/Import`, 'AROATEST');

describe('the quota "Concurrent variant or annotation store import jobs"', { timeout: 60_000 }, () => {
  test('reached by imports of one kind, those of the other wait too; raised, they begin', async () => {
    let most = 1;
    const held = new HeldJobs();
    const worker = (kind: string) => ({ kind, run: held.run, exhausted: async () => {} });
    const { close, records } = await openTestRecords({
      dialect: 'sqlite',
      declare: (opened) => {
        const quota = ({ account }: Scope) => (account === OURS ? most : 5);
        registerImports(opened, [worker(IMPORT_KIND), worker(ANNOTATION_IMPORT_KIND)], quota);
      },
    });
    const enqueue = (account: string, kind: string, id: string) => {
      const actor = { scope: { account, region: 'us-east-1' }, principal };
      return records.transaction((tx) => enqueueImport(records, tx, actor, kind, id));
    };
    try {
      await enqueue(OURS, IMPORT_KIND, 'variants');
      await enqueue(OURS, ANNOTATION_IMPORT_KIND, 'annotations');
      records.jobs.start();
      await held.until('variants');
      await enqueue('444455556666', ANNOTATION_IMPORT_KIND, 'theirs');
      await held.until('theirs');
      assert.deepEqual(held.begun, ['variants', 'theirs']);
      most = 2;
      await enqueue(OURS, IMPORT_KIND, 'more variants');
      await held.until('annotations');
      assert.deepEqual(held.begun, ['variants', 'theirs', 'annotations']);
    } finally {
      await records.jobs.stop();
      await close();
    }
  });
});
