import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Served } from '@helicase/records';
import { type Amount, nextTask, NOTHING, PATIENCE, type Share, type WaitingRun } from './next-task.ts';

const amount = (changes: Partial<Amount> = {}): Amount => ({ ...NOTHING, ...changes });
const share = (name: string, limit: Partial<Amount> = {}, used: Partial<Amount> = {}): Share => ({
  ...{ name, limit, used: amount(used) },
});
const host = share('host', { cpus: 8 });

interface Wish {
  readonly run: string;
  readonly account?: Share;
  readonly group?: Share;
  readonly limit?: Partial<Amount>;
  readonly used?: Partial<Amount>;
  readonly priority?: number;
  readonly cpus?: number;
  readonly gpus?: number;
  readonly since?: number;
}

const anyAccount = share('account');
const noGroup = share('no group');

function run({ account = anyAccount, group = noGroup, limit, used, ...wish }: Wish): WaitingRun {
  return {
    ...{ account, group, run: share(wish.run, limit, used), priority: wish.priority ?? 0 },
    first: amount({ cpus: wish.cpus ?? 1, gpus: wish.gpus ?? 0, tasks: 1 }),
    since: wish.since ?? 0,
  };
}

/** The names of the runs that go, one after another, as if each task ended at once. */
function order(wishes: readonly WaitingRun[], count: number, served = new Served()): string[] {
  return Array.from({ length: count }, () => {
    const next = nextTask(host, wishes, 1, served)!;
    served.serve(next.account.name, next.group.name, next.run.name);
    served.take(next.group.name);
    return next.run.name;
  });
}

const next = (wishes: readonly WaitingRun[], now = 1, on = host) =>
  nextTask(on, wishes, now, new Served())?.run.name;

describe('the next task', () => {
  test('none where nobody waits or the host is full', () => {
    assert.equal(next([]), undefined);
    assert.equal(next([run({ run: 'a', cpus: 2 })], 1, share('host', { cpus: 8 }, { cpus: 7 })), undefined);
  });

  test('is of the account that uses least, then of its group that uses least', () => {
    const busy = share('busy', {}, { cpus: 6 });
    const idle = share('idle', {}, { cpus: 1 });
    const large = share('large group', {}, { cpus: 1 });
    const waiting = [
      run({ run: 'x', account: busy, priority: 100 }),
      run({ run: 'y', account: idle, group: large, priority: 100 }),
      run({ run: 'z', account: idle, group: share('small group') }),
    ];
    assert.equal(next(waiting), 'z');
  });

  test('accounts and groups with equal use come in turn', () => {
    const [a, b] = [share('a'), share('b')];
    const waiting = [run({ run: 'a1', account: a }), run({ run: 'b1', account: b })];
    assert.deepEqual(order(waiting, 4), ['a1', 'b1', 'a1', 'b1']);
    const groups = ['g1', 'g2', 'g3'].map((name) => run({ run: `run of ${name}`, group: share(name) }));
    assert.deepEqual(new Set(order(groups, 3)).size, 3);
  });

  test('within a group: the highest priority, and every eighth place to whoever waits longest', () => {
    const waiting = [
      run({ run: 'old', priority: 1, since: 0 }),
      run({ run: 'urgent', priority: 9, since: 1 }),
    ];
    assert.deepEqual(order(waiting, 9), [...Array<string>(7).fill('urgent'), 'old', 'urgent']);
  });

  test('a priority counts in its own group alone', () => {
    const waiting = [
      run({ run: 'urgent', group: share('g1', {}, { cpus: 1 }), priority: 100 }),
      run({ run: 'modest', group: share('g2') }),
    ];
    assert.equal(next(waiting), 'modest');
  });

  test('among equals: the run with the fewest tasks at work', () => {
    const waiting = [run({ run: 'wide', used: { tasks: 20 } }), run({ run: 'narrow', used: { tasks: 1 } })];
    assert.equal(next(waiting), 'narrow');
  });

  const quotas: [string, Wish][] = [
    ['concurrent tasks of its run', { run: 'x', limit: { tasks: 25 }, used: { tasks: 25 } }],
    ['active CPUs of its account', { run: 'x', account: share('a', { cpus: 3000 }, { cpus: 3000 }) }],
    ['GPUs of its account', { run: 'x', gpus: 1, account: share('a', { gpus: 2 }, { gpus: 2 }) }],
    ['maxCpus of its group', { run: 'x', cpus: 4, group: share('g', { cpus: 20 }, { cpus: 17 }) }],
    ['maxGpus of its group', { run: 'x', gpus: 2, group: share('g', { gpus: 10 }, { gpus: 9 }) }],
  ];
  for (const [what, wish] of quotas) {
    test(`is none beyond the ${what}, and others go on`, () => {
      assert.equal(next([run(wish)]), undefined);
      const other = run({ run: 'other', account: share('other', {}, { cpus: 4000 }), group: share('o') });
      assert.equal(next([run(wish), other]), 'other');
    });
  }
});

describe('a task that does not fit yet', () => {
  const large = run({ run: 'large', cpus: 8, since: 0 });
  const small = run({ run: 'small', cpus: 1, since: 5, used: { tasks: 3 } });
  const used = share('host', { cpus: 8 }, { cpus: 4 });

  test('is overtaken while it is patient', () => {
    assert.equal(next([large, small], PATIENCE - 1, used), 'small');
  });

  test('has what it lacks kept for it afterwards: nothing else starts', () => {
    assert.equal(next([large, small], PATIENCE, used), undefined);
    assert.equal(next([large, small], PATIENCE, share('host', { cpus: 8 })), 'large');
  });

  test('keeps its own group waiting, and no other, where the group is what it lacks', () => {
    const group = share('g', { cpus: 10 }, { cpus: 4 });
    const waiting = [
      run({ run: 'large', group, cpus: 8 }),
      run({ run: 'small', group, used: { tasks: 1 } }),
      run({ run: 'elsewhere', group: share('h', {}, { cpus: 5 }) }),
    ];
    assert.equal(next(waiting, PATIENCE - 1), 'small');
    assert.equal(next(waiting, PATIENCE), 'elsewhere');
  });
});
