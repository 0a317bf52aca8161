import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  CreateRunGroupResponse,
  GetRunResponse,
  ListRunTasksResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { ROLE, temporaryFolder } from '../testing.ts';
import { openTestRoom, type TestRoom } from '../testing-room.ts';
import { ended, register } from '../testing-runs.ts';

const WAITS = `version 1.0
workflow Waits {
  input { Float seconds Int cpu = 1 Int wide = 1 }
  scatter (n in range(wide)) { call wait { input: seconds = seconds, cpu = cpu } }
}
task wait {
  input { Float seconds Int cpu }
  command <<< sleep ~{seconds} >>>
  runtime { cpu: cpu memory: "64 MiB" }
}
`;

describe('runs and their limits', { timeout: 240_000 }, () => {
  let folder: string;
  let room: TestRoom;
  let workflowId: string;
  /** The quota "Workflow run duration (hours)". */
  let runHours = 168;

  before(async () => {
    folder = await temporaryFolder();
    room = await openTestRoom({
      ...{ folder, owner: `workflows-groups-${process.pid}` },
      capacity: { cpus: 16, memoryBytes: 2 ** 40 },
      limits: { activeRuns: 2, runHours: () => runHours },
    });
    await room.objects.makeBucket('bucket');
    workflowId = (await register(room, { 'main.wdl': WAITS })).id!;
  });
  after(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (parameters: object, members: object = {}) => {
    const input = { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out', parameters, ...members };
    return (await room.call<StartRunResponse>('StartRun', input)).id!;
  };
  const group = async (limits: object) =>
    (await room.call<CreateRunGroupResponse>('CreateRunGroup', limits)).id!;
  const tasks = async (id: string) =>
    (await room.call<ListRunTasksResponse>('ListRunTasks', { id, maxResults: 100 })).items!;
  const status = async (id: string) => (await room.call<GetRunResponse>('GetRun', { id })).status!;

  /** The most that overlapped of spans of time. */
  function mostAtOnce(spans: readonly { readonly startTime?: Date; readonly stopTime?: Date }[]): number {
    const at = (moment: Date) =>
      spans.filter(({ startTime, stopTime }) => startTime! <= moment && moment < stopTime!).length;
    return Math.max(...spans.map(({ startTime }) => at(startTime!)));
  }

  test('maxRuns: one of a group at a time', async () => {
    const runGroupId = await group({ maxRuns: 1 });
    const grouped = await Promise.all([0, 1].map(() => start({ seconds: 0.3 }, { runGroupId })));
    const runs = await Promise.all(grouped.map((id) => ended(room, id)));
    assert.deepEqual([...new Set(runs.map((run) => run.status))], ['COMPLETED']);
    assert.equal(mostAtOnce(runs), 1);
  });

  test('maxCpus: the tasks of all runs of a group together', async () => {
    const runGroupId = await group({ maxCpus: 4 });
    const wide = { seconds: 0.3, cpu: 2, wide: 3 };
    const ids = await Promise.all([start(wide, { runGroupId }), start(wide, { runGroupId })]);
    for (const id of ids) assert.equal((await ended(room, id)).status, 'COMPLETED');
    const all = (await Promise.all(ids.map(tasks))).flat();
    assert.equal(all.length, 6);
    assert.ok(mostAtOnce(all) <= 2);
  });

  test('a task that is larger than its group fails the run with the guide’s reason', async () => {
    const runGroupId = await group({ maxCpus: 4 });
    const run = await ended(room, await start({ seconds: 0, cpu: 8 }, { runGroupId }));
    assert.equal(run.failureReason, 'INVALID_TASK_RESOURCE_VALUE');
    assert.match(run.statusMessage!, /asks for 8 vCPUs; the run's group allows 4 at once/);
  });

  test('the account’s active runs: no more than its quota, the most urgent of a group first', async () => {
    const runGroupId = await group({ maxRuns: 1 });
    const holding = await start({ seconds: 1 }, { runGroupId });
    while ((await status(holding)) === 'PENDING') await delay(20);
    const modest = await start({ seconds: 0.1 }, { runGroupId, priority: 1 });
    const urgent = await start({ seconds: 0.1 }, { runGroupId, priority: 5 });
    const [first, second] = await Promise.all([ended(room, urgent), ended(room, modest)]);
    assert.ok(first.startTime! < second.startTime!);
    const many = await Promise.all(Array.from({ length: 3 }, () => start({ seconds: 0.2 })));
    assert.ok(mostAtOnce(await Promise.all(many.map((id) => ended(room, id)))) <= 2);
  });

  test('a run that takes longer than it may ends, and its tasks with it; with a higher quota it passes', async () => {
    runHours = 3 / 3600;
    const long = await start({ seconds: 600 });
    const run = await ended(room, long);
    assert.equal(run.status, 'FAILED');
    assert.match(run.statusMessage!, /took longer than the 0.05 minutes that the account’s quota allows/);
    // Where the machine is slow the time is over before there is a task.
    for (const { status: its } of await tasks(long)) assert.equal(its, 'CANCELLED');
    runHours = 168;
    assert.equal((await ended(room, await start({ seconds: 3.1 }))).status, 'COMPLETED');
  });
});
