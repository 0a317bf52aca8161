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
    const leave = await admission.enter({ cpus: 1, memoryBytes: 6 * GIBIBYTE });
    let entered = false;
    const second = admission.enter({ cpus: 1, memoryBytes: 3 * GIBIBYTE }).then(() => (entered = true));
    await settled();
    assert.equal(entered, false);
    leave();
    await second;
    assert.equal(entered, true);
  });

  test('a large task is not overtaken by small ones that came later', async () => {
    const admission = machine();
    const order: string[] = [];
    const leave = await admission.enter(small);
    const waiting = [
      admission.enter(large).then((done) => (order.push('large'), done())),
      ...[1, 2, 3].map((index) =>
        admission.enter(small).then((done) => (order.push(`small ${index}`), done())),
      ),
    ];
    await settled();
    assert.deepEqual(order, []);
    leave();
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
    const leave = await admission.enter(large);
    leave();
    leave();
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
});
