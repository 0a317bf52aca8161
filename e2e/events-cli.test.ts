import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { zipSync } from 'fflate';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { shapeOf } from './shape.ts';
import { awsCli, type AwsCommand, awsCommand, openWorld, until, type World } from './world.ts';

// The guide's chapter on EventBridge, and its example of a CloudTrail entry, with the unmodified aws CLI.

/** "Understanding AWS HealthOmics log file entries", without the definition's bytes. */
const GUIDE_RECORD = {
  eventVersion: '1.08',
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAIU53LOGOMTOPXXNPG:username',
    arn: 'arn:aws:sts::account:assumed-role/admin/username',
    accountId: 'account-id',
    accessKeyId: 'accessKeyId',
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAIU53LOGOMTOPXXNPG',
        arn: 'arn:aws:iam::account:role/admin',
        accountId: 'account',
        userName: 'admin',
      },
      webIdFederationData: {},
      attributes: { creationDate: '2022-07-23T18:26:09Z', mfaAuthenticated: 'false' },
    },
  },
  eventTime: '2022-07-23T18:46:42Z',
  eventSource: 'omics.amazonaws.com',
  eventName: 'CreateWorkflow',
  awsRegion: 'us-west-2',
  sourceIPAddress: '205.251.233.176',
  userAgent: 'aws-cli/1.22.45 Python/3.9.13 Darwin/20.6.0 botocore/1.23.45',
  requestParameters: { name: 'parameter_name', requestId: 'd788a73c-b81b-45fb-a8a6-d8bb4449ec8a' },
  responseElements: {
    id: '1002571',
    arn: 'arn:aws:omics:us-west-2:555555555555:instance/i-b188560f ',
    status: 'CREATING',
    tags: {},
  },
  requestID: '842d731d-f264-4b08-a2c9-2f7d45e1eaa3',
  eventID: '76872ca2-f208-4193-807d-7dd7ea34e6b2',
  readOnly: false,
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: '083685709690',
  eventCategory: 'Management',
};

describe('events and audit records', { skip: awsCli.skip, timeout: 120_000 }, () => {
  let world: World;
  let aws: AwsCommand;

  before(async () => {
    world = await openWorld();
    aws = awsCommand(world);
  });
  after(() => world?.close());

  const file = (name: string, content: object) => {
    const path = join(world.folder, name);
    writeFileSync(path, JSON.stringify(content));
    return `file://${path}`;
  };

  test("the guide's read set event matches a pattern on its status", async () => {
    const arn = 'arn:aws:omics:us-west-2:123456789012:sequenceStore/1234567890/readSet/3456789012';
    const event = file('event.json', {
      ...{
        version: '0',
        id: '64ca0eda-9751-dc55-c41a-1bd50b4fc9b7',
        'detail-type': 'Read Set Status Change',
      },
      ...{ source: 'aws.omics', account: '123456789012', time: '2023-04-04T17:53:06Z', region: 'us-west-2' },
      resources: [arn],
      detail: {
        ...{ omicsVersion: '1.0.0', arn, sequenceStoreId: '1234567890' },
        ...{ id: '3456789012', status: 'PROCESSING_UPLOAD' },
      },
    });
    const test = async (pattern: object) =>
      (
        await aws.json<{ Result: boolean }>`events test-event-pattern
          --event-pattern ${file('pattern.json', pattern)} --event ${event}`
      ).Result;
    assert.equal(await test({ source: ['aws.omics'], detail: { status: [{ prefix: 'PROCESSING' }] } }), true);
    assert.equal(await test({ source: ['aws.omics'], detail: { status: ['ACTIVE'] } }), false);
  });

  test('a rule brings what happens to stores into a log group', async () => {
    await aws.json`events put-rule --name stores --event-pattern ${file('p.json', { source: ['aws.omics'] })}`;
    const group = `arn:aws:logs:us-east-1:${world.credentials.accountId}:log-group:/aws/events/stores`;
    await aws.json`events put-targets --rule stores --targets Id=logs,Arn=${group}`;
    const store = await aws.json<{
      arn: string;
      id: string;
    }>`omics create-sequence-store --name MySequenceStore`;
    await aws.json`omics delete-sequence-store --id ${store.id}`;
    const told = await until(
      async () => {
        const { stdout } = await aws.raw`logs filter-log-events --log-group-name /aws/events/stores`;
        const { events } = JSON.parse(stdout || '{"events":[]}') as { events: { message: string }[] };
        return events.map(
          ({ message }) => JSON.parse(message) as { 'detail-type': string; detail: { status: string } },
        );
      },
      (events) => events.length === 2,
    );
    assert.deepEqual(
      told.map((event) => [event['detail-type'], event.detail.status]),
      [
        ['Sequence Store Status Change', 'CREATED'],
        ['Sequence Store Status Change', 'DELETED'],
      ],
    );
  });

  test('helicase events follows what matches a pattern, and tells what is kept', async (t) => {
    const helicase = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
    const asked = [helicase, 'events', '--data', world.data, '--since', new Date().toISOString()];
    const pattern = (value: object) => ['--pattern', JSON.stringify(value)];
    const stores = pattern({ 'detail-type': [{ prefix: 'Sequence Store' }] });
    const following = spawn(process.execPath, [...asked, ...stores, '--follow'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => following.kill('SIGKILL'));
    const ended = once(following, 'close');
    const lines = createInterface({ input: following.stdout })[Symbol.asyncIterator]();
    const next = async () => {
      const { value } = await lines.next();
      return JSON.parse(value as string) as { 'detail-type': string; detail: object };
    };
    const { id } = await aws.json<{ id: string }>`omics create-sequence-store --name FollowedStore`;
    const created = await next();
    assert.equal(created['detail-type'], 'Sequence Store Status Change');
    assert.partialDeepStrictEqual(created.detail, { id, status: 'CREATED' });
    await aws.json`omics delete-sequence-store --id ${id}`;
    assert.partialDeepStrictEqual((await next()).detail, { id, status: 'DELETED' });
    following.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
    const kept = spawnSync(process.execPath, [...asked, ...stores], { encoding: 'utf8' });
    assert.equal(kept.stdout.trim().split('\n').length, 2);
    const wrong = spawnSync(process.execPath, [...asked, ...pattern({ detail: 'x' })], { encoding: 'utf8' });
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /"detail" must be an object or an array/);
  });

  test('the guide’s entry of CreateWorkflow, by a session of the role admin', async () => {
    const { accountId, region } = world.credentials;
    const { RoleId, asAdmin } = await adminSession();
    const definition = zipSync({ 'main.wdl': Buffer.from('version 1.0\nworkflow Empty {}\n') });
    writeFileSync(join(world.folder, 'definition.zip'), definition);
    await asAdmin.json`omics create-workflow --name parameter_name --definition-zip fileb://definition.zip`;
    const { Events } = await aws.json<{ Events: { CloudTrailEvent: string; Username: string }[] }>`
      cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateWorkflow`;
    assert.equal(Events[0]!.Username, 'username');
    const record = JSON.parse(Events[0]!.CloudTrailEvent) as typeof GUIDE_RECORD;
    // Bytes are left out; the CLI's token is `requestId`, as in the guide.
    assert.deepEqual(shapeOf(GUIDE_RECORD, record), shapeOf(GUIDE_RECORD));
    assert.equal(record.userIdentity.principalId, `${RoleId}:username`);
    assert.equal(record.userIdentity.arn, `arn:aws:sts::${accountId}:assumed-role/admin/username`);
    assert.equal(
      record.userIdentity.sessionContext.sessionIssuer.arn,
      `arn:aws:iam::${accountId}:role/admin`,
    );
    assert.equal(record.awsRegion, region);
  });

  /** The CLI with a session of the role admin, named username, as a user of the account got it. */
  async function adminSession(): Promise<{ readonly RoleId: string; readonly asAdmin: AwsCommand }> {
    const { iam } = awsClients(world.server.url, world.credentials);
    const allow = (more: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...more }] });
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    const AssumeRolePolicyDocument = allow({ Principal: { AWS: User!.Arn }, Action: 'sts:AssumeRole' });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'admin', AssumeRolePolicyDocument }));
    const PolicyDocument = allow({ Action: '*', Resource: '*' });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'admin', PolicyName: 'all', PolicyDocument }));
    const as = (key: { readonly [name: string]: unknown }) =>
      awsCommand({
        ...world,
        environment: {
          ...world.environment,
          AWS_ACCESS_KEY_ID: String(key['AccessKeyId']),
          AWS_SECRET_ACCESS_KEY: String(key['SecretAccessKey']),
          ...(key['SessionToken'] === undefined ? {} : { AWS_SESSION_TOKEN: String(key['SessionToken']) }),
        },
      });
    const { Credentials } = await as({ ...AccessKey }).json<{ Credentials: Record<string, string> }>`
      sts assume-role --role-arn ${Role!.Arn} --role-session-name username`;
    return { RoleId: Role!.RoleId!, asAdmin: as(Credentials) };
  }

  test('every call has its CloudTrail record, a refused one with its code', async () => {
    await aws.raw`omics get-run-group --id 1234567`;
    const { Events } = await aws.json<{ Events: { EventName: string; CloudTrailEvent: string }[] }>`
      cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=GetRunGroup`;
    const record = JSON.parse(Events[0]!.CloudTrailEvent) as Record<string, unknown>;
    assert.equal(Events.length, 1);
    assert.equal(record['errorCode'], 'ResourceNotFoundException');
    assert.equal(record['eventSource'], 'omics.amazonaws.com');
    assert.deepEqual(record['requestParameters'], { id: '1234567' });
    assert.match(String(record['userAgent']), /^aws-cli\//);
    assert.equal(record['sourceIPAddress'], '127.0.0.1');
  });
});
