import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { describeProtocol } from '../testing/suite.ts';

const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('hex');

describeProtocol('objects', ({ ask, expectError, everythingAccountedFor }) => {
  test('come back as they were put, with what was said of them', async () => {
    const bytes = randomBytes(700_000);
    const put = await ask('PUT', '/reads/s%C3%A4mple%201/a%2Bb%3F.bam', {
      body: bytes,
      headers: {
        'content-type': 'application/x-bam',
        'cache-control': 'no-store',
        'content-disposition': 'attachment; filename="a.bam"',
        'content-encoding': 'gzip,aws-chunked',
        'x-amz-meta-sample': 'NA12878',
        'x-amz-tagging': 'project=cohort%201',
      },
    });
    assert.equal(put.headers.get('etag'), `"${md5(bytes)}"`);
    const get = await ask('GET', '/reads/s%C3%A4mple%201/a%2Bb%3F.bam', {
      headers: { 'accept-encoding': 'identity' },
    });
    assert.equal(get.headers.get('content-type'), 'application/x-bam');
    assert.equal(get.headers.get('content-length'), '700000');
    assert.equal(get.headers.get('content-encoding'), 'gzip');
    assert.equal(get.headers.get('content-disposition'), 'attachment; filename="a.bam"');
    assert.equal(get.headers.get('cache-control'), 'no-store');
    assert.equal(get.headers.get('x-amz-meta-sample'), 'NA12878');
    assert.equal(get.headers.get('x-amz-tagging-count'), '1');
    await get.body?.cancel();
    const list = await (await ask('GET', '/reads?list-type=2&prefix=s%C3%A4mple')).text();
    assert.match(list, /<Key>sämple 1\/a\+b\?\.bam<\/Key>/);
  });

  test('give ranges, and refuse those outside', async () => {
    const bytes = randomBytes(1000);
    await ask('PUT', '/reads/ranged', { body: bytes });
    const cases = {
      'bytes=0-0': [0, 1],
      'bytes=10-19': [10, 20],
      'bytes=990-': [990, 1000],
      'bytes=-5': [995, 1000],
      'bytes=998-5000': [998, 1000],
    } as const;
    for (const [range, [from, to]] of Object.entries(cases)) {
      const answer = await ask('GET', '/reads/ranged', { headers: { range } });
      assert.equal(answer.status, 206, range);
      assert.equal(answer.headers.get('content-range'), `bytes ${from}-${to - 1}/1000`);
      assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes.subarray(from, to));
    }
    for (const range of ['bytes=1000-', 'bytes=-0']) {
      await expectError(await ask('GET', '/reads/ranged', { headers: { range } }), 416, 'InvalidRange');
    }
    for (const range of ['bytes=5-2', 'lines=1-2', 'bytes=0-1,5-6']) {
      assert.equal((await ask('GET', '/reads/ranged', { headers: { range } })).status, 200, range);
    }
  });

  test('may be empty', async () => {
    const put = await ask('PUT', '/reads/folder/', { body: '' });
    assert.equal(put.headers.get('etag'), '"d41d8cd98f00b204e9800998ecf8427e"');
    const get = await ask('GET', '/reads/folder/');
    assert.deepEqual([get.status, get.headers.get('content-length'), await get.text()], [200, '0', '']);
    await expectError(
      await ask('GET', '/reads/folder/', { headers: { range: 'bytes=0-0' } }),
      416,
      'InvalidRange',
    );
  });

  test('are replaced whole, and what they replace is swept', async () => {
    for (const body of ['one', 'two', 'three']) await ask('PUT', '/reads/replaced', { body });
    assert.equal(await (await ask('GET', '/reads/replaced')).text(), 'three');
    await everythingAccountedFor();
    assert.equal((await ask('DELETE', '/reads/replaced')).status, 204);
    assert.equal((await ask('DELETE', '/reads/replaced')).status, 204);
    await expectError(await ask('GET', '/reads/replaced'), 404, 'NoSuchKey');
    assert.equal((await ask('HEAD', '/reads/replaced')).status, 404);
    await everythingAccountedFor();
  });

  test('written by many at once end as one of them, with no bytes lost or left', async () => {
    const bodies = Array.from({ length: 12 }, (_, n) => `writer ${n}`);
    await Promise.all(bodies.map((body) => ask('PUT', '/reads/contended', { body })));
    assert.ok(bodies.includes(await (await ask('GET', '/reads/contended')).text()));
    await everythingAccountedFor();
  });

  test('answer conditions as RFC 9110 has them', async () => {
    const etag = (await ask('PUT', '/reads/cond', { body: 'x' })).headers.get('etag')!;
    const modified = (await ask('HEAD', '/reads/cond')).headers.get('last-modified')!;
    const before = new Date(Date.parse(modified) - 5000).toUTCString();
    const status = async (headers: Record<string, string>) =>
      (await ask('GET', '/reads/cond', { headers })).status;
    assert.equal(await status({ 'if-match': etag }), 200);
    assert.equal(await status({ 'if-match': '"other", *' }), 200);
    assert.equal(await status({ 'if-match': '"other"' }), 412);
    assert.equal(await status({ 'if-none-match': etag }), 304);
    assert.equal(await status({ 'if-none-match': '"other"' }), 200);
    assert.equal(await status({ 'if-modified-since': modified }), 304);
    assert.equal(await status({ 'if-modified-since': before }), 200);
    assert.equal(await status({ 'if-unmodified-since': before }), 412);
    assert.equal(await status({ 'if-unmodified-since': before, 'if-match': etag }), 200);
  });

  test('are written on condition only', async () => {
    const once = { 'if-none-match': '*' };
    const etag = (await ask('PUT', '/reads/once', { body: '1', headers: once })).headers.get('etag')!;
    await expectError(
      await ask('PUT', '/reads/once', { body: '2', headers: once }),
      412,
      'PreconditionFailed',
    );
    const stale = { 'if-match': '"stale"' };
    await expectError(
      await ask('PUT', '/reads/once', { body: '2', headers: stale }),
      412,
      'PreconditionFailed',
    );
    assert.equal((await ask('PUT', '/reads/once', { body: '3', headers: { 'if-match': etag } })).status, 200);
    assert.equal(await (await ask('GET', '/reads/once')).text(), '3');
    await expectError(
      await ask('PUT', '/reads/none', { body: '3', headers: { 'if-match': etag } }),
      404,
      'NoSuchKey',
    );
    await everythingAccountedFor();
  });

  test('are refused where body and digest differ, and nothing stays', async () => {
    const wrong = { 'content-md5': Buffer.alloc(16, 1).toString('base64') };
    await expectError(await ask('PUT', '/reads/bad', { body: 'x', headers: wrong }), 400, 'BadDigest');
    await expectError(
      await ask('PUT', '/reads/bad', { body: 'x', headers: { 'content-md5': 'eA==' } }),
      400,
      'InvalidDigest',
    );
    const sha256 = createHash('sha256').update('y').digest('base64');
    await expectError(
      await ask('PUT', '/reads/bad', { body: 'x', headers: { 'x-amz-checksum-sha256': sha256 } }),
      400,
      'BadDigest',
    );
    await expectError(await ask('GET', '/reads/bad'), 404, 'NoSuchKey');
    await everythingAccountedFor();
  });

  test('are verified by each of the five checksums', async () => {
    // The check values of the CRC catalogue, and what sha1sum and sha256sum print, for "123456789".
    const values = {
      crc32: 'cbf43926',
      crc32c: 'e3069283',
      crc64nvme: 'ae8b14860a799888',
      sha1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
      sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
    };
    for (const [name, hex] of Object.entries(values)) {
      const headers = { [`x-amz-checksum-${name}`]: Buffer.from(hex, 'hex').toString('base64') };
      const path = `/reads/by-${name}`;
      const put = await ask('PUT', path, { body: '123456789', headers });
      assert.deepEqual(
        [put.status, put.headers.get(`x-amz-checksum-${name}`)],
        [200, headers[`x-amz-checksum-${name}`]],
      );
      await expectError(await ask('PUT', path, { body: '123456780', headers }), 400, 'BadDigest');
      assert.equal(await (await ask('GET', path)).text(), '123456789');
    }
    const two = { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-crc32c': '4waSgw==' };
    await expectError(
      await ask('PUT', '/reads/two', { body: '123456789', headers: two }),
      400,
      'InvalidRequest',
    );
  });

  test('keep their checksum and give it to those who ask', async () => {
    const value = Buffer.alloc(4);
    value.writeUInt32BE(crc32('ACGT'));
    const crc = value.toString('base64');
    const put = await ask('PUT', '/reads/summed', {
      body: 'ACGT',
      headers: { 'x-amz-checksum-crc32': crc },
    });
    assert.equal(put.headers.get('x-amz-checksum-crc32'), crc);
    const asked = { headers: { 'x-amz-checksum-mode': 'ENABLED' } };
    assert.equal((await ask('GET', '/reads/summed', asked)).headers.get('x-amz-checksum-crc32'), crc);
    assert.equal(
      (await ask('GET', '/reads/summed', asked)).headers.get('x-amz-checksum-type'),
      'FULL_OBJECT',
    );
    assert.equal((await ask('GET', '/reads/summed')).headers.get('x-amz-checksum-crc32'), null);
  });

  test('have headers that the reader may override', async () => {
    await ask('PUT', '/reads/over', { body: 'x' });
    const answer = await ask(
      'GET',
      '/reads/over?response-content-type=text%2Fplain&response-cache-control=no-cache',
    );
    assert.equal(answer.headers.get('content-type'), 'text/plain');
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
  });

  test('have keys up to 1024 bytes and no headers that would be ignored', async () => {
    assert.equal((await ask('PUT', `/reads/${'k'.repeat(1024)}`, { body: 'x' })).status, 200);
    await expectError(await ask('PUT', `/reads/${'k'.repeat(1025)}`, { body: 'x' }), 400, 'KeyTooLongError');
    await expectError(await ask('PUT', '/reads/%FF', { body: 'x' }), 400, 'InvalidURI');
    const headers = { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' };
    await expectError(await ask('PUT', '/reads/sse', { body: 'x', headers }), 501, 'NotImplemented');
    await expectError(
      await ask('PUT', '/reads/acl', { body: 'x', headers: { 'x-amz-acl': 'public-read' } }),
      400,
      'AccessControlListNotSupported',
    );
    await expectError(await ask('GET', '/reads/over?versionId=v1'), 404, 'NoSuchVersion');
  });

  test('are tagged without being changed', async () => {
    const etag = (await ask('PUT', '/reads/tagged', { body: 'x' })).headers.get('etag');
    const body = '<Tagging><TagSet><Tag><Key>a &amp; b</Key><Value>1</Value></Tag></TagSet></Tagging>';
    assert.equal((await ask('PUT', '/reads/tagged?tagging', { body })).status, 200);
    assert.match(
      await (await ask('GET', '/reads/tagged?tagging')).text(),
      /<Tag><Key>a &amp; b<\/Key><Value>1<\/Value><\/Tag>/,
    );
    assert.equal((await ask('HEAD', '/reads/tagged')).headers.get('etag'), etag);
    assert.equal((await ask('DELETE', '/reads/tagged?tagging')).status, 204);
    assert.doesNotMatch(await (await ask('GET', '/reads/tagged?tagging')).text(), /<Tag>/);
    await expectError(
      await ask('PUT', '/reads/tagged?tagging', { body: '<Tagging><TagSet>' }),
      400,
      'MalformedXML',
    );
  });

  test('are deleted by the batch', async () => {
    for (const key of ['d1', 'd2', 'd3']) await ask('PUT', `/reads/batch/${key}`, { body: key });
    const names = ['batch/d1', 'batch/d2', 'batch/none']
      .map((key) => `<Object><Key>${key}</Key></Object>`)
      .join('');
    const answer = await (await ask('POST', '/reads?delete', { body: `<Delete>${names}</Delete>` })).text();
    assert.equal(answer.match(/<Deleted>/g)?.length, 3);
    const list = await (await ask('GET', '/reads?list-type=2&prefix=batch/')).text();
    assert.match(list, /<KeyCount>1<\/KeyCount>.*batch\/d3/s);
    const quiet = `<Delete><Quiet>true</Quiet><Object><Key>batch/d3</Key></Object></Delete>`;
    assert.doesNotMatch(await (await ask('POST', '/reads?delete', { body: quiet })).text(), /Deleted/);
    const wrong = { 'content-md5': Buffer.alloc(16).toString('base64') };
    await expectError(await ask('POST', '/reads?delete', { body: quiet, headers: wrong }), 400, 'BadDigest');
    const doctype = '<!DOCTYPE d [<!ENTITY x "y">]><Delete><Object><Key>&x;</Key></Object></Delete>';
    await expectError(await ask('POST', '/reads?delete', { body: doctype }), 400, 'MalformedXML');
  });
});
