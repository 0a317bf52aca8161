import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { giveBack, lend } from './lent.ts';

describe('bytes that are lent', () => {
  test('are nowhere any more once they are given back, in whatever view', () => {
    const bytes = lend(Buffer.from(new ArrayBuffer(100)));
    const view = bytes.subarray(10, 20);
    giveBack(view);
    assert.equal(view.length, 0);
    assert.equal(bytes.length, 0);
  });

  test('may be given back twice', () => {
    const bytes = lend(Buffer.from(new ArrayBuffer(100)));
    giveBack(bytes);
    giveBack(bytes);
    assert.equal(bytes.length, 0);
  });

  test("a view of more is not lent: the rest may be another reader's", () => {
    const whole = Buffer.from(new ArrayBuffer(100)).fill(7);
    giveBack(lend(whole.subarray(0, 99)));
    assert.equal(whole.length, 100);
    assert.ok(whole.every((byte) => byte === 7));
  });

  test('what nobody lent stays as it is', () => {
    const bytes = Buffer.from('GATTACA');
    giveBack(bytes);
    assert.equal(bytes.toString(), 'GATTACA');
  });
});
