import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { ListRunsResponse, StartRunResponse } from '@aws-sdk/client-omics';
import { ended, register } from '../testing-runs.ts';
import { ROLE, temporaryFolder } from '../testing.ts';
import { openTestRoom, type TestRoom } from '../testing-room.ts';

describe('the number of runs that are kept', { timeout: 60_000 }, () => {
  let folder: string;
  let room: TestRoom;
  before(async () => {
    folder = await temporaryFolder();
    const limits = { keptRuns: 3 };
    room = await openTestRoom({ folder, owner: `kept-runs-test-${process.pid}`, limits });
    await room.objects.makeBucket('bucket');
  });
  after(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });

  // The guide: "the earliest runs with REMOVE retention mode are deleted first. This makes room for new runs to start."
  test('at the limit the oldest finished REMOVE run goes; with none the next run is refused', async () => {
    const { id: workflowId } = await register(room, { 'main.wdl': 'version 1.0\nworkflow Empty {}\n' });
    const start = async (retentionMode: string) => {
      const request = { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out', retentionMode };
      const { id } = await room.call<StartRunResponse>('StartRun', request);
      await ended(room, id);
      while (await room.records.jobs.find(room.records.direct, room.scope, 'run', id!))
        await new Promise((resolve) => setTimeout(resolve, 20));
      return id!;
    };
    const kept = async () =>
      (await room.call<ListRunsResponse>('ListRuns', {})).items!.map(({ id }) => id).toReversed();
    const first = await start('RETAIN');
    const second = await start('REMOVE');
    const third = await start('REMOVE');
    const fourth = await start('RETAIN');
    assert.deepEqual(await kept(), [first, third, fourth], `${second} made room`);
    const fifth = await start('RETAIN');
    assert.deepEqual(await kept(), [first, fourth, fifth], `${third} made room`);
    await assert.rejects(start('RETAIN'), {
      code: 'ServiceQuotaExceededException',
      message: /none with retention mode REMOVE has finished/,
    });
  });
});
