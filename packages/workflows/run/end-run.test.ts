import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '@helicase/kernel';
import { dialectsUnderTest, openTestRecords } from '@helicase/records';
import { type TaskDoc, taskTable } from '../task/model.ts';
import { workflowTable } from '../workflow/model.ts';
import { runBatchTable } from '../run-batch/model.ts';
import { workflowVersionTable } from '../workflow-version/model.ts';
import { nothingShared } from '../workflow/owner.ts';
import { endRun } from './end-run.ts';
import { type RunDoc, runTable } from './model.ts';

const scope = { account: '111111111111', region: 'us-east-1' };

const runDoc: RunDoc = {
  workflowId: '7',
  uuid: '3d6b2d5e-6f5b-4d3c-9a51-5a4f6c1d2e3f',
  roleArn: 'arn:aws:iam::111111111111:role/Runs',
  outputUri: 's3://results',
  runOutputUri: 's3://results/1',
  parameters: {},
  storageType: 'DYNAMIC',
  logLevel: 'ALL',
  retentionMode: 'RETAIN',
  tags: {},
  startedBy: 'arn:aws:iam::111111111111:root',
};

const taskDoc: TaskDoc = {
  call: 'align',
  attempt: 1,
  name: 'align',
  uuid: '9c1e1c0a-41c4-4c1f-8f0a-0f3b2a1d4e5f',
  cpus: 1,
  memoryGiB: 1,
  gpus: 0,
  instanceType: 'omics.c.large',
  starts: 1,
};

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`the end of a run on ${dialect}`, { skip }, () => {
    test('no task stays RUNNING when its run fails, and finished ones stay as they are', async () => {
      let tables: ReturnType<typeof declare> | undefined;
      const { records, close } = await openTestRecords({ dialect, declare: (r) => (tables = declare(r)) });
      try {
        const { runs, tasks } = tables!;
        const options = { ...tables!, records, shares: nothingShared, clock: systemClock };
        await records.transaction(async (tx) => {
          await runs.insert(tx, { scope, id: '1', status: 'RUNNING', doc: runDoc });
          const task = { scope, parent: '1', doc: taskDoc };
          await tasks.insert(tx, { ...task, id: '11', status: 'RUNNING' });
          await tasks.insert(tx, { ...task, id: '12', status: 'COMPLETED' });
          await tasks.insert(tx, { ...task, id: '13', parent: '2', status: 'RUNNING' });
        });
        await records.transaction(async (tx) => {
          const run = (await runs.find(tx, scope, '1'))!;
          await endRun(options, tx, run, { status: 'FAILED', reason: 'SERVICE_ERROR', message: 'given up' });
        });
        const run = (await runs.find(records.direct, scope, '1'))!;
        assert.equal(run.status, 'FAILED');
        assert.equal(run.statusMessage, 'given up');
        assert.equal(run.doc.failureReason, 'SERVICE_ERROR');
        const statusOf = async (id: string) => (await tasks.find(records.direct, scope, id))?.status;
        assert.equal(await statusOf('11'), 'CANCELLED');
        assert.equal(await statusOf('12'), 'COMPLETED');
        assert.equal(await statusOf('13'), 'RUNNING', 'a task of another run');
        assert.equal((await tasks.find(records.direct, scope, '11'))?.doc.stopTime, run.doc.stopTime);
      } finally {
        await close();
      }
    });
  });
}

function declare(records: Parameters<typeof runTable>[0]) {
  return {
    runs: runTable(records),
    tasks: taskTable(records),
    workflows: workflowTable(records),
    workflowVersions: workflowVersionTable(records),
    runBatches: runBatchTable(records),
  };
}
