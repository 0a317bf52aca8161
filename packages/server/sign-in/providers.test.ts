import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signInProviders } from './providers.ts';

const hospital = {
  ...{ name: 'Hospital', issuer: 'https://login.example.org/realms/lab/', clientId: 'helicase' },
  roleArn: 'arn:aws:iam::111122223333:role/researchers',
};

test('issuers that people sign in at are read; what is missing, unknown or in the clear is told with its place', () => {
  assert.deepEqual(signInProviders([hospital]), [
    { ...hospital, issuer: 'https://login.example.org/realms/lab' },
  ]);
  const refused = (given: unknown, message: RegExp) =>
    assert.throws(() => signInProviders(given), { message });
  refused(hospital, /^signIn must be a list/);
  refused([hospital, { ...hospital, clientId: '' }], /^signIn\[1\]\.clientId must be a text/);
  refused([{ ...hospital, secret: 'x' }], /"secret" is not known/);
  refused([{ ...hospital, issuer: 'http://login.example.org' }], /issuer must be an https URL/);
  refused([{ ...hospital, roleArn: 'researchers' }], /roleArn is no role's ARN/);
  refused([undefined], /name must be a text/);
});
