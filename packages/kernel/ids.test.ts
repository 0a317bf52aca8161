import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clock } from './effects.ts';
import { systemRandom } from './effects.ts';
import { Ids } from './ids.ts';

const stopped: Clock = { now: () => Date.UTC(2026, 10, 23), sleep: async () => {} };

describe('ids', () => {
  test('numeric ids have 18 digits, which both storage (10 to 36) and workflows (1 to 18) allow', () => {
    assert.match(new Ids(stopped, systemRandom).numeric(), /^\d{18}$/);
  });

  test('numeric ids never repeat and always grow, even while the clock stands still or goes back', () => {
    const times = [5_000, 5_000, 4_000];
    const clock: Clock = {
      now: () => Date.UTC(2026, 10, 23) + (times.shift() ?? 4_000),
      sleep: async () => {},
    };
    const ids = new Ids(clock, systemRandom);
    const made = Array.from({ length: 5_000 }, () => ids.numeric());
    assert.equal(new Set(made).size, made.length);
    assert.deepEqual([...made].sort(), made);
  });

  test('uuids are of version 4, access key ids have the form of AWS’s', () => {
    const ids = new Ids(stopped, systemRandom);
    assert.match(ids.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(ids.iam('AKIA', 16), /^AKIA[A-Z2-7]{16}$/);
    assert.match(ids.hex(12), /^[0-9a-f]{12}$/);
  });
});
