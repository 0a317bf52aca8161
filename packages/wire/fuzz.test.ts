import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import * as omics from '@aws-sdk/client-omics';
import * as sts from '@aws-sdk/client-sts';
import { buffer } from 'node:stream/consumers';
import type { Log } from '@helicase/kernel';
import { ask, type Asked, sign, type Signing } from './testing/sign.ts';
import { startGateway, type TestGateway } from './testing/start-gateway.ts';

/** A generator of numbers below `limit`, the same for the same seed. */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const bodies: readonly (readonly [Asked, Signing])[] = [
  [
    {
      method: 'POST',
      target: '/run',
      body: '{"workflowId":"1","tags":{"a":"b"},"parameters":[1,{"x":null}]}',
    },
    {},
  ],
  [
    {
      method: 'POST',
      target: '/run',
      headers: { 'content-type': 'application/yaml' },
      body: 'workflowId: "1"\ntags: &t { a: b }\nparameters:\n  - *t\n  - x: null\n',
    },
    {},
  ],
  [{ method: 'GET', target: '/run?maxResults=5&name=a%20b' }, {}],
  [
    { method: 'POST', target: '/', body: 'Action=GetCallerIdentity&Version=2011-06-15&A.member.1.B=c' },
    { service: 'sts' },
  ],
  [
    {
      method: 'PUT',
      target: '/b/k',
      headers: {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '5',
      },
      body: '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n',
    },
    { service: 's3' },
  ],
];

describe('requests that chance makes', () => {
  let gateway: TestGateway;
  const faults: object[] = [];
  const log: Log = { debug() {}, info() {}, warn() {}, error: (facts) => faults.push(facts) };
  before(async () => {
    gateway = await startGateway(
      {
        services: [
          { name: 'omics', protocol: 'restJson1', schemas: omics, operations: [] },
          { name: 'sts', protocol: 'awsQuery', schemas: sts, operations: [] },
        ],
        raw: [
          {
            name: 's3',
            async handle({ body, response }) {
              await buffer(body);
              response.end();
            },
          },
        ],
      },
      log,
    );
  });
  after(() => gateway.close());

  test('bodies with changed bytes, signed as they are, are answered without a fault of ours', async () => {
    const random = seeded(1);
    for (let round = 0; round < 200; round++) {
      const [asked, signing] = bodies[random(bodies.length)]!;
      const body = mutate(Buffer.from(String(asked.body ?? '')), random);
      const { status } = await ask(
        gateway.port,
        { ...asked, ...(asked.body === undefined ? {} : { body }) },
        signing,
      );
      assert.ok(status < 500, `round ${round}: ${status} for ${body.toString('latin1')}`);
    }
    assert.deepEqual(faults, []);
  });

  test('requests with changed bytes anywhere are answered or cut, without a fault of ours', async () => {
    const random = seeded(2);
    for (let round = 0; round < 200; round++) {
      const [asked, signing] = bodies[random(bodies.length)]!;
      const headers = await sign(gateway.port, asked, signing);
      const lines = Object.entries({ ...headers, connection: 'close' }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      const head = `${asked.method} ${asked.target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
      const answer = await exchange(
        gateway.port,
        mutate(Buffer.from(head + String(asked.body ?? '')), random),
      );
      assert.ok(!/^HTTP\/1.1 5/.test(answer), `round ${round}: ${answer}`);
    }
    assert.deepEqual(faults, []);
  });
});

function mutate(bytes: Buffer, random: (limit: number) => number): Buffer {
  const changed = Buffer.from(bytes);
  for (let change = random(4); change > 0 && changed.length > 0; change--) {
    changed[random(changed.length)] = random(256);
  }
  return random(5) === 0 ? changed.subarray(0, random(changed.length + 1)) : changed;
}

/** Sends and half-closes; what comes back within a second. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    let text = '';
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}
