import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import type { GpuDevice } from '../accelerators.ts';
import { hostGpus } from '../gpus.ts';
import { createTaskRunner } from '../task-runner.ts';
import {
  ACTOR,
  forgetGroups,
  MEBIBYTE,
  noSandbox,
  shellTask,
  temporaryDirectory,
  testSandbox,
} from '../testing/testing.ts';

const directory = temporaryDirectory();
const owner = `test-gpu-${process.pid}`;
const gpus = hostGpus();
const skip = gpus.length === 0 ? 'this machine has no NVIDIA GPU' : await noSandbox(directory);
forgetGroups(owner);

/** What nvidia-smi lists (`GPU 0: NVIDIA A10G (UUID: GPU-...)`), and which devices there are. */
const LOOK = 'nvidia-smi -L | grep -c "^GPU "; ls /dev | grep -E "^nvidia[0-9]+$"; true';

describe('GPUs of this machine', { skip }, () => {
  const runner = createTaskRunner({
    ...{ backends: [testSandbox(directory, owner)], clock: systemClock, log: silentLog },
    directory: join(directory, 'runs'),
    capacity: { cpus: 2, memoryBytes: 4096 * MEBIBYTE, gpus },
    resolve: () => Promise.reject(new Error('no inputs here')),
  });
  const seen = async (attemptId: string, count: number) => {
    const { resources, ...request } = shellTask(LOOK);
    const accelerators = count > 0 ? { accelerators: { count } } : {};
    const memoryBytes = 1024 * MEBIBYTE;
    const outcome = await runner.run({
      ...{ runId: 'run', attemptId, actor: ACTOR },
      request: { ...request, resources: { ...resources, memoryBytes, ...accelerators } },
    });
    assert.equal(outcome.exitCode, 0, outcome.message);
    return readFileSync(outcome.stdoutPath, 'utf8').trim().split('\n');
  };
  const device = ({ minor }: GpuDevice) => `nvidia${minor}`;

  test('a task that asks for one sees exactly one, and a task that asks for all sees them all', async () => {
    const [count, ...devices] = await seen('one', 1);
    assert.deepEqual([count, devices.length], ['1', 1]);
    assert.ok(gpus.map(device).includes(devices[0]!));
    assert.deepEqual(await seen('all', gpus.length), [String(gpus.length), ...gpus.map(device)].sort());
  });

  test('a task that asks for none sees none', async () => {
    assert.deepEqual(await seen('none', 0), ['0']);
  });
});
