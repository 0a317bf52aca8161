import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import type { GpuDevice } from './accelerators.ts';
import { hostGpus } from './gpus.ts';
import { createTaskRunner } from './task-runner.ts';
import { BUSYBOX } from './testing/busybox-image.ts';
import { testContainers } from './testing/container-runner.ts';
import { buildGpuLook, makeGpuImage } from './testing/gpu-image.ts';
import {
  ACTOR,
  forgetGroups,
  MEBIBYTE,
  noSandbox,
  shellTask,
  temporaryDirectory,
  testSandbox,
} from './testing/testing.ts';

const directory = temporaryDirectory();
const owner = `test-gpu-${process.pid}`;
const gpus = hostGpus();
const none = gpus.length === 0 ? 'this machine has no NVIDIA GPU' : false;
forgetGroups(owner);

const PROGRAM = join(directory, 'gpu-look');
const IMAGE = 'registry.example/gpu:1';
const { backend: containers } = testContainers(directory, `${owner}-containers`);
forgetGroups(`${owner}-containers`);
const noContainers =
  none ||
  ((await containers.unavailable()) ?? (existsSync(BUSYBOX) ? false : 'busybox-static is not installed'));
if (!none) await buildGpuLook(PROGRAM);
if (!noContainers)
  await makeGpuImage(join(directory, 'build'), {
    ...{ program: PROGRAM, name: IMAGE },
    images: join(directory, 'images'),
  });

const runner = createTaskRunner({
  ...{ backends: [testSandbox(directory, owner), containers], clock: systemClock, log: silentLog },
  directory: join(directory, 'runs'),
  capacity: { cpus: 2, memoryBytes: 16_384 * MEBIBYTE, gpus },
  resolve: () => Promise.reject(new Error('no inputs here')),
});

/** What nvidia-smi lists (`GPU 0: NVIDIA A10G (UUID: GPU-...)`), which devices there are, what the driver computes. */
const LOOK = 'nvidia-smi -L | grep -c "^GPU "; ls /dev | grep "^nvidia[0-9]*$"; /programs/gpu-look; true';
/** Of 1 to 1024, each made one larger by the GPU. */
const SUM = 'sum 525824';

async function seen(attemptId: string, count: number, image?: string): Promise<readonly string[]> {
  const { resources, ...request } = shellTask(LOOK);
  const accelerators = count > 0 ? { accelerators: { count } } : {};
  const memoryBytes = 8_192 * MEBIBYTE;
  const outcome = await runner.run({
    ...{ runId: 'run', attemptId, actor: ACTOR, readable: [directory] },
    request: {
      ...{ ...request, ...(image === undefined ? {} : { image }) },
      inputs: [{ kind: 'path', path: PROGRAM, target: '/programs/gpu-look' }],
      resources: { ...resources, memoryBytes, ...accelerators },
    },
  });
  assert.equal(outcome.exitCode, 0, outcome.message);
  return readFileSync(outcome.stdoutPath, 'utf8').trim().split('\n');
}
const device = ({ minor }: GpuDevice) => `nvidia${minor}`;

describe('a task in the sandbox', { skip: none || (await noSandbox(directory)) }, () => {
  test('that asks for one GPU sees exactly one and computes on it', async () => {
    const [count, name, ...computed] = await seen('sandbox-one', 1);
    assert.deepEqual([count, ...computed], ['1', 'devices 1', SUM]);
    assert.ok(gpus.map(device).includes(name!));
  });

  test('that asks for all sees them all', async () => {
    const all = [String(gpus.length), ...gpus.map(device), `devices ${gpus.length}`, SUM];
    assert.deepEqual(await seen('sandbox-all', gpus.length), all);
  });

  test('that asks for none sees none and cannot compute', async () => {
    const [count, said, ...more] = await seen('sandbox-none', 0);
    assert.deepEqual([count, more], ['0', []]);
    assert.match(said!, /^cuInit: CUDA error \d+$/);
  });
});

describe('a task in a container', { skip: noContainers }, () => {
  test('that asks for one GPU sees exactly one, with the driver of the host in an image without one', async () => {
    const [count, name, ...computed] = await seen('container-one', 1, IMAGE);
    assert.deepEqual([count, ...computed], ['1', 'devices 1', SUM]);
    assert.ok(gpus.map(device).includes(name!));
  });

  test('that asks for none has neither GPU nor driver', async () => {
    const [count, said, ...more] = await seen('container-none', 0, IMAGE);
    assert.deepEqual([count, more], ['0', []]);
    assert.match(said!, /^libcuda\.so\.1: cannot open shared object file/);
  });
});
