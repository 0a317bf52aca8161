import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { Messaging, type MessagingEndpoint } from './messaging.ts';
import { Undeliverable } from './undeliverable.ts';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' };
const QUEUE = 'arn:aws:sqs:us-east-1:111122223333:told.fifo';
const TOPIC = 'arn:aws:sns:us-east-1:111122223333:told';

interface Asked {
  readonly path: string;
  readonly target: string | undefined;
  readonly authorization: string;
  readonly body: string;
}

// What AWS's clients ask, and how SQS (JSON 1.0) and SNS (query) answer them: their API references.
describe('queues and topics', () => {
  const asked: Asked[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { authorization = '', 'x-amz-target': target } = request.headers;
      asked.push({ path: request.url!, target: target as string | undefined, authorization, body });
      response.statusCode = status;
      response.end(target ? sqsAnswer(status, body) : snsAnswer(status));
    });
  });
  let messaging: Messaging;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const of = (service: 'sqs' | 'sns'): MessagingEndpoint => ({
      ...{ service, endpoint, region: 'us-east-1', credentials, accounts: ['111122223333'] },
    });
    messaging = new Messaging([of('sqs'), of('sns')]);
  });
  after(async () => {
    await messaging.close();
    server.closeAllConnections();
    server.close();
  });

  const send = async (arn: string, message: { readonly id: string; readonly body: string }) => {
    const found = messaging.find('111122223333', arn)!;
    const target = { Id: 'one', Arn: arn, SqsParameters: { MessageGroupId: 'runs' } };
    await (
      await messaging.sender(found, target)
    )(message, new AbortController().signal);
    return asked.at(-1)!;
  };

  it('are told in signed requests, a queue that keeps order with the event’s id', async () => {
    const sent = await send(QUEUE, { id: 'event-1', body: '{"detail":{}}' });
    assert.equal(sent.target, 'AmazonSQS.SendMessage');
    assert.match(
      sent.authorization,
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/us-east-1\/sqs\//,
    );
    const { QueueUrl, ...rest } = JSON.parse(sent.body) as Record<string, string>;
    assert.match(QueueUrl!, /\/111122223333\/told\.fifo$/);
    assert.deepEqual(rest, {
      ...{ MessageBody: '{"detail":{}}', MessageGroupId: 'runs', MessageDeduplicationId: 'event-1' },
    });
    const published = await send(TOPIC, { id: 'event-1', body: 'a run has failed' });
    assert.match(published.authorization, /\/us-east-1\/sns\//);
    const form = new URLSearchParams(published.body);
    assert.deepEqual(
      ['Action', 'TopicArn', 'Message'].map((name) => form.get(name)),
      ['Publish', TOPIC, 'a run has failed'],
    );
  });

  it('that refuse a message are not asked again, those that are broken are', async () => {
    status = 400;
    await assert.rejects(send(QUEUE, { id: '1', body: 'x' }), Undeliverable);
    status = 503;
    await assert.rejects(
      send(TOPIC, { id: '1', body: 'x' }),
      (error: Error) => !(error instanceof Undeliverable),
    );
    status = 200;
  });

  it('are there for the accounts that the operator named', () => {
    assert.equal(messaging.find('444455556666', QUEUE), undefined);
    assert.equal(
      messaging.find('111122223333', 'arn:aws:lambda:us-east-1:111122223333:function:f'),
      undefined,
    );
  });
});

function sqsAnswer(status: number, body: string): string {
  if (status !== 200) return JSON.stringify({ __type: 'com.amazonaws.sqs#InvalidMessageContents' });
  const { MessageBody } = JSON.parse(body) as { MessageBody: string };
  return JSON.stringify({ MessageId: '1', MD5OfMessageBody: hash('md5', MessageBody) });
}

function snsAnswer(status: number): string {
  if (status !== 200)
    return '<ErrorResponse><Error><Code>InternalError</Code><Message>busy</Message></Error></ErrorResponse>';
  return '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';
}
