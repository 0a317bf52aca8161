import { CloudTrailClient, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateReferenceStoreCommand,
  CreateRunGroupCommand,
  CreateWorkflowCommand,
  GetReferenceStoreCommand,
  GetRunCommand,
  GetRunGroupCommand,
  GetShareCommand,
  GetWorkflowCommand,
  ListReferenceStoresCommand,
  OmicsClient,
  StartReferenceImportJobCommand,
  StartRunCommand,
  TagResourceCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Clock, Ids, type Log, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createGateway } from '@helicase/wire';
import { JOB_TRUST, jobPolicy } from '../packages/cli/demo/job-role.ts';
import { readConfiguration } from '../packages/server/configuration.ts';
import { dataDirectory, prepareDataDirectory } from '../packages/server/data-directory.ts';
import type { Listener } from '../packages/server/http-servers.ts';
import { listen, ownRoutes, requestListener } from '../packages/server/listener.ts';
import { makeRooms, type Rooms } from '../packages/server/rooms.ts';
import { type Answered, ask, type Asked, presign, send, sign } from '../packages/wire/testing/sign.ts';
import { finished, until } from './world.ts';

// Ways to get at what is not one's own. Each attempt is refused, and recorded: in the account's audit records, or, of
// whoever has no account here, in the server's log. How long the comparison of a signature takes: bench/signature-timing.ts.

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const OWN = '111122223333';
const OTHER = '444455556666';
const MINUTE = 60_000;
const statement = (Action: string | string[], more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action, Resource: '*', ...more },
  });

describe('the attack list', { timeout: 300_000 }, () => {
  let folder: string;
  let rooms: Rooms;
  let listener: Listener;
  let port: number;
  let admin: Keys;
  let stranger: Keys;
  /** Milliseconds by which the server's clock is ahead. */
  let ahead = 0;
  /** What the audit is told of requests, and what the log says is refused: by request id. */
  const audited = new Map<string, string>();
  const logged = new Map<string, string>();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'helicase-attacks-'));
    const directory = dataDirectory(folder);
    prepareDataDirectory(directory);
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
    const log: Log = {
      ...silentLog,
      warn: ({ requestId, code }: { requestId?: string; code?: string }) =>
        void (requestId && logged.set(requestId, code ?? '')),
    };
    const effects = { clock, random: systemRandom, ids: new Ids(clock, systemRandom), log };
    const configuration = readConfiguration({ data: folder, port: '0', host: '127.0.0.1' }, {});
    rooms = await makeRooms(configuration, directory, effects);
    await rooms.records.open();
    await rooms.monitoring.start();
    admin = await rooms.access.ensureAccount(OWN);
    stranger = (await rooms.access.createAccount(OTHER))!;
    const { credentials, authorizer } = rooms.access;
    const gateway = createGateway({
      ...{ ...effects, services: rooms.services, raw: rooms.raw, credentials, authorizer },
      observers: [
        ...rooms.monitoring.observers,
        {
          record: ({ context, operation }, { code }) => {
            audited.set(context.requestId, `${operation.name} ${code ?? 'allowed'}`);
          },
        },
      ],
      regions: configuration.regions,
    });
    const app = await ownRoutes({
      ...{ health: async () => ({}), figures: () => '', openExport: async () => undefined, signIn: () => {} },
    });
    listener = await listen(configuration, requestListener(app, gateway, effects, configuration), log);
    port = Number(new URL(listener.urls[0]!).port);
    await rooms.workflows.start();
    rooms.records.jobs.start();
  });
  after(async () => {
    await listener.close(1_000);
    await rooms.records.jobs.stop();
    await rooms.workflows.stop();
    await rooms.analytics.close();
    await rooms.monitoring.stop();
    await rooms.records.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const common = (credentials: Keys) => ({
    ...{ endpoint: listener.urls[0]!, region: 'us-east-1', credentials, maxAttempts: 1 },
  });
  const omics = (keys: Keys) => new OmicsClient({ ...common(keys), disableHostPrefix: true });
  const s3 = (keys: Keys) => new S3Client({ ...common(keys), forcePathStyle: true });
  const iam = (keys: Keys) => new IAMClient(common(keys));
  const sts = (keys: Keys) => new STSClient(common(keys));

  async function user(UserName: string, PolicyDocument: string): Promise<Keys> {
    await iam(admin).send(new CreateUserCommand({ UserName }));
    await iam(admin).send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
    const { AccessKey } = await iam(admin).send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  }
  async function role(RoleName: string, AssumeRolePolicyDocument: string, by = admin): Promise<string> {
    const made = await iam(by).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = jobPolicy('lab');
    await iam(by).send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
    return made.Role!.Arn!;
  }

  /** Through a client: refused with this code, and recorded with it as this operation. */
  async function refused(attempt: Promise<unknown>, code: string, record: string): Promise<void> {
    const error = await attempt.then(
      () => assert.fail(`${record} was let through`),
      (thrown: Error & { $metadata: { requestId?: string } }) => thrown,
    );
    assert.equal(error.name, code, error.message);
    assert.equal(audited.get(error.$metadata.requestId!), record);
  }
  /** On the wire. */
  function refusedRaw({ status, text, headers }: Answered, code: string, record: string | undefined): void {
    assert.ok(status >= 400 && status < 500, `answered ${status}: ${text}`);
    assert.match(text + String(headers['x-amzn-errortype']), new RegExp(code));
    const id = String(headers['x-amzn-requestid']);
    if (record === undefined) assert.equal(logged.get(id), code);
    else assert.equal(audited.get(id), record);
  }

  const listRuns: Asked = { target: '/run' };
  const asked = (keys: Keys, what = listRuns, service = 'omics') => ask(port, what, { keys, service });

  test('a session token that is over, or forged', async () => {
    const { Credentials } = await sts(await user('ann', statement('*'))).send(
      new GetSessionTokenCommand({ DurationSeconds: 900 }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
    const keys = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey! };
    const session = { ...keys, sessionToken: SessionToken! };
    assert.equal((await asked(session)).status, 200);
    ahead = 16 * MINUTE;
    const date = new Date(Date.now() + ahead);
    refusedRaw(
      await ask(port, listRuns, { keys: session, date }),
      'ExpiredTokenException',
      'ListRuns ExpiredTokenException',
    );
    ahead = 0;
    const last = SessionToken!.at(-3) === 'A' ? 'B' : 'A';
    const forged = {
      ...keys,
      sessionToken: `${SessionToken!.slice(0, -3)}${last}${SessionToken!.slice(-2)}`,
    };
    refusedRaw(await asked(forged), 'UnrecognizedClientException', undefined);
    refusedRaw(await asked(keys), 'UnrecognizedClientException', undefined);
  });

  test('the key of a user that was disabled', async () => {
    const keys = await user('ben', statement('*'));
    assert.equal((await asked(keys)).status, 200);
    const change = { UserName: 'ben', AccessKeyId: keys.accessKeyId, Status: 'Inactive' as const };
    await iam(admin).send(new UpdateAccessKeyCommand(change));
    refusedRaw(await asked(keys), 'UnrecognizedClientException', undefined);
  });

  test('a signature over other bytes: another body, path, query or service', async () => {
    const body = JSON.stringify({ name: 'mine' });
    const signed: Asked = { method: 'POST', target: '/runGroup', body };
    const headers = await sign(port, signed, { keys: admin });
    const sent = (change: Partial<Asked>) => send(port, { ...signed, headers, ...change });
    const other = JSON.stringify({ name: 'else' });
    refusedRaw(
      await sent({ body: other }),
      'InvalidSignatureException',
      'CreateRunGroup InvalidSignatureException',
    );
    refusedRaw(
      await sent({ target: '/workflow', body }),
      'InvalidSignatureException',
      'CreateWorkflow InvalidSignatureException',
    );
    refusedRaw(
      await sent({ target: '/runGroup?x=1' }),
      'InvalidSignatureException',
      'CreateRunGroup InvalidSignatureException',
    );
    const put: Asked = { method: 'PUT', target: '/lab/key', body: 'bytes' };
    const putHeaders = await sign(port, put, { keys: admin, service: 's3' });
    refusedRaw(
      await send(port, { ...put, target: '/lab/other', headers: putHeaders }),
      'SignatureDoesNotMatch',
      'PutObject SignatureDoesNotMatch',
    );
    const form: Asked = {
      ...{ method: 'POST', body: 'Action=ListUsers&Version=2010-05-08' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    };
    const formHeaders = await sign(port, form, { keys: admin, service: 'iam' });
    const changed = { ...form, headers: { ...formHeaders, 'x-amz-date': formHeaders['x-amz-date']! } };
    refusedRaw(
      await send(port, { ...changed, target: '/?Action=DeleteUser' }),
      'SignatureDoesNotMatch',
      'DeleteUser SignatureDoesNotMatch',
    );
  });

  test('a request sent again beyond its window, and a presigned URL used after its end or stretched', async () => {
    const headers = await sign(port, listRuns, { keys: admin });
    assert.equal((await send(port, { ...listRuns, headers })).status, 200);
    ahead = 6 * MINUTE;
    refusedRaw(
      await send(port, { ...listRuns, headers }),
      'InvalidSignatureException',
      'ListRuns InvalidSignatureException',
    );
    ahead = 0;
    await s3(admin).send(new CreateBucketCommand({ Bucket: 'lab' }));
    await s3(admin).send(new PutObjectCommand({ Bucket: 'lab', Key: 'a', Body: 'text' }));
    const target = await presign(
      port,
      { target: '/lab/a', headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
      { keys: admin, service: 's3' },
      60,
    );
    const fetched = (at: string) => send(port, { target: at, headers: { host: `127.0.0.1:${port}` } });
    assert.equal((await fetched(target)).text, 'text');
    const stretched = target.replace('X-Amz-Expires=60', 'X-Amz-Expires=86400');
    assert.notEqual(stretched, target);
    refusedRaw(await fetched(stretched), 'SignatureDoesNotMatch', 'GetObject SignatureDoesNotMatch');
    ahead = 2 * MINUTE;
    refusedRaw(await fetched(target), 'AccessDenied', 'GetObject AccessDenied');
    ahead = 0;
  });

  test('a role of another account, one that does not trust HealthOmics, and one that may not be passed', async () => {
    const { id } = await omics(admin).send(new CreateReferenceStoreCommand({ name: 'r' }));
    const start = (keys: Keys, roleArn: string) =>
      omics(keys).send(
        new StartReferenceImportJobCommand({
          ...{ referenceStoreId: id, roleArn, sources: [{ sourceFile: 's3://lab/a', name: 'hg38' }] },
        }),
      );
    const record = 'StartReferenceImportJob';
    const foreign = await role('theirs', JOB_TRUST, stranger);
    await refused(start(admin, foreign), 'ValidationException', `${record} ValidationException`);
    const lambda = await role('lambda', JOB_TRUST.replace('omics.', 'lambda.'));
    await refused(start(admin, lambda), 'AccessDeniedException', `${record} AccessDeniedException`);
    const jobs = await role('jobs', JOB_TRUST);
    const cat = await user('cat', statement('omics:*'));
    await refused(start(cat, jobs), 'AccessDeniedException', `${record} AccessDeniedException`);
    const dan = await user('dan', statement('sts:*'));
    await refused(
      sts(dan).send(new AssumeRoleCommand({ RoleArn: jobs, RoleSessionName: 'session' })),
      'AccessDenied',
      'AssumeRole AccessDeniedException',
    );
  });

  test('a name put into a policy’s variable, and path tricks in keys', async () => {
    const home = { Resource: 'arn:aws:s3:::lab/home/${aws:username}/*' };
    const eve = await user('eve', statement('s3:*', home));
    const keys = ['home/eve/own', 'home/ben/secret', 'secret'];
    for (const Key of keys) await s3(admin).send(new PutObjectCommand({ Bucket: 'lab', Key, Body: Key }));
    const get = (target: string) => ask(port, { target }, { keys: eve, service: 's3' });
    assert.equal((await get('/lab/home/eve/own')).text, 'home/eve/own');
    refusedRaw(await get('/lab/home/ben/secret'), 'AccessDenied', 'GetObject AccessDenied');
    refusedRaw(await get('/lab/home/*/secret'), 'AccessDenied', 'GetObject AccessDenied');
    // Keys are texts, not paths: what begins with her folder is hers, and is not another's object.
    for (const bent of [
      '../ben/secret',
      '..%2Fben%2Fsecret',
      '%2e%2e/ben/secret',
      '%252e%252e%252fben%252fsecret',
    ])
      refusedRaw(await get(`/lab/home/eve/${bent}`), 'NoSuchKey', 'GetObject NoSuchKey');
    refusedRaw(
      await get('/lab/home/eve/%2e%2e%2f%2e%2e%2f%2e%2e%2fsecret'),
      'NoSuchKey',
      'GetObject NoSuchKey',
    );
    refusedRaw(await get('/lab/home/eve/own%00.txt'), 'InvalidArgument', 'GetObject InvalidArgument');
    // A user's name takes no wildcard that a variable could become.
    await refused(
      iam(admin).send(new CreateUserCommand({ UserName: '*' })),
      'ValidationError',
      'CreateUser ValidationError',
    );
    await refused(
      s3(eve).send(new ListObjectsV2Command({ Bucket: 'lab' })),
      'AccessDenied',
      'ListObjectsV2 AccessDenied',
    );
  });

  test('ids of another account, guessed', async () => {
    const { referenceStores } = await omics(admin).send(new ListReferenceStoresCommand({}));
    const { id } = referenceStores![0]!;
    await refused(
      omics(stranger).send(new GetReferenceStoreCommand({ id })),
      'ResourceNotFoundException',
      'GetReferenceStore ResourceNotFoundException',
    );
    const kms = (keys: Keys) => new KMSClient(common(keys));
    const { KeyMetadata } = await kms(admin).send(new CreateKeyCommand({}));
    await refused(
      kms(stranger).send(new DescribeKeyCommand({ KeyId: KeyMetadata!.Arn! })),
      'AccessDeniedException',
      'DescribeKey AccessDeniedException',
    );
    await refused(
      omics(stranger).send(new GetShareCommand({ shareId: '11111111-2222-4333-8444-555555555555' })),
      'ResourceNotFoundException',
      'GetShare ResourceNotFoundException',
    );
    refusedRaw(
      await ask(port, { target: '/lab/a' }, { keys: stranger, service: 's3' }),
      'AccessDenied',
      'GetObject AccessDenied',
    );
  });

  test('tags changed to gain access', async () => {
    const { arn, id } = await omics(admin).send(
      new CreateRunGroupCommand({ name: 'theirs', tags: { Team: 'theirs' } }),
    );
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          ...{ Effect: 'Allow', Action: 'omics:GetRunGroup', Resource: '*' },
          Condition: { StringEquals: { 'aws:ResourceTag/Team': 'mine' } },
        },
        { Effect: 'Allow', Action: 'omics:TagResource', Resource: '*' },
        {
          ...{ Effect: 'Deny', Action: 'omics:TagResource', Resource: '*' },
          Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'Team' } },
        },
      ],
    });
    const mallory = omics(await user('mallory', Policy));
    const get = () => mallory.send(new GetRunGroupCommand({ id }));
    const record = 'GetRunGroup AccessDeniedException';
    await refused(get(), 'AccessDeniedException', record);
    await refused(
      mallory.send(new TagResourceCommand({ resourceArn: arn, tags: { Team: 'mine' } })),
      'AccessDeniedException',
      'TagResource AccessDeniedException',
    );
    // Conditions take no account of case, tags do: a second tag must not be taken for the first.
    await mallory.send(new TagResourceCommand({ resourceArn: arn, tags: { team: 'mine' } }));
    await refused(get(), 'AccessDeniedException', record);
  });

  test('a symbolic and a hard link out of a task', async () => {
    const task = (link: string) =>
      `version 1.0\ntask T { command { ${link} } output { File f = "out" } }\nworkflow W { call T output { File f = T.f } }\n`;
    const roleArn = await role('runs', JOB_TRUST);
    const run = async (name: string, link: string) => {
      const definitionZip = zipSync({ 'main.wdl': new TextEncoder().encode(task(link)) });
      const made = await omics(admin).send(new CreateWorkflowCommand({ name, engine: 'WDL', definitionZip }));
      await until(() => omics(admin).send(new GetWorkflowCommand({ id: made.id! })), finished);
      const started = await omics(admin).send(
        new StartRunCommand({ workflowId: made.id!, roleArn, outputUri: 's3://lab/runs/', name }),
      );
      return until(() => omics(admin).send(new GetRunCommand({ id: started.id! })), finished);
    };
    const key = join(folder, 'keys', 'root.key');
    for (const [name, link] of [
      ['symbolic', `ln -s ${key} out`],
      ['relative', `ln -s ../../../../../../../../../..${key} out`],
      ['hard', `ln ${key} out`],
    ] as const) {
      const ended = await run(name, link);
      assert.equal(ended.status, 'FAILED', `${name}: ${JSON.stringify(ended)}`);
    }
    const { Contents = [] } = await s3(admin).send(
      new ListObjectsV2Command({ Bucket: 'lab', Prefix: 'runs/' }),
    );
    assert.ok(!Contents.some(({ Key }) => Key!.endsWith('/out')), JSON.stringify(Contents));
  });

  test('CloudTrail’s history has the refusals, with who, what and why', async () => {
    const client = new CloudTrailClient(common(admin));
    const found = new Set<string>();
    for await (const { Events } of paginateLookupEvents({ client }, {}))
      for (const { CloudTrailEvent } of Events!) {
        const { errorCode, eventName } = JSON.parse(CloudTrailEvent!) as Record<string, string>;
        if (errorCode !== undefined) found.add(`${eventName} ${errorCode}`);
      }
    const told = [...audited.values()].filter((record) => /Exception$/.test(record));
    const own = told.filter((record) => !/^(GetReferenceStore|DescribeKey|GetShare) /.test(record));
    assert.deepEqual(
      own.filter((record) => !found.has(record)),
      [],
    );
  });
});
