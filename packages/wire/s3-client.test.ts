import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { PutObjectCommand, S3Client, type S3ClientConfig, UploadPartCommand } from '@aws-sdk/client-s3';
import { ServiceError } from '@helicase/kernel';
import type { RawRequest, RawService } from './operation.ts';
import { ask, type Asked, presign, send, sign } from './testing/sign.ts';
import { KEYS, startGateway, type TestGateway } from './testing/start-gateway.ts';

interface Seen {
  readonly raw: RawRequest;
  readonly bytes: Buffer;
  readonly error?: unknown;
}

describe('verified streams for S3', () => {
  let gateway: TestGateway;
  let seen: Seen;
  const s3: RawService = {
    name: 's3',
    bucketOf: ({ host }) => /^(.+)\.s3\.localhost/.exec(host)?.[1],
    async handle(raw) {
      if (raw.path === '/unread') throw new ServiceError('k', 'NoSuchBucket', 404, 'No <such> bucket');
      if (raw.path === '/part-read') {
        for await (const _ of raw.body) break;
        throw new ServiceError('k', 'BadDigest', 400, 'Bad');
      }
      const bytes = await buffer(raw.body);
      seen = { raw, bytes };
      raw.response.end();
    },
  };
  before(async () => {
    gateway = await startGateway({ raw: [s3] });
  });
  after(() => gateway.close());

  const client = (config: S3ClientConfig = {}) =>
    new S3Client({
      endpoint: gateway.url,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: KEYS.first,
      maxAttempts: 1,
      ...config,
    });
  const bytes = Buffer.alloc(200_000, 'GATTACA\n');

  test('a buffer from the SDK arrives with its declared hash checked', async () => {
    await client().send(new PutObjectCommand({ Bucket: 'b', Key: 'a key/+$é.txt', Body: bytes }));
    assert.ok(seen.bytes.equals(bytes));
    assert.equal(seen.raw.path, '/b/a%20key/%2B%24%C3%A9.txt');
    assert.equal(seen.raw.query.get('x-id'), 'PutObject');
  });

  test('a stream from the SDK arrives without its framing, with the checksum that trails', async () => {
    const Body = Readable.from([bytes.subarray(0, 70_001), bytes.subarray(70_001)]);
    await client().send(
      new UploadPartCommand({
        Bucket: 'b',
        Key: 'k',
        UploadId: 'u',
        PartNumber: 1,
        Body,
        ContentLength: bytes.length,
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    assert.ok(seen.bytes.equals(bytes));
    assert.equal(seen.raw.request.headers['x-amz-content-sha256'], 'STREAMING-UNSIGNED-PAYLOAD-TRAILER');
    const expected = createHash('sha256').update(bytes).digest('base64');
    assert.deepEqual([...seen.raw.trailers], [['x-amz-checksum-sha256', expected]]);
  });

  test('an empty body', async () => {
    await client().send(new PutObjectCommand({ Bucket: 'b', Key: 'empty', Body: '' }));
    assert.equal(seen.bytes.length, 0);
  });

  test('a body that is not the one declared fails at its end', async () => {
    const asked: Asked = { method: 'PUT', target: '/b/k', body: 'signed bytes' };
    const headers = await sign(gateway.port, asked, { service: 's3' });
    const answer = await send(gateway.port, { ...asked, headers, body: 'other  bytes' });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /<Code>XAmzContentSHA256Mismatch<\/Code>/);
  });

  test('a request without a signature is refused in S3’s words, one of another service in that one’s', async () => {
    const answer = await send(gateway.port, { method: 'GET', target: '/b/k', headers: {} });
    assert.equal(answer.status, 403);
    assert.match(
      answer.text,
      /^<\?xml .*<Error><Code>AccessDenied<\/Code><Message>Access Denied<\/Message>/s,
    );
    const other = await send(gateway.port, {
      method: 'POST',
      target: '/',
      headers: { 'x-amz-target': 'Any.List' },
    });
    assert.equal(other.status, 403);
    assert.match(other.text, /"MissingAuthenticationTokenException"/);
  });

  test('an unsigned payload and a presigned upload are taken as they come', async () => {
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const asked: Asked = { method: 'PUT', target: '/b/k', headers, body: 'any' };
    assert.equal((await ask(gateway.port, asked, { service: 's3' })).status, 200);
    const target = await presign(
      gateway.port,
      { method: 'PUT', target: '/b/k', headers },
      { service: 's3' },
      60,
    );
    assert.equal((await send(gateway.port, { method: 'PUT', target, body: 'later' })).status, 200);
    assert.equal(seen.bytes.toString(), 'later');
  });

  test('a header signature needs x-amz-content-sha256', async () => {
    const answer = await ask(gateway.port, { target: '/b' }, { service: 's3', checksum: false });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /Missing required header for this request: x-amz-content-sha256/);
  });

  test('errors are XML, escaped, with resource and request id, and none on HEAD', async () => {
    const answer = await ask(gateway.port, { target: '/unread' }, { service: 's3' });
    assert.equal(answer.status, 404);
    assert.equal(answer.headers['content-type'], 'application/xml');
    assert.match(
      answer.text,
      /<Message>No &lt;such&gt; bucket<\/Message><Resource>\/unread<\/Resource><RequestId>[0-9a-f-]{36}</,
    );
    assert.ok(answer.headers['x-amz-request-id']);
    const head = await ask(gateway.port, { method: 'HEAD', target: '/unread' }, { service: 's3' });
    assert.equal(head.status, 404);
    assert.equal(head.text, '');
  });

  for (const target of ['/unread', '/part-read']) {
    test(`a refused upload gets its answer, and the connection serves the next request: ${target}`, async () => {
      const { Agent } = await import('node:http');
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const body = Buffer.alloc(8_000_000, 'x');
      const asked: Asked = {
        method: 'PUT',
        target,
        body,
        headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      };
      const answer = await ask(gateway.port, { ...asked, agent }, { service: 's3' });
      assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
      assert.equal((await ask(gateway.port, { target: '/b', agent }, { service: 's3' })).status, 200);
      agent.destroy();
    });
  }

  test('Expect: 100-continue is answered before the body', async () => {
    const asked: Asked = {
      method: 'PUT',
      target: '/b/k',
      body: 'waited',
      headers: { expect: '100-continue' },
    };
    const answer = await ask(gateway.port, asked, { service: 's3' });
    assert.equal(answer.status, 200);
    assert.equal(seen.bytes.toString(), 'waited');
  });

  describe('signature version 2', () => {
    const secret = KEYS.first.secretAccessKey;
    const id = KEYS.first.accessKeyId;
    const hmac = (text: string) => createHmac('sha1', secret).update(text).digest('base64');

    test('the form of the published example', () => {
      // S3 developer guide, "Signing and Authenticating REST Requests": object GET.
      const text = 'GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/awsexamplebucket1/photos/puppy.jpg';
      const key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
      assert.equal(createHmac('sha1', key).update(text).digest('base64'), 'qgk2+6Sv9/oM7G3qLEjTH1a1l1g=');
    });

    test('in the Authorization header, with amz headers and subresources', async () => {
      const date = new Date().toUTCString();
      const text = `PUT\n\ntext/plain\n${date}\nx-amz-meta-a:b\n/b/k%20k?partNumber=1&uploadId=u`;
      const headers = {
        date,
        'content-type': 'text/plain',
        'x-amz-meta-a': 'b',
        authorization: `AWS ${id}:${hmac(text)}`,
      };
      const asked: Asked = {
        method: 'PUT',
        target: '/b/k%20k?uploadId=u&partNumber=1&other=x',
        headers,
        body: 'v2',
      };
      const answer = await send(gateway.port, asked);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(seen.bytes.toString(), 'v2');
      const other = await send(gateway.port, { ...asked, target: '/b/k%20k?uploadId=u&partNumber=2' });
      assert.match(other.text, /SignatureDoesNotMatch/);
    });

    test('of a bucket in the Host header', async () => {
      const date = new Date().toUTCString();
      const headers = {
        date,
        host: 'some.bucket.s3.localhost',
        authorization: `AWS ${id}:${hmac(`GET\n\n\n${date}\n/some.bucket/k`)}`,
      };
      assert.equal((await send(gateway.port, { target: '/k', headers })).status, 200);
    });

    test('of one bucket opens no other, whatever the Host says', async () => {
      const date = new Date().toUTCString();
      const signed = (resource: string) => `AWS ${id}:${hmac(`GET\n\n\n${date}\n${resource}`)}`;
      const answerTo = async (target: string, host: string, resource: string) =>
        (await send(gateway.port, { target, headers: { date, host, authorization: signed(resource) } }))
          .status;
      assert.equal(await answerTo('/a/k', 'localhost', '/a/k'), 200);
      // Where the host names a bucket, this would be its key `a/k`.
      assert.equal(await answerTo('/a/k', 'other.s3.localhost', '/a/k'), 403);
      assert.equal(await answerTo('/a/k', 'other.s3.localhost', '/other.s3/a/k'), 403);
      assert.equal(await answerTo('/k', 'localhost', '/localhost/k'), 403);
    });

    test('in the query, until its end', async () => {
      const target = (expires: number) => {
        const signature = encodeURIComponent(hmac(`GET\n\n\n${expires}\n/b/k`));
        return `/b/k?AWSAccessKeyId=${id}&Signature=${signature}&Expires=${expires}`;
      };
      const now = Math.floor(Date.now() / 1000);
      assert.equal((await send(gateway.port, { target: target(now + 60) })).status, 200);
      assert.match((await send(gateway.port, { target: target(now - 60) })).text, /Request has expired/);
      const stretched = target(now - 60).replace(/Expires=\d+/, `Expires=${now + 600}`);
      assert.match((await send(gateway.port, { target: stretched })).text, /SignatureDoesNotMatch/);
    });
  });
});
