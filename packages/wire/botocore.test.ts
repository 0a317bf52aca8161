import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import * as omics from '@aws-sdk/client-omics';
import * as sts from '@aws-sdk/client-sts';
import { runCommand } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type RawService, type Service } from './operation.ts';
import { KEYS, startGateway, type TestGateway } from './testing/start-gateway.ts';

const python = ['python3', process.env['HELICASE_TEST_PYTHON'] ?? ''].find(
  (name) => name !== '' && spawnSync(name, ['-c', 'import botocore.session']).status === 0,
);
const cli = spawnSync('aws', ['omics', 'help'], { env: { ...process.env, AWS_PAGER: 'cat' } }).status === 0;

type Input = Record<string, unknown>;
let seen: Input = {};
let uploaded: Buffer | undefined;

function entry(name: string, handler: (input: Input) => Promise<unknown>): AnyOperation {
  return defineOperation<Input, unknown>({
    name,
    action: `omics:${name}`,
    resources: () => ['*'],
    readOnly: true,
    quota: name,
    handler: async (input) => {
      seen = input;
      return handler(input);
    },
  });
}

const created = new Date('2026-11-23T20:00:00.123Z');
const services: readonly Service[] = [
  {
    name: 'omics',
    protocol: 'restJson1',
    schemas: omics,
    operations: [
      entry('ListRuns', async () => ({ items: [{ id: '1234567', name: 'a', creationTime: created }] })),
      entry('GetReadSet', async () => ({
        payload: { stream: Readable.from(Buffer.from('ACGT')), length: 4 },
      })),
      entry('UploadReadSetPart', async (input) => {
        uploaded = await buffer(input['payload'] as Readable);
        return { checksum: 'c' };
      }),
      entry('TagResource', async () => ({})),
      entry('CreateRunGroup', async () => ({ id: '1', arn: 'arn', tags: { a: 'b' } })),
    ],
    constraints: { GetRun: { id: { pattern: '[0-9]+' } } },
  },
  {
    name: 'sts',
    protocol: 'awsQuery',
    schemas: sts,
    operations: [
      entry('GetCallerIdentity', async () => ({ Account: '111122223333', UserId: '1', Arn: 'arn:x' })),
    ],
    global: true,
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  },
];
const s3: RawService = {
  name: 's3',
  async handle({ request, response, body, path }) {
    uploaded = await buffer(body);
    response.setHeader('ETag', '"e"');
    response.end(request.method === 'GET' ? `read ${path}` : '');
  },
};

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway({ services, raw: [s3] });
});
after(() => gateway.close());

const environment = (more: Record<string, string> = {}) => ({
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  AWS_ENDPOINT_URL: gateway.url,
  AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
  AWS_ACCESS_KEY_ID: KEYS.first.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.first.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_MAX_ATTEMPTS: '1',
  AWS_PAGER: '',
  AWS_CONFIG_FILE: '/nonexistent',
  ...(process.env['PYENV_ROOT'] ? { PYENV_ROOT: process.env['PYENV_ROOT'] } : {}),
  ...more,
});

describe('the aws CLI', { skip: cli ? false : 'no aws CLI with omics on the path' }, () => {
  const aws = async (args: readonly string[], more?: Record<string, string>) =>
    runCommand('aws', args, { env: environment(more) });

  test('lists, with query members and timestamps', async () => {
    const result = await aws(['omics', 'list-runs', '--name', 'a b', '--max-items', '5', '--output', 'json']);
    assert.equal(result.code, 0, result.stderr);
    const [item] = (JSON.parse(result.stdout) as { items: { creationTime: string }[] }).items;
    assert.equal(new Date(item!.creationTime).getTime(), created.getTime());
    assert.equal(seen['name'], 'a b');
  });

  test('uploads a part and downloads a read set', async () => {
    const upload =
      'omics upload-read-set-part --sequence-store-id 1234567890 --upload-id 1234567890 --part-source SOURCE1';
    const sent = await aws([...upload.split(' '), '--part-number', '1', '--payload', import.meta.filename]);
    assert.equal(sent.code, 0, sent.stderr);
    assert.match(uploaded!.toString(), /uploads a part and downloads a read set/);
    const folder = mkdtempSync(join(tmpdir(), 'helicase-wire-'));
    const download = 'omics get-read-set --sequence-store-id 1234567890 --id 1234567890 --part-number 1';
    const got = await aws([...download.split(' '), join(folder, 'part')]);
    assert.equal(got.code, 0, got.stderr);
    assert.equal(readFileSync(join(folder, 'part'), 'utf8'), 'ACGT');
    rmSync(folder, { recursive: true });
  });

  test('prints code, operation and message of an error', async () => {
    const invalid = await aws(['omics', 'get-run', '--id', 'abc']);
    assert.match(
      invalid.stderr,
      /An error occurred \(ValidationException\) when calling the GetRun operation: 1 validation error detected: Value 'abc' at 'id' failed to satisfy constraint: Member must satisfy regular expression pattern: \[0-9\]\+/,
    );
    const unsupported = await aws(['omics', 'list-workflows']);
    assert.match(unsupported.stderr, /\(NotSupportedOperationException\).*ListWorkflows/);
    const wrong = await aws(['omics', 'list-runs'], { AWS_SECRET_ACCESS_KEY: 'wrong' });
    assert.match(wrong.stderr, /\(InvalidSignatureException\).*does not match the signature you provided/);
    const region = await aws(['omics', 'list-runs'], { AWS_DEFAULT_REGION: 'us-west-2' });
    assert.match(region.stderr, /valid region, not 'us-west-2'/);
  });

  test('speaks to sts', async () => {
    const result = await aws(['sts', 'get-caller-identity', '--output', 'json']);
    assert.equal((JSON.parse(result.stdout) as { Account: string }).Account, '111122223333', result.stderr);
    const wrong = await aws(['sts', 'get-caller-identity'], { AWS_ACCESS_KEY_ID: 'AKIAWRONGWRONGWRONG2' });
    assert.match(wrong.stderr, /\(InvalidClientTokenId\).*security token/);
  });

  test('presigns for S3 with signature version 2, and that is accepted', async () => {
    const result = await aws(['s3', 'presign', 's3://bucket/a key.txt', '--expires-in', '60']);
    assert.equal(result.code, 0, result.stderr);
    const answer = await fetch(result.stdout.trim());
    assert.equal(await answer.text(), 'read /bucket/a%20key.txt', result.stdout);
  });
});

describe('botocore', { skip: python ? false : 'no Python with botocore on the path' }, () => {
  const run = async (script: string) => {
    const text = `
import botocore.session, io, sys, urllib.request
from botocore.config import Config
session = botocore.session.get_session()
def client(name, **config):
    return session.create_client(name, config=Config(retries={'max_attempts': 0}, **config))
${script}`;
    const result = await runCommand(python!, ['-'], { env: environment(), input: text });
    assert.equal(result.code, 0, result.stderr);
    return result.stdout.trim();
  };

  test('a resource ARN in the path, colons and slashes encoded and signed', async () => {
    await run(
      `client('omics').tag_resource(resourceArn='arn:aws:omics:us-east-1:111122223333:run/1', tags={'a': 'é'})`,
    );
    assert.deepEqual(seen, { resourceArn: 'arn:aws:omics:us-east-1:111122223333:run/1', tags: { a: 'é' } });
  });

  test('a JSON body without declared hash', async () => {
    assert.equal(
      await run(`print(client('omics').create_run_group(name='a', maxCpus=5)['tags'])`),
      "{'a': 'b'}",
    );
    assert.equal(seen['maxCpus'], 5);
  });

  test('a part from a file, and one from a reader that cannot seek', async () => {
    const part = `sequenceStoreId='1234567890', uploadId='1234567890', partSource='SOURCE1', partNumber=1`;
    await run(`client('omics').upload_read_set_part(${part}, payload=io.BytesIO(b'x' * 300000))`);
    assert.equal(uploaded!.length, 300_000);
    await run(`
class Once:
    def __init__(self): self.left = 5
    def read(self, size=-1):
        self.left -= 1
        return b'z' * 50000 if self.left >= 0 else b''
client('omics').upload_read_set_part(${part}, payload=Once())`);
    assert.equal(uploaded!.length, 250_000);
  });

  for (const version of ['s3', 's3v4', 's3-query', 's3v4-query']) {
    test(`presigned GET and PUT for S3 as ${version}`, async () => {
      const answer = await run(`
s3 = client('s3', signature_version='${version}')
print(urllib.request.urlopen(s3.generate_presigned_url('get_object', Params={'Bucket': 'b', 'Key': 'a/b c+d'})).read().decode())
put = urllib.request.Request(s3.generate_presigned_url('put_object', Params={'Bucket': 'b', 'Key': 'k'}), data=b'put', method='PUT', headers={'Content-Type': ''})
print(urllib.request.urlopen(put).status)`);
      assert.equal(answer, 'read /b/a/b%20c%2Bd\n200');
      assert.equal(uploaded!.toString(), 'put');
    });
  }

  test('S3 uploads, with Expect: 100-continue and checksum', async () => {
    await run(
      `client('s3').put_object(Bucket='b', Key='k', Body=io.BytesIO(b'y' * 200000), Metadata={'a': 'b'})`,
    );
    assert.equal(uploaded!.length, 200_000);
  });

  test('S3 under signature version 2 headers', async () => {
    await run(
      `client('s3', signature_version='s3').put_object(Bucket='b', Key='k', Body=b'v2', Metadata={'a': 'b'})`,
    );
    assert.equal(uploaded!.toString(), 'v2');
  });
});
