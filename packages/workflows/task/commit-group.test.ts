import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Transaction } from '@helicase/records';
import { CommitGroup } from './commit-group.ts';

const transaction = {} as Transaction;

describe('a group of commits', () => {
  test('writes what comes together in one transaction, in order', async () => {
    const written: string[] = [];
    let transactions = 0;
    const group = new CommitGroup(
      async (work) => {
        transactions += 1;
        await work(transaction);
        await delay(5);
      },
      () => delay(2),
    );
    const add = (name: string) => group.add(async () => void written.push(name));
    await Promise.all(['a', 'b', 'c'].map(add));
    assert.equal(transactions, 1);
    const first = add('d');
    await delay(4); // its transaction is under way
    await Promise.all([first, add('e'), add('f')]);
    assert.equal(transactions, 3);
    assert.deepEqual(written, ['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('goes no further once a commit has failed: nothing later may be durable without it', async () => {
    let fail = true;
    const written: string[] = [];
    const group = new CommitGroup(
      async (work) => {
        if (fail) throw new Error('the disk is full');
        await work(transaction);
      },
      () => delay(1),
    );
    const write = () => group.add(async () => void written.push('x'));
    await assert.rejects(write(), /the disk is full/);
    fail = false;
    await assert.rejects(write(), /the disk is full/);
    assert.throws(() => group.throwIfBroken(), /the disk is full/);
    assert.deepEqual(written, []);
  });
});
