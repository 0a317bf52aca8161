import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPageTokens, type PageBinding } from './page-token.ts';

const key = Buffer.alloc(32, 7);
const binding: PageBinding = {
  scope: { account: '111122223333', region: 'us-east-1' },
  operation: 'ListRuns',
  filter: { name: 'a', status: 'COMPLETED' },
};
const position = [1_795_467_600_123, '123456789012345678'];
const refused = { code: 'ValidationException', status: 400, message: /pagination token.*ListRuns/ };

describe('pagination tokens', () => {
  const tokens = createPageTokens(key);
  const token = tokens.issue(binding, position);

  test('give the position back, in another process with the same key too', () => {
    assert.deepEqual(tokens.read(binding, token), position);
    assert.deepEqual(createPageTokens(key).read(binding, token), position);
  });

  test('do not depend on the order of the filter’s members', () => {
    const filter = { status: 'COMPLETED', name: 'a' };
    assert.deepEqual(tokens.read({ ...binding, filter }, token), position);
  });

  test('say nothing of what is in them, and fit into the token members of the model', () => {
    assert.ok(!Buffer.from(token, 'base64url').includes('123456789012345678'));
    assert.match(token, /^[A-Za-z0-9_-]{20,200}$/);
    assert.notEqual(tokens.issue(binding, [1]), tokens.issue(binding, [2]));
  });

  const elsewhere: Readonly<Record<string, PageBinding>> = {
    'of another account': { ...binding, scope: { ...binding.scope, account: '444455556666' } },
    'of another region': { ...binding, scope: { ...binding.scope, region: 'eu-west-1' } },
    'with another filter': { ...binding, filter: { name: 'b', status: 'COMPLETED' } },
    'without filter': { ...binding, filter: undefined },
  };
  for (const [what, other] of Object.entries(elsewhere)) {
    test(`are refused in a list ${what}`, () => assert.throws(() => tokens.read(other, token), refused));
  }

  test('are refused by another operation, in its name', () => {
    assert.throws(() => tokens.read({ ...binding, operation: 'ListTasks' }, token), { message: /ListTasks/ });
  });

  test('are refused under another key', () => {
    const other = createPageTokens(Buffer.alloc(32, 8));
    assert.throws(() => other.read(binding, token), refused);
  });

  test('are refused when any bit is changed, cut or added', () => {
    const bytes = Buffer.from(token, 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes);
      altered[at]! ^= 1 << (at % 8);
      assert.throws(() => tokens.read(binding, altered.toString('base64url')), refused);
    }
    for (const altered of [
      '',
      'x',
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      ` ${token}`,
      '{"offset":5}',
    ]) {
      assert.throws(() => tokens.read(binding, altered), refused, altered);
    }
  });
});
