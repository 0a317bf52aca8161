import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Admission } from './admission.ts';

const GIBIBYTE = 2 ** 30;
const machine = () => new Admission({ cpus: 4, memoryBytes: 8 * GIBIBYTE });
const small = { cpus: 1, memoryBytes: GIBIBYTE };
const large = { cpus: 4, memoryBytes: GIBIBYTE };
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('waiting for processors and memory', () => {
  test('tasks wait while memory or processors do not suffice', async () => {
    const admission = machine();
    const place = await admission.enter({ cpus: 1, memoryBytes: 6 * GIBIBYTE });
    let entered = false;
    const second = admission.enter({ cpus: 1, memoryBytes: 3 * GIBIBYTE }).then(() => (entered = true));
    await settled();
    assert.equal(entered, false);
    place.leave();
    await second;
    assert.equal(entered, true);
  });

  test('thousands that wait with one signal give up when it aborts, and those that are in do not', async () => {
    const admission = machine();
    const run = new AbortController();
    const place = await admission.enter(large, run.signal);
    const waiting = Array.from({ length: 3000 }, () => admission.enter(small, run.signal));
    run.abort();
    const ends = await Promise.allSettled(waiting);
    assert.equal(ends.filter(({ status }) => status === 'rejected').length, 3000);
    place.leave();
    (await admission.enter(large)).leave();
  });

  test('a large task is not overtaken by small ones that came later', async () => {
    const admission = machine();
    const order: string[] = [];
    const place = await admission.enter(small);
    const waiting = [
      admission.enter(large).then((entered) => (order.push('large'), entered.leave())),
      ...[1, 2, 3].map((index) =>
        admission.enter(small).then((entered) => (order.push(`small ${index}`), entered.leave())),
      ),
    ];
    await settled();
    assert.deepEqual(order, []);
    place.leave();
    await Promise.all(waiting);
    assert.deepEqual(order, ['large', 'small 1', 'small 2', 'small 3']);
  });

  test('what gave up waiting makes way for those behind it', async () => {
    const admission = machine();
    await admission.enter(small);
    const abort = new AbortController();
    const given = admission.enter(large, abort.signal);
    const next = admission.enter(small);
    abort.abort();
    await assert.rejects(given, /Cancelled before its turn/);
    await next;
  });

  test('leaving twice gives back once', async () => {
    const admission = machine();
    const place = await admission.enter(large);
    place.leave();
    place.leave();
    await admission.enter(large);
    let entered = false;
    void admission.enter(small).then(() => (entered = true));
    await settled();
    assert.equal(entered, false);
  });

  test('fractions of processors add up', async () => {
    const admission = machine();
    for (let index = 0; index < 40; index++) await admission.enter({ cpus: 0.1, memoryBytes: 1 });
    let entered = false;
    void admission.enter({ cpus: 0.1, memoryBytes: 1 }).then(() => (entered = true));
    await settled();
    assert.equal(entered, false);
  });

  test('a task that is larger than the machine is refused with what the machine has', async () => {
    await assert.rejects(
      machine().enter({ cpus: 8, memoryBytes: 16 * GIBIBYTE }),
      /asks for 8 vCPUs and 16 GiB of memory; this machine has 4 vCPUs and 8 GiB/,
    );
  });

  test('no more tasks at once than the limit, however little they ask for', async () => {
    const admission = new Admission({ cpus: 4, memoryBytes: GIBIBYTE, tasks: 2 });
    const tiny = { cpus: 0.1, memoryBytes: 1 };
    const [first] = await Promise.all([admission.enter(tiny), admission.enter(tiny)]);
    let entered = false;
    const third = admission.enter(tiny).then(() => (entered = true));
    await settled();
    assert.equal(entered, false);
    first.leave();
    await third;
  });
});

describe('waiting for GPUs', () => {
  const t4 = (minor: number) => ({ minor, model: 'Tesla T4' });
  const a10g = (minor: number) => ({ minor, model: 'NVIDIA A10G' });
  const host = () => new Admission({ cpus: 8, memoryBytes: GIBIBYTE, gpus: [t4(0), a10g(1)] });
  const wish = (count: number, type?: string) => ({
    ...{ cpus: 1, memoryBytes: 1 },
    accelerators: { count, ...(type === undefined ? {} : { type }) },
  });

  test("a task gets GPUs of the guide's type, each one task at a time", async () => {
    const admission = host();
    const first = await admission.enter(wish(1, 'nvidia-tesla-a10g'));
    assert.deepEqual(first.gpus, [a10g(1)]);
    const second = await admission.enter(wish(1, 'nvidia-tesla-t4-a10g'));
    assert.deepEqual(second.gpus, [t4(0)]);
    const third = admission.enter(wish(1));
    first.leave();
    assert.deepEqual((await third).gpus, [a10g(1)]);
  });

  test('a task that needs none takes none', async () => {
    assert.deepEqual((await host().enter(small)).gpus, []);
  });

  test('a GPU stands for the types that the operator names, and for no other', async () => {
    const h100 = { minor: 0, model: 'NVIDIA H100 80GB HBM3', standsFor: ['nvidia-tesla-t4-a10g'] };
    const admission = new Admission({ cpus: 8, memoryBytes: GIBIBYTE, gpus: [h100] });
    assert.deepEqual((await admission.enter(wish(1, 'nvidia-tesla-t4-a10g'))).gpus, [h100]);
    await assert.rejects(admission.enter(wish(1, 'nvidia-tesla-t4')), /this machine has NVIDIA H100/);
  });

  test('what the machine has not is refused in words', async () => {
    await assert.rejects(host().enter(wish(2, 'nvidia-tesla-t4')), {
      message:
        'The task asks for 2 GPUs of type nvidia-tesla-t4; this machine has Tesla T4, NVIDIA A10G for tasks. ' +
        'Run it on a machine that has them, or let those of this one stand for that type ' +
        '(the option acceleratorTypes, HELICASE_ACCELERATOR_TYPES).',
    });
    await assert.rejects(machine().enter(wish(1)), /asks for 1 GPU; this machine has no GPU for tasks/);
  });
});
