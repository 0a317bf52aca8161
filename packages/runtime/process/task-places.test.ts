import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import { forgetGroups, MEBIBYTE, temporaryDirectory, testGroups } from '../testing/testing.ts';
import { TaskPlaces } from './task-places.ts';

const directory = temporaryDirectory();
const owner = `test-places-${process.pid}`;
const groups = testGroups(owner);
const places = new TaskPlaces({
  ...{ clock: systemClock, log: silentLog, programs: join(directory, 'programs') },
  groups: () => groups!,
});
forgetGroups(owner);

const program = {
  ...{ command: ['true'], folder: directory, environment: { PATH: '/usr/bin:/bin' }, stdin: '/dev/null' },
  ...{ stdoutPath: join(directory, 'out'), stderrPath: join(directory, 'err') },
};
const limits = { cpus: 1, memoryBytes: 64 * MEBIBYTE, processes: 100 };

describe('the place of a task', { skip: groups ? false : 'no control groups can be made here' }, () => {
  test('that was killed just as the task ended by itself is given to no other task', async () => {
    await places.prepare();
    for (let round = 0; round < 3; round++) {
      const place = places.take(`attempt-${round}`, limits);
      const { ending } = await place.start(program);
      // The launcher's last words are read; that it was killed is heard of later.
      assert.deepEqual(await ending, { code: 0, signal: null });
      place.kill();
      await place.leave();
    }
    await places.close();
    assert.deepEqual(groups!.list(), []);
  });
});
