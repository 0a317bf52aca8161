import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { describeProtocol } from '../testing/suite.ts';

const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('hex');
const MiB = 1024 * 1024;

describeProtocol('multipart uploads', ({ ask, expectError, everythingAccountedFor }) => {
  const begin = async (path: string, headers = {}) =>
    /<UploadId>(.*?)<\/UploadId>/.exec(await (await ask('POST', `${path}?uploads`, { headers })).text())![1]!;
  const part = (path: string, id: string, number: number, body: Uint8Array<ArrayBuffer>, headers = {}) =>
    ask('PUT', `${path}?partNumber=${number}&uploadId=${id}`, { body, headers });
  const complete = (path: string, id: string, parts: readonly (readonly [number, string])[], headers = {}) =>
    ask('POST', `${path}?uploadId=${id}`, {
      headers,
      body: `<CompleteMultipartUpload>${parts.map(([n, etag]) => `<Part><PartNumber>${n}</PartNumber><ETag>"${etag}"</ETag></Part>`).join('')}</CompleteMultipartUpload>`,
    });

  test('become one object of the listed parts, in any order of arrival', async () => {
    const [one, two, three] = [randomBytes(5 * MiB), randomBytes(5 * MiB + 1), randomBytes(7)] as [
      Buffer<ArrayBuffer>,
      Buffer<ArrayBuffer>,
      Buffer<ArrayBuffer>,
    ];
    const path = '/reads/multi.bam';
    const id = await begin(path, { 'content-type': 'application/x-bam', 'x-amz-meta-a': '1' });
    await part(path, id, 9, three);
    await part(path, id, 2, randomBytes(10));
    await part(path, id, 2, two);
    await part(path, id, 1, one);
    await part(path, id, 5, randomBytes(100));
    const listed = await (await ask('GET', `${path}?uploadId=${id}`)).text();
    assert.deepEqual(
      [...listed.matchAll(/<PartNumber>(\d+)</g)].map(([, n]) => n),
      ['1', '2', '5', '9'],
    );
    assert.match(await (await ask('GET', '/reads?uploads')).text(), /<Key>multi\.bam<\/Key>/);
    assert.equal((await ask('HEAD', path)).status, 404);
    const list = [
      [1, md5(one)],
      [2, md5(two)],
      [9, md5(three)],
    ] as const;
    const answer = await (await complete(path, id, list)).text();
    const etag = `${md5(Buffer.concat([one, two, three].map((p) => Buffer.from(md5(p), 'hex'))))}-3`;
    assert.match(answer, new RegExp(`<ETag>&quot;${etag}&quot;</ETag>`));
    assert.equal(await (await complete(path, id, list)).text(), answer, 'asked again, it answers the same');
    const got = await ask('GET', path);
    assert.equal(got.headers.get('content-type'), 'application/x-bam');
    const whole = Buffer.concat([one, two, three]);
    assert.ok(Buffer.from(await got.arrayBuffer()).equals(whole));
    const across = await ask('GET', path, { headers: { range: `bytes=${5 * MiB - 3}-${10 * MiB + 3}` } });
    assert.ok(Buffer.from(await across.arrayBuffer()).equals(whole.subarray(5 * MiB - 3, 10 * MiB + 4)));
    const second = await ask('GET', `${path}?partNumber=2`);
    assert.equal(second.headers.get('x-amz-mp-parts-count'), '3');
    assert.ok(Buffer.from(await second.arrayBuffer()).equals(two));
    await expectError(await ask('GET', `${path}?partNumber=4`), 416, 'InvalidPartNumber');
    await everythingAccountedFor();
    await ask('DELETE', path);
    await everythingAccountedFor();
  });

  test('are refused where a part is missing, small, out of order or of another upload', async () => {
    const path = '/reads/refused';
    const id = await begin(path);
    const small = Buffer.from('small');
    await part(path, id, 1, small);
    await part(path, id, 2, small);
    await expectError(await complete(path, id, [[3, md5(small)]]), 400, 'InvalidPart');
    await expectError(await complete(path, id, [[1, md5('other')]]), 400, 'InvalidPart');
    await expectError(
      await complete(path, id, [
        [2, md5(small)],
        [1, md5(small)],
      ]),
      400,
      'InvalidPartOrder',
    );
    await expectError(
      await complete(path, id, [
        [1, md5(small)],
        [2, md5(small)],
      ]),
      400,
      'EntityTooSmall',
    );
    await expectError(await complete(path, id, []), 400, 'MalformedXML');
    await expectError(await part(path, 'none', 1, small), 404, 'NoSuchUpload');
    await expectError(await part('/reads/elsewhere', id, 1, small), 404, 'NoSuchUpload');
    await expectError(await part(path, id, 10_001, small), 400, 'InvalidArgument');
    assert.equal((await ask('DELETE', `${path}?uploadId=${id}`)).status, 204);
    await expectError(await ask('DELETE', `${path}?uploadId=${id}`), 404, 'NoSuchUpload');
    await everythingAccountedFor();
  });

  test('have a checksum of the whole: composed, or of the full object', async () => {
    const parts = [randomBytes(5 * MiB), randomBytes(1000)];
    const crcOf = (bytes: Uint8Array) => {
      const crc = Buffer.alloc(4);
      crc.writeUInt32BE(crc32(bytes));
      return crc;
    };
    const whole = crcOf(Buffer.concat(parts)).toString('base64');
    const composite = `${crcOf(Buffer.concat(parts.map(crcOf))).toString('base64')}-2`;
    for (const [type, expected] of [
      ['FULL_OBJECT', whole],
      ['COMPOSITE', composite],
    ] as const) {
      const path = `/reads/checked-${type}`;
      const id = await begin(path, { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': type });
      for (const [index, bytes] of parts.entries()) await part(path, id, index + 1, bytes);
      const list = parts.map((bytes, index) => [index + 1, md5(bytes)] as const);
      const wrong = { 'x-amz-checksum-crc32': 'AAAAAA==' };
      await expectError(await complete(path, id, list, wrong), 400, 'BadDigest');
      const answer = await (await complete(path, id, list)).text();
      assert.match(answer, new RegExp(`<ChecksumCRC32>${expected.replace(/[+/]/g, '\\$&')}</ChecksumCRC32>`));
    }
    const crc64 = { 'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'COMPOSITE' };
    await expectError(await ask('POST', '/reads/x?uploads', { headers: crc64 }), 400, 'InvalidRequest');
  });

  test('copy parts out of other objects', async () => {
    const source = randomBytes(6 * MiB);
    await ask('PUT', '/reads/part-source', { body: source });
    const path = '/reads/of-parts';
    const id = await begin(path);
    const headers = {
      'x-amz-copy-source': 'reads/part-source',
      'x-amz-copy-source-range': `bytes=1-${5 * MiB}`,
    };
    const copied = await ask('PUT', `${path}?partNumber=1&uploadId=${id}`, { headers });
    assert.match(await copied.text(), new RegExp(md5(source.subarray(1, 5 * MiB + 1))));
    const outside = { ...headers, 'x-amz-copy-source-range': `bytes=0-${6 * MiB}` };
    await expectError(
      await ask('PUT', `${path}?partNumber=1&uploadId=${id}`, { headers: outside }),
      416,
      'InvalidRange',
    );
    await complete(path, id, [[1, md5(source.subarray(1, 5 * MiB + 1))]]);
    assert.equal((await ask('HEAD', path)).headers.get('content-length'), String(5 * MiB));
  });
});
