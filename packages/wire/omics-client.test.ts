import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import * as schemas from '@aws-sdk/client-omics';
import {
  CancelRunCommand,
  CreateSequenceStoreCommand,
  GetReadSetCommand,
  GetReferenceCommand,
  ListRunsCommand,
  OmicsClient,
  StartRunCommand,
  type StartRunCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
  UploadReadSetPartCommand,
} from '@aws-sdk/client-omics';
import { defineOperation, type AnyOperation, type OperationContext, type Service } from './operation.ts';
import { ACCOUNTS, KEYS, startGateway, type TestGateway } from './testing/start-gateway.ts';

/** What the handlers were given last. */
const seen: { input?: Record<string, unknown>; context?: OperationContext; bytes?: Buffer } = {};

function entry(name: string, handler?: (input: Record<string, unknown>) => Promise<unknown>): AnyOperation {
  return defineOperation<Record<string, unknown>, unknown>({
    name,
    action: `omics:${name}`,
    resources: () => ['*'],
    readOnly: name.startsWith('Get'),
    quota: name,
    ...(handler && {
      handler: async (input, context) => {
        Object.assign(seen, { input, context });
        return handler(input);
      },
    }),
  });
}

const payload = Buffer.from('ACGTACGTACGT');
const service: Service = {
  name: 'omics',
  protocol: 'restJson1',
  schemas,
  operations: [
    entry('StartRun', async () => ({ id: '1234567', status: 'PENDING', tags: { a: 'b' } })),
    entry('CancelRun', async () => undefined),
    entry('ListRuns', async () => ({
      items: [{ id: '1', creationTime: new Date('2026-11-23T20:00:00.123Z'), startTime: undefined }],
    })),
    entry('GetReadSet', async () => ({
      payload: { stream: Readable.from(payload), length: payload.length },
    })),
    entry('GetReference', async ({ range }) => ({
      payload: {
        stream: Readable.from(payload.subarray(0, 4)),
        length: 4,
        ...(range ? { contentRange: `bytes 0-3/${payload.length}` } : {}),
      },
    })),
    entry('UploadReadSetPart', async (input) => {
      seen.bytes = await buffer(input['payload'] as Readable);
      return { checksum: 'abc' };
    }),
    entry('TagResource', async () => ({})),
    entry('UntagResource', async () => ({})),
  ],
};

describe('restJson1 to the real OmicsClient', () => {
  let gateway: TestGateway;
  let client: OmicsClient;
  before(async () => {
    gateway = await startGateway({ services: [service] });
    client = new OmicsClient({
      endpoint: gateway.url,
      disableHostPrefix: true,
      region: 'us-east-1',
      credentials: KEYS.first,
      maxAttempts: 1,
    });
  });
  after(() => {
    client.destroy();
    return gateway.close();
  });

  /** Sends the text in place of the command's body, signed. */
  function sendAs(contentType: string, text: string) {
    const command = new StartRunCommand({
      roleArn: 'replaced',
      outputUri: 'replaced',
    } as StartRunCommandInput);
    command.middlewareStack.add(
      (next) => (call) => {
        const request = call.request as { body: unknown; headers: Record<string, string> };
        request.body = text;
        Object.assign(request.headers, {
          'content-type': contentType,
          'content-length': String(Buffer.byteLength(text)),
        });
        return next(call);
      },
      { step: 'build', priority: 'low' },
    );
    return client.send(command);
  }

  test('a body may be YAML, as people write manifests', async () => {
    const text = `
# a comment
roleArn: &role arn:aws:iam::111122223333:role/r
outputUri: s3://bucket/out
name: "007"
parameters: { reads: [a, b], of: *role }
`;
    for (const type of ['application/yaml', 'text/x-yaml; charset=utf-8']) {
      await sendAs(type, text);
      const { requestId, ...input } = seen.input!;
      assert.ok(requestId === undefined || typeof requestId === 'string');
      assert.deepEqual(input, {
        roleArn: 'arn:aws:iam::111122223333:role/r',
        outputUri: 's3://bucket/out',
        name: '007',
        parameters: { reads: ['a', 'b'], of: 'arn:aws:iam::111122223333:role/r' },
      });
    }
  });

  test('what is no YAML, or no members, is refused with its place', async () => {
    const refused = async (text: string, message: RegExp) =>
      assert.rejects(sendAs('application/yaml', text), { name: 'SerializationException', message });
    await refused('name: one\nname: two\n', /not YAML: line 2, column 1: Map keys must be unique/);
    await refused('name: [one\n', /not YAML: line \d, column \d/);
    await refused('- one\n', /not a JSON object/);
    await refused('name: &a [*a]\n', /not YAML/);
    await refused(`name: ${'['.repeat(300)}${']'.repeat(300)}\n`, /nests deeper than 200/);
    await refused('priority: .nan\n', /not YAML: priority is NaN, which JSON does not have/);
  });

  test('members go through body and answer, documents as they are', async () => {
    const answer = await client.send(
      new StartRunCommand({
        workflowId: '1234567',
        roleArn: 'arn:aws:iam::111122223333:role/r',
        outputUri: 's3://bucket/out',
        parameters: { reads: ['a', 'b'], nested: { deep: [1, 2.5, null, true] } },
        requestId: 'one',
      }),
    );
    assert.equal(answer.id, '1234567');
    assert.equal(answer.$metadata.httpStatusCode, 201);
    assert.match(answer.$metadata.requestId!, /^[0-9a-f-]{36}$/);
    assert.deepEqual(seen.input, {
      workflowId: '1234567',
      roleArn: 'arn:aws:iam::111122223333:role/r',
      outputUri: 's3://bucket/out',
      parameters: { reads: ['a', 'b'], nested: { deep: [1, 2.5, null, true] } },
      requestId: 'one',
    });
    assert.deepEqual(seen.context!.scope, { account: ACCOUNTS.first, region: 'us-east-1' });
    assert.equal(seen.context!.principal.arn, `arn:aws:iam::${ACCOUNTS.first}:root`);
  });

  test('query members are typed, timestamps are ISO text with milliseconds', async () => {
    const answer = await client.send(
      new ListRunsCommand({ maxResults: 7, name: 'a b&c=+%', startingToken: 't' }),
    );
    assert.deepEqual(seen.input, { maxResults: 7, name: 'a b&c=+%', startingToken: 't' });
    assert.equal(answer.items![0]!.creationTime!.toISOString(), '2026-11-23T20:00:00.123Z');
  });

  test('an operation without output answers its status and no body', async () => {
    const answer = await client.send(new CancelRunCommand({ id: '1234567' }));
    assert.equal(answer.$metadata.httpStatusCode, 202);
    assert.deepEqual(seen.input, { id: '1234567' });
  });

  test('an ARN in the path is one label, with its slashes and colons', async () => {
    const resourceArn = `arn:aws:omics:us-east-1:${ACCOUNTS.first}:run/1234567`;
    const tagged = await client.send(new TagResourceCommand({ resourceArn, tags: { 'a b': 'c' } }));
    assert.equal(tagged.$metadata.httpStatusCode, 204);
    assert.deepEqual(seen.input, { resourceArn, tags: { 'a b': 'c' } });
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['x', 'y z'] }));
    assert.deepEqual(seen.input, { resourceArn, tagKeys: ['x', 'y z'] });
  });

  test('a streamed answer has its length', async () => {
    const answer = await client.send(
      new GetReadSetCommand({ id: '1234567890', sequenceStoreId: '1234567890', partNumber: 1 }),
    );
    assert.deepEqual(Buffer.from(await answer.payload!.transformToByteArray()), payload);
  });

  test('a range is answered with 206', async () => {
    const answer = await client.send(
      new GetReferenceCommand({
        id: '1234567890',
        referenceStoreId: '1234567890',
        range: 'bytes=0-3',
        partNumber: 1,
      }),
    );
    assert.equal(answer.$metadata.httpStatusCode, 206);
    assert.equal(await answer.payload!.transformToString(), 'ACGT');
    assert.equal(seen.input!['range'], 'bytes=0-3');
  });

  test('a part is uploaded as a stream', async () => {
    const bytes = Buffer.alloc(3_000_000, 'GATTACA');
    const answer = await client.send(
      new UploadReadSetPartCommand({
        sequenceStoreId: '1234567890',
        uploadId: '1234567890',
        partSource: 'SOURCE1',
        partNumber: 3,
        payload: Readable.from([bytes.subarray(0, 1_000_001), bytes.subarray(1_000_001)]),
      }),
    );
    assert.equal(answer.checksum, 'abc');
    assert.ok(seen.bytes!.equals(bytes));
    assert.equal(seen.input!['partNumber'], 3);
  });

  test('an operation of the model without handler is not supported, and says which it is', async () => {
    await assert.rejects(
      client.send(new CreateSequenceStoreCommand({ name: 'x' })),
      (error: schemas.OmicsServiceException) => {
        assert.equal(error.name, 'NotSupportedOperationException');
        assert.equal(error.$metadata.httpStatusCode, 405);
        assert.match(error.message, /CreateSequenceStore/);
        return true;
      },
    );
  });
});
