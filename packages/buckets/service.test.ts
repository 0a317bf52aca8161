import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { Scope } from '@helicase/kernel';
import { dialectsUnderTest } from '@helicase/records';
import { type AskOptions, type Front, openFront } from './testing/front.ts';
import { EAST, openTestBuckets, OTHER, type TestBuckets, WEST } from './testing/rooms.ts';

const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('hex');
const MiB = 1024 * 1024;

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`S3 on ${dialect}`, { skip }, () => {
    let t: TestBuckets;
    let front: Front;
    before(async () => {
      t = await openTestBuckets(dialect);
      front = await openFront(t.raw, EAST);
      await front.ask('PUT', '/reads');
    });
    after(async () => {
      await front?.close();
      await t?.close();
    });

    const ask = (method: string, path: string, options: Partial<AskOptions> & { scope?: Scope } = {}) =>
      front.ask(method, path, { scope: EAST, ...options });

    async function expectError(answer: Response, status: number, code: string): Promise<string> {
      const text = await answer.text();
      assert.equal(answer.status, status, text);
      assert.equal(/<Code>(.*?)<\/Code>/.exec(text)?.[1], code);
      assert.match(text, /<Message>.+<\/Message><Resource>.+<\/Resource><RequestId>.+<\/RequestId>/s);
      return text;
    }

    async function everythingAccountedFor(): Promise<void> {
      await t.vault.vault.sweep();
      const kept = new Set<string>();
      for await (const id of t.records.blobs.kept()) kept.add(id);
      const stored = new Set<string>();
      for await (const { id } of t.vault.store.list()) stored.add(id);
      assert.deepEqual([...stored].sort(), [...kept].sort());
    }

    describe('buckets', () => {
      test('are made, listed, found and deleted', async () => {
        assert.equal((await ask('PUT', '/first-bucket')).status, 200);
        const list = await (await ask('GET', '/')).text();
        assert.match(list, /<Bucket><Name>first-bucket<\/Name><CreationDate>20\d\d-/);
        const head = await ask('HEAD', '/first-bucket');
        assert.equal(head.headers.get('x-amz-bucket-region'), 'us-east-1');
        assert.equal((await ask('DELETE', '/first-bucket')).status, 204);
        assert.equal((await ask('HEAD', '/first-bucket')).status, 404);
        await expectError(await ask('DELETE', '/first-bucket'), 404, 'NoSuchBucket');
      });

      test('have one owner: another account sees nothing and may do nothing', async () => {
        await expectError(await ask('PUT', '/reads', { scope: OTHER }), 409, 'BucketAlreadyExists');
        await expectError(await ask('GET', '/reads', { scope: OTHER }), 403, 'AccessDenied');
        await expectError(await ask('PUT', '/reads/x', { scope: OTHER, body: 'x' }), 403, 'AccessDenied');
        assert.doesNotMatch(await (await ask('GET', '/', { scope: OTHER })).text(), /reads/);
      });

      test('live in a region, and another one is told where they are', async () => {
        const body =
          '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>';
        assert.equal((await ask('PUT', '/western', { scope: WEST, body })).status, 200);
        const answer = await ask('GET', '/western');
        assert.equal(answer.headers.get('x-amz-bucket-region'), 'eu-west-1');
        await expectError(answer, 301, 'PermanentRedirect');
        const location = await (await ask('GET', '/western?location', { scope: WEST })).text();
        assert.match(location, /<LocationConstraint xmlns="[^"]+">eu-west-1<\/LocationConstraint>/);
        await expectError(
          await ask('PUT', '/western', { scope: WEST, body }),
          409,
          'BucketAlreadyOwnedByYou',
        );
        await expectError(await ask('PUT', '/w2', { scope: WEST }), 400, 'InvalidBucketName');
        await expectError(await ask('PUT', '/west-2', { body }), 400, 'IllegalLocationConstraintException');
      });

      test('answer that they are not versioned, and refuse what they do not do by its name', async () => {
        const versioning = await (await ask('GET', '/reads?versioning')).text();
        assert.match(versioning, /<VersioningConfiguration xmlns="[^"]+"><\/VersioningConfiguration>/);
        const refused = await expectError(await ask('GET', '/reads?lifecycle'), 501, 'NotImplemented');
        assert.match(refused, /lifecycle/);
        await expectError(await ask('PUT', '/reads/x?acl', { body: 'x' }), 501, 'NotImplemented');
        await expectError(await ask('GET', '/reads?versions'), 501, 'NotImplemented');
        await expectError(
          await ask('PUT', '/reads/x?unheard&retention', { body: 'x' }),
          501,
          'NotImplemented',
        );
        await expectError(await ask('POST', '/reads', { body: 'x' }), 405, 'MethodNotAllowed');
      });

      test('are not deleted while they hold objects; unfinished uploads go with them', async () => {
        await ask('PUT', '/full-bucket');
        await ask('PUT', '/full-bucket/a', { body: 'a' });
        await expectError(await ask('DELETE', '/full-bucket'), 409, 'BucketNotEmpty');
        const begun = await (await ask('POST', '/full-bucket/b?uploads')).text();
        const id = /<UploadId>(.*?)<\/UploadId>/.exec(begun)![1]!;
        await ask('PUT', `/full-bucket/b?partNumber=1&uploadId=${id}`, { body: 'b' });
        await ask('DELETE', '/full-bucket/a');
        assert.equal((await ask('DELETE', '/full-bucket')).status, 204);
        await everythingAccountedFor();
      });
    });

    describe('objects', () => {
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
        assert.equal(
          (await ask('PUT', '/reads/once', { body: '3', headers: { 'if-match': etag } })).status,
          200,
        );
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
        await expectError(
          await ask('PUT', `/reads/${'k'.repeat(1025)}`, { body: 'x' }),
          400,
          'KeyTooLongError',
        );
        await expectError(await ask('PUT', '/reads/%FF', { body: 'x' }), 400, 'InvalidURI');
        const headers = { 'x-amz-server-side-encryption': 'aws:kms' };
        await expectError(await ask('PUT', '/reads/sse', { body: 'x', headers }), 501, 'NotImplemented');
        await expectError(
          await ask('PUT', '/reads/acl', { body: 'x', headers: { 'x-amz-acl': 'public-read' } }),
          501,
          'NotImplemented',
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
        const answer = await (
          await ask('POST', '/reads?delete', { body: `<Delete>${names}</Delete>` })
        ).text();
        assert.equal(answer.match(/<Deleted>/g)?.length, 3);
        const list = await (await ask('GET', '/reads?list-type=2&prefix=batch/')).text();
        assert.match(list, /<KeyCount>1<\/KeyCount>.*batch\/d3/s);
        const quiet = `<Delete><Quiet>true</Quiet><Object><Key>batch/d3</Key></Object></Delete>`;
        assert.doesNotMatch(await (await ask('POST', '/reads?delete', { body: quiet })).text(), /Deleted/);
        const wrong = { 'content-md5': Buffer.alloc(16).toString('base64') };
        await expectError(
          await ask('POST', '/reads?delete', { body: quiet, headers: wrong }),
          400,
          'BadDigest',
        );
        const doctype = '<!DOCTYPE d [<!ENTITY x "y">]><Delete><Object><Key>&x;</Key></Object></Delete>';
        await expectError(await ask('POST', '/reads?delete', { body: doctype }), 400, 'MalformedXML');
      });
    });

    describe('copies', () => {
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

    describe('multipart uploads', () => {
      const begin = async (path: string, headers = {}) =>
        /<UploadId>(.*?)<\/UploadId>/.exec(
          await (await ask('POST', `${path}?uploads`, { headers })).text(),
        )![1]!;
      const part = (path: string, id: string, number: number, body: Uint8Array<ArrayBuffer>, headers = {}) =>
        ask('PUT', `${path}?partNumber=${number}&uploadId=${id}`, { body, headers });
      const complete = (
        path: string,
        id: string,
        parts: readonly (readonly [number, string])[],
        headers = {},
      ) =>
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
        assert.equal(
          await (await complete(path, id, list)).text(),
          answer,
          'asked again, it answers the same',
        );
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
          assert.match(
            answer,
            new RegExp(`<ChecksumCRC32>${expected.replace(/[+/]/g, '\\$&')}</ChecksumCRC32>`),
          );
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

    describe('lists', () => {
      const keysOf = (xml: string) => [...xml.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key);
      before(async () => {
        await ask('PUT', '/listed');
        for (const key of [
          'b',
          'B',
          'a',
          'a/1',
          'a/2',
          'a-1',
          'é',
          '_',
          '%F0%9F%A7%AC',
          '%EF%BF%AE',
          'x%20y',
          'x%01y',
        ])
          await ask('PUT', `/listed/${key}`, { body: key });
      });

      test('are in the order of the UTF-8 bytes, on every database', async () => {
        const keys = keysOf(await (await ask('GET', '/listed?list-type=2')).text());
        assert.deepEqual(keys, [
          'B',
          '_',
          'a',
          'a-1',
          'a/1',
          'a/2',
          'b',
          'x&#x1;y',
          'x y',
          'é',
          '\uffee',
          '\u{1f9ec}',
        ]);
      });

      test('go on by token, by start-after and by marker', async () => {
        const all: string[] = [];
        for (let token = ''; ;) {
          const query = `/listed?list-type=2&max-keys=5${token && `&continuation-token=${encodeURIComponent(token)}`}`;
          const xml = await (await ask('GET', query)).text();
          all.push(...(keysOf(xml) as string[]));
          token = /<NextContinuationToken>(.*?)</.exec(xml)?.[1] ?? '';
          assert.equal(token !== '', xml.includes('<IsTruncated>true</IsTruncated>'));
          if (token === '') break;
        }
        assert.equal(all.length, 12);
        assert.deepEqual(
          keysOf(await (await ask('GET', '/listed?list-type=2&start-after=b')).text()).slice(0, 1),
          ['x&#x1;y'],
        );
        assert.deepEqual(keysOf(await (await ask('GET', '/listed?marker=a/1&max-keys=2')).text()), [
          'a/2',
          'b',
        ]);
        await expectError(
          await ask('GET', '/listed?list-type=2&continuation-token=zzz'),
          400,
          'InvalidArgument',
        );
        await expectError(await ask('GET', '/listed?max-keys=-1'), 400, 'InvalidArgument');
      });

      test('group by delimiter and encode keys where asked', async () => {
        const grouped = await (await ask('GET', '/listed?list-type=2&delimiter=/&prefix=a')).text();
        assert.deepEqual(keysOf(grouped), ['a', 'a-1']);
        assert.match(grouped, /<CommonPrefixes><Prefix>a\/<\/Prefix><\/CommonPrefixes>/);
        const encoded = await (await ask('GET', '/listed?encoding-type=url&prefix=x')).text();
        assert.deepEqual(keysOf(encoded), ['x%01y', 'x%20y']);
        assert.match(encoded, /<EncodingType>url<\/EncodingType>/);
      });
    });
  });
}
