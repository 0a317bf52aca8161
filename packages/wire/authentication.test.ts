import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as omics from '@aws-sdk/client-omics';
import * as sts from '@aws-sdk/client-sts';
import type { Clock } from '@helicase/kernel';
import { defineOperation, type RawService, type Service } from './operation.ts';
import { ask, type Asked, presign, send, sign } from './testing/sign.ts';
import { ACCOUNTS, KEYS, startGateway, type TestGateway } from './testing/start-gateway.ts';

const NOW = Date.UTC(2026, 10, 23, 21, 0, 0);
const clock: Clock = { now: () => NOW, sleep: async () => {} };
const at = (minutes: number) => new Date(NOW + minutes * 60_000);

const listRuns: Service = {
  name: 'omics',
  protocol: 'restJson1',
  schemas: omics,
  operations: [
    defineOperation({
      name: 'ListRuns',
      action: 'omics:ListRuns',
      resources: () => ['*'],
      readOnly: true,
      quota: 'ListRuns',
      handler: async (_: object, { scope }) => ({
        items: [{ id: '1', name: `${scope.account} ${scope.region}` }],
      }),
    }),
    defineOperation({
      name: 'CreateRunGroup',
      action: 'omics:CreateRunGroup',
      resources: () => ['*'],
      readOnly: false,
      quota: 'CreateRunGroup',
      handler: async ({ name }: { name?: string }) => ({ id: '1', arn: name }),
    }),
  ],
};
const identity: Service = {
  name: 'sts',
  protocol: 'awsQuery',
  schemas: sts,
  operations: [],
  global: true,
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
};
const s3: RawService = {
  name: 's3',
  async handle({ response, scope }) {
    response.end(scope.region);
  },
};

describe('who fails to sign in again and again', () => {
  test('is not looked at for the rest of the minute; others with the address or the key are', async () => {
    let ahead = 0;
    const moving: Clock = { now: () => NOW + ahead, sleep: async () => {} };
    const gateway = await startGateway({ services: [listRuns], raw: [], clock: moving });
    const runs: Asked = { target: '/run' };
    const wrong = { ...KEYS.first, secretAccessKey: 'guessed' };
    for (let attempt = 0; attempt < 30; attempt++) {
      const answer = await ask(gateway.port, runs, { date: at(0), keys: wrong });
      refused(answer, 403, 'InvalidSignatureException', /does not match/);
    }
    const right = () => ask(gateway.port, runs, { date: at(0), keys: KEYS.first });
    refused(await right(), 400, 'ThrottlingException', /wrong signature came from this address/);
    assert.equal((await ask(gateway.port, runs, { date: at(0), keys: KEYS.second })).status, 200);
    ahead = 61_000;
    assert.equal((await right()).status, 200);
    await gateway.close();
  });
});

describe('who signed, and when', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway({ services: [listRuns, identity], raw: [s3], clock });
  });
  after(() => gateway.close());

  const runs: Asked = { target: '/run?name=a%20b&maxResults=5' };
  const signedAt = (minutes: number, service = 'omics', asked = runs) =>
    ask(gateway.port, asked, { service, date: at(minutes) });

  test('each key is its account, each region of the scope a world', async () => {
    const first = await ask(gateway.port, runs, { date: at(0) });
    assert.equal(first.status, 200, first.text);
    assert.match(first.text, new RegExp(`${ACCOUNTS.first} us-east-1`));
    const second = await ask(gateway.port, runs, { date: at(0), keys: KEYS.second, region: 'eu-west-1' });
    assert.match(second.text, new RegExp(`${ACCOUNTS.second} eu-west-1`));
  });

  test('another secret under the same key id does not match', async () => {
    const keys = { ...KEYS.first, secretAccessKey: KEYS.second.secretAccessKey };
    const answer = await ask(gateway.port, runs, { date: at(0), keys });
    refused(answer, 403, 'InvalidSignatureException', /does not match the signature you provided/);
  });

  test('an unknown key id is an invalid security token, and so is a session token of no session', async () => {
    const unknown = { accessKeyId: 'AKIANOBODYNOBODYNOBO', secretAccessKey: 'x' };
    const answer = await ask(gateway.port, runs, { date: at(0), keys: unknown });
    refused(answer, 403, 'UnrecognizedClientException', /security token included in the request is invalid/);
    const session = await ask(gateway.port, runs, {
      date: at(0),
      keys: { ...KEYS.first, sessionToken: 'made-up' },
    });
    refused(session, 403, 'UnrecognizedClientException', /security token/);
  });

  test('a signature is good for five minutes around its time', async () => {
    assert.equal((await signedAt(-4.9)).status, 200);
    assert.equal((await signedAt(4.9)).status, 200);
    const old = await signedAt(-6);
    refused(
      old,
      403,
      'InvalidSignatureException',
      /^Signature expired: 20261123T205400Z is now earlier than 20261123T205500Z \(20261123T210000Z - 5 min\.\)$/,
    );
    const early = await signedAt(6);
    refused(
      early,
      403,
      'InvalidSignatureException',
      /^Signature not yet current: 20261123T210600Z is still later than 20261123T210500Z \(20261123T210000Z \+ 5 min\.\)$/,
    );
  });

  test('S3 allows fifteen minutes, and calls it a skewed time', async () => {
    assert.equal((await signedAt(-14, 's3')).status, 200);
    const old = await signedAt(-16, 's3');
    assert.equal(old.status, 403);
    assert.match(old.text, /<Code>RequestTimeTooSkewed<\/Code>/);
  });

  test('a presigned request is good until its end', async () => {
    const fresh = await presign(gateway.port, runs, { date: at(-50) }, 3600);
    assert.equal((await send(gateway.port, { target: fresh })).status, 200);
    const stale = await presign(gateway.port, runs, { date: at(-70) }, 3600);
    refused(
      await send(gateway.port, { target: stale }),
      403,
      'InvalidSignatureException',
      /^Signature expired/,
    );
    const s3Stale = await presign(gateway.port, { target: '/b/k' }, { date: at(-70), service: 's3' }, 3600);
    const answer = await send(gateway.port, { target: s3Stale });
    assert.equal(answer.status, 403);
    assert.match(answer.text, /<Code>AccessDenied<\/Code><Message>Request has expired/);
  });

  test('a presigned request does not stretch: its end is signed', async () => {
    const target = await presign(gateway.port, runs, { date: at(-70) }, 3600);
    const stretched = target.replace('X-Amz-Expires=3600', 'X-Amz-Expires=36000');
    assert.notEqual(stretched, target);
    const answer = await send(gateway.port, { target: stretched });
    refused(answer, 403, 'InvalidSignatureException', /does not match/);
    const beyond = target.replace('X-Amz-Expires=3600', 'X-Amz-Expires=999999');
    refused(await send(gateway.port, { target: beyond }), 403, 'IncompleteSignatureException', /604800/);
  });

  test('another region in the scope is refused with the regions there are', async () => {
    const answer = await ask(gateway.port, runs, { date: at(0), region: 'ap-south-1' });
    refused(answer, 403, 'InvalidSignatureException', /valid region, not 'ap-south-1'.*us-east-1, eu-west-1/);
    const bucket = await ask(
      gateway.port,
      { target: '/b' },
      { date: at(0), region: 'ap-south-1', service: 's3' },
    );
    assert.equal(bucket.status, 400);
    assert.match(bucket.text, /<Code>AuthorizationHeaderMalformed<\/Code>.*<Region>us-east-1<\/Region>/);
  });

  test('another service in the scope is refused with the services there are', async () => {
    const answer = await ask(gateway.port, runs, { date: at(0), service: 'ec2' });
    refused(answer, 403, 'InvalidSignatureException', /correct service: 'omics, s3, sts', not 'ec2'/);
  });

  test('no signature at all', async () => {
    refused(await send(gateway.port, runs), 403, 'MissingAuthenticationTokenException', /Missing/);
  });

  test('the query protocol words its refusals in XML with its own codes', async () => {
    const asked = {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    };
    const keys = { ...KEYS.first, secretAccessKey: 'wrong' };
    const answer = await ask(gateway.port, asked, { date: at(0), service: 'sts', keys });
    assert.equal(answer.status, 403);
    assert.match(answer.text, /<Type>Sender<\/Type><Code>SignatureDoesNotMatch<\/Code>/);
    assert.match(answer.headers['content-type']!, /xml/);
  });

  describe('what is signed cannot be changed', () => {
    const create: Asked = {
      method: 'POST',
      target: '/runGroup',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"a","requestId":"1"}',
    };
    const changed: readonly (readonly [string, (asked: Asked) => Asked])[] = [
      ['the method', (asked) => ({ ...asked, method: 'PATCH' })],
      ['the path', (asked) => ({ ...asked, target: '/runGroup/1' })],
      ['the query', (asked) => ({ ...asked, target: '/runGroup?x=1' })],
      ['the body', (asked) => ({ ...asked, body: '{"name":"b","requestId":"1"}' })],
      [
        'a signed header',
        (asked) => ({ ...asked, headers: { ...asked.headers, 'content-type': 'text/plain' } }),
      ],
      [
        'an x-amz header that was not signed',
        (asked) => ({ ...asked, headers: { ...asked.headers, 'x-amz-meta-a': 'b' } }),
      ],
      [
        'the declared hash',
        (asked) => ({ ...asked, headers: { ...asked.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
      ],
    ];
    for (const [what, change] of changed) {
      test(what, async () => {
        const headers = await sign(gateway.port, create, { date: at(0) });
        assert.equal((await send(gateway.port, { ...create, headers })).status, 201);
        refused(
          await send(gateway.port, change({ ...create, headers })),
          403,
          'InvalidSignatureException',
          /./,
        );
      });
    }

    test('the body, where its hash is not declared', async () => {
      const headers = await sign(gateway.port, create, { date: at(0), checksum: false });
      assert.equal(headers['x-amz-content-sha256'], undefined);
      assert.equal((await send(gateway.port, { ...create, headers })).status, 201);
      const answer = await send(gateway.port, { ...create, headers, body: '{"name":"c","requestId":"1"}' });
      refused(answer, 403, 'InvalidSignatureException', /does not match/);
    });
  });

  const malformed: readonly (readonly [string, string, RegExp])[] = [
    ['no parameters', 'AWS4-HMAC-SHA256', /requires 'Credential'/],
    [
      'a credential without scope',
      'AWS4-HMAC-SHA256 Credential=AKID, SignedHeaders=host, Signature=0',
      /mal-formed/,
    ],
    ['another scheme', 'Bearer abc', /not AWS4-HMAC-SHA256/],
    [
      'no signature',
      'AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/omics/aws4_request, SignedHeaders=host',
      /requires 'Signature'/,
    ],
    [
      'no date',
      'AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/omics/aws4_request, SignedHeaders=host, Signature=0',
      /'Date' header/,
    ],
    [
      'the asymmetric algorithm',
      'AWS4-ECDSA-P256-SHA256 Credential=A/20261123/us-east-1/omics/aws4_request, SignedHeaders=host, Signature=0',
      /not supported/,
    ],
  ];
  for (const [what, authorization, message] of malformed) {
    test(`an Authorization header with ${what} is incomplete`, async () => {
      const answer = await send(gateway.port, { ...runs, headers: { authorization } });
      refused(answer, 403, 'IncompleteSignatureException', message);
    });
  }

  test('a scope of another day than the date', async () => {
    const headers = await sign(gateway.port, runs, { date: at(0) });
    headers['authorization'] = headers['authorization']!.replace('/20261123/', '/20261122/');
    const answer = await send(gateway.port, { ...runs, headers });
    refused(answer, 403, 'IncompleteSignatureException', /'20261122' != '20261123'/);
  });
});

function refused(
  answer: { readonly status: number; readonly headers: Record<string, unknown>; readonly text: string },
  status: number,
  code: string,
  message: RegExp,
): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['x-amzn-errortype'], code);
  assert.match((JSON.parse(answer.text) as { message: string }).message, message);
  assert.ok(answer.headers['x-amzn-requestid']);
}
