import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { readIncoming } from '../request/incoming.ts';
import { sha256Hex } from './canonical-request.ts';
import { readClaim, type V4Claim } from './claim.ts';
import { isSignedV4, signingKey } from './verify-v4.ts';

interface Vector {
  readonly what: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly payload?: string;
}

function verify(vector: Vector, secret: string, credential: string): boolean {
  const request = new IncomingMessage(new Socket());
  request.method = vector.method;
  request.url = vector.target;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${vector.signedHeaders}, Signature=${vector.signature}`;
  request.rawHeaders = Object.entries({ ...vector.headers, Authorization: authorization }).flat();
  const incoming = readIncoming(request);
  const claim = readClaim(incoming) as V4Claim;
  return isSignedV4(incoming, claim, signingKey(secret, claim), vector.payload ?? sha256Hex(''));
}

/** The suite `aws-sig-v4-test-suite` that AWS publishes for implementers. */
const suite = { Host: 'example.amazonaws.com', 'X-Amz-Date': '20150830T123600Z' };
const suiteVectors: readonly Vector[] = [
  {
    what: 'get-vanilla',
    method: 'GET',
    target: '/',
    headers: suite,
    signedHeaders: 'host;x-amz-date',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    what: 'get-vanilla-query-order-key-case',
    method: 'GET',
    target: '/?Param2=value2&Param1=value1',
    headers: suite,
    signedHeaders: 'host;x-amz-date',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    what: 'get-utf8',
    method: 'GET',
    target: '/\u1234',
    headers: suite,
    signedHeaders: 'host;x-amz-date',
    signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  },
  {
    what: 'post-vanilla',
    method: 'POST',
    target: '/',
    headers: suite,
    signedHeaders: 'host;x-amz-date',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
];

/** The example of the IAM guide's page on signing. */
const listUsers: Vector = {
  what: 'IAM ListUsers',
  method: 'GET',
  target: '/?Action=ListUsers&Version=2010-05-08',
  headers: {
    'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
    Host: 'iam.amazonaws.com',
    'X-Amz-Date': '20150830T123600Z',
  },
  signedHeaders: 'content-type;host;x-amz-date',
  signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
};

/** The examples of the S3 API reference, "Signature Calculations for the Authorization Header". */
const s3 = { Host: 'examplebucket.s3.amazonaws.com', 'x-amz-date': '20130524T000000Z' };
const empty = { 'x-amz-content-sha256': sha256Hex('') };
const s3Vectors: readonly Vector[] = [
  {
    what: 'S3 GET with a range',
    method: 'GET',
    target: '/test.txt',
    headers: { ...s3, Range: 'bytes=0-9', ...empty },
    signedHeaders: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    what: 'S3 PUT with a key that is escaped',
    method: 'PUT',
    target: '/test%24file.text',
    headers: {
      ...s3,
      Date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': sha256Hex('Welcome to Amazon S3.'),
    },
    signedHeaders: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    payload: sha256Hex('Welcome to Amazon S3.'),
  },
  {
    what: 'S3 PUT with the same key unescaped on the wire',
    method: 'PUT',
    target: '/test$file.text',
    headers: {
      ...s3,
      Date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': sha256Hex('Welcome to Amazon S3.'),
    },
    signedHeaders: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    payload: sha256Hex('Welcome to Amazon S3.'),
  },
  {
    what: 'S3 GET of a subresource without value',
    method: 'GET',
    target: '/?lifecycle',
    headers: { ...s3, ...empty },
    signedHeaders: 'host;x-amz-content-sha256;x-amz-date',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    what: 'S3 list',
    method: 'GET',
    target: '/?max-keys=2&prefix=J',
    headers: { ...s3, ...empty },
    signedHeaders: 'host;x-amz-content-sha256;x-amz-date',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

describe('signatures that AWS publishes', () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  const s3Secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const cases = [
    ...suiteVectors.map((vector) => ({
      vector,
      secret,
      credential: 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request',
    })),
    { vector: listUsers, secret, credential: 'AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request' },
    ...s3Vectors.map((vector) => ({
      vector,
      secret: s3Secret,
      credential: 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
    })),
  ];
  for (const { vector, secret: own, credential } of cases) {
    test(`${vector.what} is accepted, and refused with anything changed`, () => {
      assert.ok(verify(vector, own, credential));
      assert.ok(!verify({ ...vector, method: 'DELETE' }, own, credential));
      assert.ok(!verify({ ...vector, target: `${vector.target}x` }, own, credential));
      assert.ok(!verify({ ...vector, payload: sha256Hex('x') }, own, credential));
      assert.ok(!verify(vector, `${own}x`, credential));
      const host = { ...vector.headers, Host: 'other.amazonaws.com' };
      assert.ok(!verify({ ...vector, headers: host }, own, credential));
      assert.ok(!verify({ ...vector, signature: vector.signature.replace(/^./, 'g') }, own, credential));
    });
  }

  test('an S3 presigned GET is accepted', () => {
    const request = new IncomingMessage(new Socket());
    request.method = 'GET';
    request.url =
      '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
      '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
      '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
      '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
    request.rawHeaders = ['Host', 'examplebucket.s3.amazonaws.com'];
    const incoming = readIncoming(request);
    const claim = readClaim(incoming) as V4Claim;
    assert.equal(claim.expires, 86_400);
    assert.ok(isSignedV4(incoming, claim, signingKey(s3Secret, claim), 'UNSIGNED-PAYLOAD'));
  });
});
