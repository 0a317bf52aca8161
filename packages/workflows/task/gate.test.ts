import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Gate } from './gate.ts';

describe('a gate', () => {
  const never = new AbortController().signal;

  test('lets so many in, and the next in order as each leaves', async () => {
    const gate = new Gate(2);
    const order: number[] = [];
    const enter = async (number: number) => {
      const leave = await gate.enter(never);
      order.push(number);
      return leave;
    };
    const [first, second] = await Promise.all([enter(1), enter(2)]);
    const third = enter(3);
    const fourth = enter(4);
    await Promise.resolve();
    assert.deepEqual(order, [1, 2]);
    second!();
    second!(); // leaving twice frees one place
    await third;
    assert.deepEqual(order, [1, 2, 3]);
    first!();
    await fourth;
    assert.deepEqual(order, [1, 2, 3, 4]);
  });

  test('counts who was inside before it, above its number too', async () => {
    const gate = new Gate(1);
    const [first, second] = [gate.enterRunning(), gate.enterRunning()];
    let entered = false;
    const waiting = gate.enter(never).then((leave) => {
      entered = true;
      return leave;
    });
    first();
    await Promise.resolve();
    assert.equal(entered, false);
    second();
    (await waiting)();
    (await gate.enter(never))();
  });

  test('forgets who gave up waiting', async () => {
    const gate = new Gate(1);
    const leave = await gate.enter(never);
    const impatient = new AbortController();
    const waiting = gate.enter(impatient.signal);
    const patient = gate.enter(never);
    impatient.abort(new Error('cancelled'));
    await assert.rejects(waiting, /cancelled/);
    leave();
    (await patient)();
    await assert.rejects(gate.enter(impatient.signal), /cancelled/);
  });
});
