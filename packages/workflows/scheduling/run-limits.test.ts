import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rolePrincipal, type Scope, systemClock } from '@helicase/kernel';
import { HeldJobs, openTestRecords } from '@helicase/records';
import { runGroupTable } from '../run-group/model.ts';
import { runLane, runLimits } from './run-limits.ts';

const OURS = '111122223333';
const principal = rolePrincipal(`arn:aws:iam::${OURS}:role/Run`, 'AROATEST');

describe('the quota "Active workflow runs"', { timeout: 60_000 }, () => {
  test('reached, the account’s next run waits, and others’ do not; raised, it begins', async () => {
    let most = 1;
    const held = new HeldJobs();
    const { close, records } = await openTestRecords({
      dialect: 'sqlite',
      declare: (opened) => {
        const activeRuns = ({ account }: Scope) => (account === OURS ? most : 10);
        opened.jobs.register<object, undefined>({
          ...{ kind: 'run', concurrency: 50, run: held.run, exhausted: async () => {} },
          limits: runLimits({
            ...{ records: opened, runGroups: runGroupTable(opened), clock: systemClock },
            limits: { activeRuns },
          }),
        });
      },
    });
    const enqueue = (account: string, subject: string) => {
      const scope = { account, region: 'us-east-1' };
      const lane = runLane(scope, undefined);
      const job = { actor: { scope, principal }, kind: 'run', subject, input: {}, lane };
      return records.transaction((tx) => records.jobs.enqueue(tx, job));
    };
    try {
      await enqueue(OURS, 'first');
      await enqueue(OURS, 'second');
      records.jobs.start();
      await held.until('first');
      await enqueue('444455556666', 'theirs');
      await held.until('theirs');
      assert.deepEqual(held.begun, ['first', 'theirs']);
      most = 2;
      await enqueue(OURS, 'third');
      await held.until('second');
      assert.deepEqual(held.begun, ['first', 'theirs', 'second']);
    } finally {
      await records.jobs.stop();
      await close();
    }
  });
});
