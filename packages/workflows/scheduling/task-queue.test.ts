import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '@helicase/kernel';
import { type QueuedRun, TaskQueue, type TaskLimits } from './task-queue.ts';

const scope = { account: '111122223333', region: 'us-east-1' };
const never = new AbortController().signal;
const task = (cpus = 1) => ({ cpus, memoryBytes: 1 });
const settled = () => new Promise((resolve) => setImmediate(resolve));

function queue(cpus = 8, limits: Partial<TaskLimits> = {}) {
  return new TaskQueue({
    clock: systemClock,
    capacity: { cpus, memoryBytes: 2 ** 30 },
    refusal: (resources) => (resources.cpus > cpus ? `this machine has ${cpus} vCPUs` : undefined),
    limits: { concurrentTasksPerRun: 25, activeCpus: 3000, ...limits },
  });
}

const run = (id: string, changes: Partial<QueuedRun> = {}): QueuedRun => ({
  ...{ scope, id, priority: 0, ...changes },
});

describe('the queue of tasks', () => {
  test('a run has so many tasks at once, and the next goes in order as each leaves', async () => {
    const places = queue(8, { concurrentTasksPerRun: 2 }).open(run('a'));
    const order: number[] = [];
    const enter = async (number: number) => {
      const leave = await places.enter(task(), never);
      order.push(number);
      return leave;
    };
    const [, second] = await Promise.all([enter(1), enter(2)]);
    const [third, fourth] = [enter(3), enter(4)];
    await settled();
    assert.deepEqual(order, [1, 2]);
    second();
    second(); // leaving twice frees one place
    const leave = await third;
    assert.deepEqual(order, [1, 2, 3]);
    leave();
    await fourth;
  });

  test('quotas that were raised hold for the runs that begin then', async () => {
    let [concurrentTasksPerRun, activeCpus] = [1, 2];
    const tasks = queue(64, {
      concurrentTasksPerRun: () => concurrentTasksPerRun,
      activeCpus: () => activeCpus,
    });
    const enterTwo = async (id: string, cpus: number) => {
      const places = tasks.open(run(id));
      const entered = [1, 2].map(() => places.enter(task(cpus), never));
      let count = 0;
      for (const place of entered) void place.then(() => (count += 1));
      await settled();
      const leaveAll = async () => {
        for (const place of entered) (await place)();
        places.close();
      };
      return { count, leaveAll };
    };
    const narrow = await enterTwo('a', 1);
    assert.equal(narrow.count, 1, 'one task of a run at once');
    await narrow.leaveAll();
    concurrentTasksPerRun = 2;
    const wide = await enterTwo('b', 1);
    assert.equal(wide.count, 2);
    await wide.leaveAll();
    const few = await enterTwo('c', 2);
    assert.equal(few.count, 1, 'two CPUs of the account at once');
    await few.leaveAll();
    activeCpus = 4;
    const many = await enterTwo('d', 2);
    assert.equal(many.count, 2);
    await many.leaveAll();
  });

  test('a task that runs since before has its place, above the limit too', async () => {
    const places = queue(8, { concurrentTasksPerRun: 1 }).open(run('a'));
    const [first, second] = [places.enterRunning(task()), places.enterRunning(task())];
    let entered = false;
    const waiting = places.enter(task(), never).then(() => (entered = true));
    first();
    await settled();
    assert.equal(entered, false);
    second();
    await waiting;
  });

  test('whoever gives up waiting makes way', async () => {
    const places = queue(8, { concurrentTasksPerRun: 1 }).open(run('a'));
    const leave = await places.enter(task(), never);
    const impatient = new AbortController();
    const waiting = places.enter(task(), impatient.signal);
    const patient = places.enter(task(), never);
    impatient.abort(new Error('cancelled'));
    await assert.rejects(waiting, /cancelled/);
    leave();
    await patient;
    await assert.rejects(places.enter(task(), impatient.signal), /cancelled/);
  });

  test('runs of one group share its CPUs, and follow when the group is changed', async () => {
    const tasks = queue(64);
    const group = { id: '1234567', doc: { maxCpus: 4 } };
    const [a, b] = [tasks.open(run('a', { group })), tasks.open(run('b', { group }))];
    await a.enter(task(4), never);
    let entered = false;
    const waiting = b.enter(task(2), never).then(() => (entered = true));
    await settled();
    assert.equal(entered, false);
    tasks.limitGroup(scope, '1234567', { maxCpus: 6 });
    await waiting;
  });

  test('the queue of a thousand of one run holds up no other run', async () => {
    const tasks = queue(2);
    const [wide, narrow] = [tasks.open(run('wide')), tasks.open(run('narrow'))];
    const done: string[] = [];
    const work = async (places: typeof wide, name: string) => {
      const leave = await places.enter(task(), never);
      await settled();
      done.push(name);
      leave();
    };
    const all = Array.from({ length: 1000 }, () => work(wide, 'wide'));
    await work(narrow, 'narrow');
    assert.ok(done.length < 10, `${done.length} were before it`);
    await Promise.all(all);
  });

  test('what can never have a place is told at once', () => {
    const tasks = queue(64, { activeCpus: 16, activeGpus: 1 });
    const places = tasks.open(run('a', { group: { id: '1', doc: { maxCpus: 8 } } }));
    assert.equal(places.refusal(task(8)), undefined);
    assert.equal(
      places.refusal(task(12))?.message,
      "The task asks for 12 vCPUs; the run's group allows 8 at once.",
    );
    assert.equal(
      places.refusal(task(20))?.message,
      "The task asks for 20 vCPUs; the account's quotas allow 16 at once.",
    );
    assert.equal(
      places.refusal({ ...task(), accelerators: { count: 2 } })?.message,
      "The task asks for 2 GPUs; the account's quotas allow 1 at once.",
    );
    const message = 'this machine has 64 vCPUs';
    // Instances of the service have up to 96.
    assert.deepEqual(places.refusal(task(65)), { reason: 'INSTANCE_RESERVATION_FAILED', message });
    assert.deepEqual(places.refusal(task(97)), { reason: 'INVALID_TASK_RESOURCE_VALUE', message });
  });
});
