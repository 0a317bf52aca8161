import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { describeProtocol } from '../testing/suite.ts';

const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('hex');

describeProtocol('copies', ({ ask, expectError, everythingAccountedFor }) => {
  test('take bytes and metadata along, or new metadata', async () => {
    await ask('PUT', '/reads/src', {
      body: 'ACGT',
      headers: { 'x-amz-meta-a': '1', 'content-type': 'text/plain' },
    });
    const copied = await ask('PUT', '/reads/dst', { headers: { 'x-amz-copy-source': 'reads/src' } });
    assert.match(await copied.text(), new RegExp(`<ETag>&quot;${md5('ACGT')}&quot;</ETag>`));
    const got = await ask('GET', '/reads/dst');
    assert.deepEqual(
      [got.headers.get('x-amz-meta-a'), got.headers.get('content-type'), await got.text()],
      ['1', 'text/plain', 'ACGT'],
    );
    const replace = {
      'x-amz-copy-source': '/reads/src',
      'x-amz-metadata-directive': 'REPLACE',
      'x-amz-meta-b': '2',
    };
    await ask('PUT', '/reads/src', { headers: replace });
    const same = await ask('GET', '/reads/src');
    assert.deepEqual(
      [same.headers.get('x-amz-meta-a'), same.headers.get('x-amz-meta-b'), await same.text()],
      [null, '2', 'ACGT'],
    );
    await everythingAccountedFor();
  });

  test('are refused onto themselves, without a source, or where a condition fails', async () => {
    const copy = (source: string, headers = {}) =>
      ask('PUT', '/reads/src', { headers: { 'x-amz-copy-source': source, ...headers } });
    await expectError(await copy('reads/src'), 400, 'InvalidRequest');
    await expectError(await copy('reads/none'), 404, 'NoSuchKey');
    await expectError(await copy('nobucket/none'), 404, 'NoSuchBucket');
    await expectError(await copy('reads'), 400, 'InvalidArgument');
    await expectError(
      await copy('reads/dst', { 'x-amz-copy-source-if-match': '"other"' }),
      412,
      'PreconditionFailed',
    );
    await expectError(
      await copy('reads/dst', { 'x-amz-copy-source-if-none-match': `"${md5('ACGT')}"` }),
      412,
      'PreconditionFailed',
    );
  });
});
