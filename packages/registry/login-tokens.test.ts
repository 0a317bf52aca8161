import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openKeyRing } from '@helicase/blobs';
import { type Clock, type Principal, rootPrincipal, systemClock, systemRandom } from '@helicase/kernel';
import { LoginTokens } from './login-tokens.ts';

const HOUR = 60 * 60 * 1000;
const account = '123456789012';
const scope = { account, region: 'us-east-1' };
const principal = rootPrincipal(account);

/** Key rows in memory, and a clock that stands where it is set. */
function tokensAt(): {
  readonly tokens: LoginTokens;
  pass(milliseconds: number): void;
  readonly keys: number;
} {
  const rows = new Map<string, { wrapped: Uint8Array; parent: string }>();
  let now = Date.UTC(2026, 0, 1);
  const clock: Clock = { ...systemClock, now: () => now };
  const keyring = openKeyRing({
    rows: {
      load: async (id) => rows.get(id),
      save: async (id, row) => rows.get(id) ?? (rows.set(id, row), row),
    },
    root: Buffer.alloc(32, 5),
    random: systemRandom,
  });
  return {
    tokens: new LoginTokens({ keyring, clock }),
    pass: (milliseconds) => void (now += milliseconds),
    get keys() {
      return rows.size;
    },
  };
}

describe('the token of docker login', () => {
  test('"is valid for 12 hours"', async () => {
    const { pass, tokens } = tokensAt();
    const { password } = await tokens.issue({ principal, scope });
    pass(12 * HOUR - 1);
    assert.deepEqual(await tokens.open(password), { principal, scope });
    pass(1);
    assert.equal(await tokens.open(password), undefined);
  });

  test('ends with the temporary credentials that asked for it', async () => {
    const { pass, tokens } = tokensAt();
    const session = {
      ...{ issuer: { arn: `arn:aws:iam::${account}:role/R`, id: 'AROA1' }, name: 's' },
      ...{ issuedAt: Date.UTC(2026, 0, 1), expiresAt: Date.UTC(2026, 0, 1) + HOUR },
    };
    const role: Principal = {
      account,
      kind: 'role',
      arn: `arn:aws:sts::${account}:assumed-role/R/s`,
      id: 'AROA1:s',
      session,
    };
    const { password } = await tokens.issue({ principal: role, scope });
    pass(HOUR);
    assert.equal(await tokens.open(password), undefined);
  });

  test('altered, moved to another account or made up, it opens nothing and leaves nothing', async () => {
    const state = tokensAt();
    const { password } = await state.tokens.issue({ principal, scope });
    const { keys } = state;
    const wrong = [
      password.slice(0, -6) + 'AAAAAA',
      password.replace(account, '210987654321'),
      password.replace('us-east-1', 'eu-west-1'),
      'none',
    ];
    for (const each of wrong) assert.equal(await state.tokens.open(each), undefined, each);
    assert.equal(state.keys, keys);
  });
});
