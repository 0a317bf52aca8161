import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { base32, codeOf, stepAt, stepOf } from './totp.ts';

describe('one-time codes', () => {
  // RFC 6238, appendix B, SHA-1; the RFC shows eight digits, of which ours are the last six.
  const seed = Buffer.from('12345678901234567890');
  test('are those of RFC 6238', () => {
    for (const [seconds, code] of [
      [59, '287082'],
      [1111111109, '081804'],
      [1111111111, '050471'],
      [1234567890, '005924'],
      [2000000000, '279037'],
    ] as const) {
      assert.equal(codeOf(seed, stepAt(seconds * 1000)), code);
    }
  });

  test('are taken one step early or late, not two', () => {
    const code = codeOf(seed, 100);
    assert.equal(stepOf(seed, code, 100 * 30_000), 100);
    assert.equal(stepOf(seed, code, 101 * 30_000), 100);
    assert.equal(stepOf(seed, code, 99 * 30_000), 100);
    assert.equal(stepOf(seed, code, 102 * 30_000), undefined);
    assert.equal(stepOf(seed, `${code}0`, 100 * 30_000), undefined);
    assert.equal(stepOf(seed, '', 100 * 30_000), undefined);
  });

  test('seeds are written in base 32, as RFC 4648 has it', () => {
    assert.equal(base32(Buffer.from('foobar')), 'MZXW6YTBOI');
    assert.equal(base32(Buffer.from('foob')), 'MZXW6YQ');
  });
});
