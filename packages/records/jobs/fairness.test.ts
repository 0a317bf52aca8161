import { test } from 'node:test';
import assert from 'node:assert/strict';
import { shareOut } from './fairness.ts';

test('free places go to the accounts with the fewest running', () => {
  const waiting = [
    { account: 'busy', running: 3 },
    { account: 'idle', running: 0 },
    { account: 'some', running: 1 },
  ];
  assert.deepEqual(
    shareOut(waiting, 3, new Map()),
    new Map([
      ['idle', 2],
      ['some', 1],
    ]),
  );
});

test('one place at a time goes round among equals', () => {
  const lastServed = new Map<string, number>();
  const waiting = ['a', 'b', 'c'].map((account) => ({ account, running: 0 }));
  const served = Array.from({ length: 6 }, () => [...shareOut(waiting, 1, lastServed).keys()][0]);
  assert.deepEqual(served, ['a', 'b', 'c', 'a', 'b', 'c']);
});

test('one account alone gets every place, nobody waiting none', () => {
  assert.deepEqual(shareOut([{ account: 'a', running: 9 }], 4, new Map()), new Map([['a', 4]]));
  assert.deepEqual(shareOut([], 4, new Map()), new Map());
});
