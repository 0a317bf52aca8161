import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import type { JobLimits, WaitingLane } from '../jobs.ts';
import { Served, shareOut } from './fairness.ts';

const account = (name: string, running = 0): WaitingLane => lane(name, '', running, running);

function lane(account: string, name: string, running = 0, accountRunning = running): WaitingLane {
  return { account, lane: name, running, accountRunning };
}

/** How many places each got, by account and lane. */
function places(waiting: readonly WaitingLane[], free: number, served = new Served(), limits?: JobLimits) {
  const allotments = shareOut(waiting, free, served, limits);
  const entries = allotments.map(
    (each) => [`${each.account}${each.lane}`, each.urgent + each.longest] as const,
  );
  return Object.fromEntries(entries);
}

describe('free places', () => {
  test('go to the accounts with the fewest running', () => {
    const waiting = [account('busy', 3), account('idle', 0), account('some', 1)];
    assert.deepEqual(places(waiting, 3), { idle: 2, some: 1 });
  });

  test('go round among equals, one at a time', () => {
    const served = new Served();
    const waiting = ['a', 'b', 'c'].map((name) => account(name));
    const order = Array.from({ length: 6 }, () => Object.keys(places(waiting, 1, served))[0]);
    assert.deepEqual(order, ['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('go all to one account alone, and to nobody where nobody waits', () => {
    assert.deepEqual(places([account('a', 9)], 4), { a: 4 });
    assert.deepEqual(places([], 4), {});
  });

  test('are shared by the lanes of an account: a group with thousands waiting holds up no other', () => {
    const waiting = [lane('a', '/thousands', 4, 5), lane('a', '/one', 1, 5), lane('b', '/x', 5, 5)];
    assert.deepEqual(places(waiting, 4), { 'a/one': 2, 'b/x': 2 });
  });

  test('an account has no more than its limit, whatever its lanes have', () => {
    const limits = { perAccount: () => 10, lane: () => undefined };
    const waiting = [lane('a', '/x', 4, 9), lane('a', '/y', 0, 9), account('b')];
    assert.deepEqual(places(waiting, 30, new Served(), limits), { 'a/y': 1, b: 10 });
  });

  test('a lane has no more than its limit, and its places go to the other lanes', () => {
    const limits = { lane: (_: string, name: string) => (name === '/x' ? 2 : undefined) };
    const waiting = [lane('a', '/x', 1, 1), lane('a', '/y', 0, 1), lane('a', '/full', 0, 1)];
    const none = { lane: (_: string, name: string) => (name === '/full' ? 0 : limits.lane(_, name)) };
    assert.deepEqual(places(waiting, 6, new Served(), none), { 'a/x': 1, 'a/y': 5 });
  });

  test('one of eight in a lane goes to whoever waits longest', () => {
    const served = new Served();
    const longest = Array.from({ length: 16 }, () => shareOut([account('a')], 1, served)[0]!.longest);
    assert.deepEqual(longest, [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert.deepEqual(shareOut([account('a')], 16, served), [
      { account: 'a', lane: '', urgent: 14, longest: 2 },
    ]);
  });
});
