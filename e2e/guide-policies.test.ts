import { AthenaClient, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogStreamsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { GrantPermissionsCommand, LakeFormationClient } from '@aws-sdk/client-lakeformation';
import * as omicsCommands from '@aws-sdk/client-omics';
import { OmicsClient } from '@aws-sdk/client-omics';
import {
  AcceptResourceShareInvitationCommand,
  GetResourceShareInvitationsCommand,
  RAMClient,
} from '@aws-sdk/client-ram';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  type GuideCase,
  type GuidePolicy,
  guidePolicies,
} from '../packages/access/testing/guide-policies.ts';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { finished, openWorld, until, type World } from './world.ts';

// The guide's policies for users and roles, attached to a real user and to a real role, and asked by the unmodified
// clients: what a policy permits gets past the door (to a resource that is not there, mostly), what it refuses does not.

const ACCOUNT = '123456789012';
const REGION = 'us-west-2';
interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}
type Asking = (keys: Keys, one: GuideCase) => Promise<unknown>;

describe('the guide’s policies by real clients', { timeout: 300_000 }, () => {
  let world: World;
  let iam: IAMClient;
  before(async () => {
    world = await openWorld(['--account-id', ACCOUNT, '--regions', `${REGION},us-east-1`]);
    iam = new IAMClient(common(world.credentials));
  });
  after(() => world.close());

  const common = (credentials: Keys) => ({
    ...{ endpoint: world.server.url, region: REGION, credentials, maxAttempts: 1 },
  });
  const s3 = (keys: Keys) => new S3Client({ ...common(keys), forcePathStyle: true });
  const omics = (keys: Keys) => new OmicsClient({ ...common(keys), disableHostPrefix: true });
  const logs = (keys: Keys) => new CloudWatchLogsClient(common(keys));
  const ram = (keys: Keys) => new RAMClient(common(keys));

  async function user(UserName: string, PolicyDocument: string): Promise<Keys> {
    await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  }
  async function session(RoleName: string, PolicyDocument: string): Promise<Keys> {
    const Principal = { AWS: `arn:aws:iam::${ACCOUNT}:user/visitor` };
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' },
    });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
    const { Credentials } = await new STSClient(common(visitor)).send(
      new AssumeRoleCommand({ RoleArn: Role!.Arn!, RoleSessionName: 'guide' }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
    return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  }
  let visitor: Keys;
  before(async () => {
    visitor = await user('visitor', '{"Version":"2012-10-17","Statement":[]}');
  });

  /** False where the answer is that it may not; anything else came from behind the door. */
  async function may(attempt: Promise<unknown>): Promise<boolean> {
    const error = await attempt.then(
      () => undefined,
      (thrown: Error & { $metadata?: { httpStatusCode?: number } }) => thrown,
    );
    if (error === undefined) return true;
    // What the API's own bounds refuse says nothing of policies.
    if (!error.$metadata?.httpStatusCode || /validation errors? detected/.test(error.message)) throw error;
    const isDenial = /is not authorized to perform/.test(error.message) || /^AccessDenied/.test(error.name);
    assert.equal(error.$metadata.httpStatusCode === 403, isDenial, `${error.name}: ${error.message}`);
    return !isDenial;
  }

  /** The numbers in an ARN's resource, as long as the API takes them: policies mean stores by `*`, never by a number. */
  const last = (arn: string) =>
    (arn.slice(arn.lastIndexOf(':') + 1).match(/\d+/g) ?? []).map((id) =>
      arn.includes('Store/') ? id.padStart(10, '1') : id,
    );
  const place = (arn: string) => {
    const [Bucket = '', ...key] = arn.slice('arn:aws:s3:::'.length).split('/');
    return { Bucket, Key: key.join('/') };
  };
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/r`;

  /** A request of each action that the policies' cases name, on the resource that the case names. */
  const requests: Readonly<Record<string, Asking>> = {
    's3:GetObject': (keys, { resource }) => s3(keys).send(new GetObjectCommand(place(resource))),
    's3:PutObject': (keys, { resource }) =>
      s3(keys).send(new PutObjectCommand({ ...place(resource), Body: 'x' })),
    's3:DeleteObject': (keys, { resource }) => s3(keys).send(new DeleteObjectCommand(place(resource))),
    's3:ListBucket': (keys, { resource }) => s3(keys).send(new ListObjectsV2Command(place(resource))),
    's3:GetBucketLocation': (keys, { resource }) =>
      s3(keys).send(new GetBucketLocationCommand(place(resource))),
    's3:ListAllMyBuckets': (keys) => s3(keys).send(new ListBucketsCommand({})),
    'logs:CreateLogGroup': (keys, { resource }) =>
      logs(keys).send(new CreateLogGroupCommand({ logGroupName: groupOf(resource) })),
    'logs:DeleteLogGroup': (keys, { resource }) =>
      logs(keys).send(new DeleteLogGroupCommand({ logGroupName: groupOf(resource) })),
    'logs:CreateLogStream': (keys, { resource }) =>
      logs(keys).send(new CreateLogStreamCommand(streamOf(resource))),
    'logs:DescribeLogStreams': (keys, { resource }) =>
      logs(keys).send(new DescribeLogStreamsCommand({ logGroupName: groupOf(resource) })),
    'iam:GetUser': (keys, { resource }) =>
      new IAMClient(common(keys)).send(new GetUserCommand({ UserName: nameOf(resource) })),
    'iam:DeleteUser': (keys, { resource }) =>
      new IAMClient(common(keys)).send(new DeleteUserCommand({ UserName: nameOf(resource) })),
    'iam:ListUsers': (keys) => new IAMClient(common(keys)).send(new ListUsersCommand({})),
    'ram:GetResourceShareInvitations': (keys) => ram(keys).send(new GetResourceShareInvitationsCommand({})),
    'ram:AcceptResourceShareInvitation': (keys) =>
      ram(keys).send(
        new AcceptResourceShareInvitationCommand({
          resourceShareInvitationArn: `arn:aws:ram:${REGION}:${ACCOUNT}:resource-share-invitation/1`,
        }),
      ),
    'athena:StartQueryExecution': (keys) =>
      new AthenaClient(common(keys)).send(new StartQueryExecutionCommand({ QueryString: 'SELECT 1' })),
    'lakeformation:GrantPermissions': (keys) =>
      new LakeFormationClient(common(keys)).send(
        new GrantPermissionsCommand({
          Principal: { DataLakePrincipalIdentifier: `arn:aws:iam::${ACCOUNT}:user/visitor` },
          Resource: { Database: { Name: 'x' } },
          Permissions: ['DESCRIBE'],
        }),
      ),
    'omics:StartRun': (keys, { resource, context }) => {
      const group = String(context?.['omics:RunGroup'] ?? resource);
      const [runGroupId] = group.includes(':runGroup/') ? last(group) : [];
      const [workflowId = '1234567'] = resource.includes(':workflow/') ? last(resource) : [];
      return omics(keys).send(
        new omicsCommands.StartRunCommand({
          ...{ workflowId, roleArn, outputUri: 's3://b/out/' },
          ...(runGroupId ? { runGroupId } : {}),
        }),
      );
    },
    'omics:CreateRunGroup': (keys, { context = {} }) => {
      const tags = Object.entries(context).map(([key, value]) => [key.replace('aws:RequestTag/', ''), value]);
      return omics(keys).send(
        new omicsCommands.CreateRunGroupCommand({ name: 'g', tags: Object.fromEntries(tags) }),
      );
    },
    'omics:CreateVariantStore': (keys) =>
      omics(keys).send(
        new omicsCommands.CreateVariantStoreCommand({
          ...{
            name: 'variants',
            reference: {
              referenceArn: `arn:aws:omics:${REGION}:${ACCOUNT}:referenceStore/1111111111/reference/2222222222`,
            },
          },
        }),
      ),
    'omics:CreateAnnotationStore': (keys) =>
      omics(keys).send(
        new omicsCommands.CreateAnnotationStoreCommand({
          name: 'annotations',
          storeFormat: 'VCF',
          reference: {
            referenceArn: `arn:aws:omics:${REGION}:${ACCOUNT}:referenceStore/1111111111/reference/2222222222`,
          },
        }),
      ),
    'omics:CreateReferenceStore': (keys) =>
      omics(keys).send(new omicsCommands.CreateReferenceStoreCommand({ name: 'references' })),
    'omics:CreateWorkflow': (keys) =>
      omics(keys).send(new omicsCommands.CreateWorkflowCommand({ name: 'w', definitionUri: 's3://b/w.zip' })),
    'omics:GetReference': (keys, { resource }) => {
      const [referenceStoreId, id] = last(resource);
      return omics(keys).send(new omicsCommands.GetReferenceCommand({ referenceStoreId, id, partNumber: 1 }));
    },
    'omics:DeleteReference': (keys, { resource }) => {
      const [referenceStoreId, id] = last(resource);
      return omics(keys).send(new omicsCommands.DeleteReferenceCommand({ referenceStoreId, id }));
    },
    'omics:GetReadSet': (keys, { resource }) => {
      const [sequenceStoreId, id] = last(resource);
      return omics(keys).send(new omicsCommands.GetReadSetCommand({ sequenceStoreId, id, partNumber: 1 }));
    },
    'omics:BatchDeleteReadSet': (keys, { resource }) =>
      omics(keys).send(
        new omicsCommands.BatchDeleteReadSetCommand({
          sequenceStoreId: last(resource)[0],
          ids: ['1234567890'],
        }),
      ),
    'omics:DeleteSequenceStore': (keys, { resource }) =>
      omics(keys).send(new omicsCommands.DeleteSequenceStoreCommand({ id: last(resource)[0] })),
    'omics:ListRuns': (keys) => omics(keys).send(new omicsCommands.ListRunsCommand({})),
    'omics:GetRun': (keys, { resource }) =>
      omics(keys).send(new omicsCommands.GetRunCommand({ id: last(resource)[0] })),
    'omics:CancelRun': (keys, { resource }) =>
      omics(keys).send(new omicsCommands.CancelRunCommand({ id: last(resource)[0] })),
    'omics:DeleteRun': (keys, { resource }) =>
      omics(keys).send(new omicsCommands.DeleteRunCommand({ id: last(resource)[0] })),
    'omics:GetWorkflow': (keys, { resource }) =>
      omics(keys).send(new omicsCommands.GetWorkflowCommand({ id: last(resource)[0] })),
    'omics:DeleteWorkflow': (keys, { resource }) =>
      omics(keys).send(new omicsCommands.DeleteWorkflowCommand({ id: last(resource)[0] })),
    'omics:TagResource': (keys, { resource }) =>
      omics(keys).send(new omicsCommands.TagResourceCommand({ resourceArn: resource, tags: { a: 'b' } })),
    'omics:UntagResource': (keys, { resource }) =>
      omics(keys).send(new omicsCommands.UntagResourceCommand({ resourceArn: resource, tagKeys: ['a'] })),
  };

  /**
   * Cases that no client can make: what another service passes or calls, what only jobs do here (lines of logs, images),
   * resources of an account that is not here, and access points and keys, which are made below and in sse-kms.test.ts.
   */
  function isAskable({ action, resource, context = {} }: GuideCase, { chapter }: GuidePolicy): boolean {
    if (!(action in requests)) return false;
    if (chapter === 'Permissions for data access using Amazon S3 URIs') return false;
    if ('aws:CalledViaLast' in context) return false;
    return !/:(210987654321|555555555555):/.test(resource);
  }

  const untold = new Set<string>();
  guidePolicies.forEach((policy, index) => {
    const { chapter, permits, refuses, statements, version = '2012-10-17' } = policy;
    test(`${chapter}: permits what it says and nothing beyond`, async () => {
      const document = JSON.stringify({ ...(version ? { Version: version } : {}), Statement: statements });
      const isOwn = chapter.startsWith('Allow users');
      const asUser = await user(isOwn ? 'ann' : `reader${index}`, document);
      const askers = isOwn ? [asUser] : [asUser, await session(`reader${index}`, document)];
      const askable = (cases: readonly GuideCase[]) => {
        for (const one of cases) if (!isAskable(one, policy)) untold.add(one.action);
        return cases.filter((one) => isAskable(one, policy));
      };
      for (const keys of askers) {
        for (const one of askable(permits))
          assert.equal(await may(requests[one.action]!(keys, one)), true, `permits ${JSON.stringify(one)}`);
        // A user has her name always: the case without it cannot be asked.
        for (const one of askable(refuses).filter((each) => each.action !== 'iam:GetUser' || each.context))
          assert.equal(await may(requests[one.action]!(keys, one)), false, `refuses ${JSON.stringify(one)}`);
      }
    });
  });

  test('what the cases above could not ask is only what no client can', () => {
    const others = [...untold].filter(
      (action) =>
        !/^(ecr:|iam:PassRole$|kms:|logs:PutLogEvents$|ram:|s3:GetObject$|omics:GetReference$)/.test(action),
    );
    assert.deepEqual(others, []);
  });

  test('passing a role to HealthOmics: with the statement that the user policy prints, and not without', async () => {
    const { iam: admin } = awsClients(world.server.url, world.credentials);
    const role = await createJobRole(admin, 'passed', 'b');
    const { id } = await omics(world.credentials).send(
      new omicsCommands.CreateSequenceStoreCommand({ name: 'exported' }),
    );
    const start = (keys: Keys) =>
      omics(keys).send(
        new omicsCommands.StartReadSetExportJobCommand({
          ...{
            sequenceStoreId: id,
            destination: 's3://bucket/out/',
            roleArn: role,
            sources: [{ readSetId: '1234567890' }],
          },
        }),
      );
    const [{ statements }] = guidePolicies as readonly [GuidePolicy];
    const document = (list: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: list });
    assert.equal(await may(start(await user('passer', document(statements)))), true);
    assert.equal(await may(start(await user('keeper', document(statements.slice(0, 1))))), false);
    const elsewhere = JSON.parse(
      document(statements).replace('"omics.amazonaws.com"', '"ec2.amazonaws.com"'),
    ) as {
      Statement: object[];
    };
    assert.equal(await may(start(await user('other', document(elsewhere.Statement)))), false);
  });

  test('read sets through S3 URIs: by access point, by prefix and by tag', async () => {
    const clients = awsClients(world.server.url, world.credentials);
    const role = await createJobRole(clients.iam, 'Import', 'reads');
    await clients.s3.send(new CreateBucketCommand({ Bucket: 'reads' }));
    const fastq = gzipSync('@one\nACGT\n+\nIIII\n');
    await clients.s3.send(new PutObjectCommand({ Bucket: 'reads', Key: 'r.fastq.gz', Body: fastq }));
    const store = await clients.omics.send(new omicsCommands.CreateSequenceStoreCommand({ name: 'shared' }));
    const sequenceStoreId = store.id!;
    const job = await clients.omics.send(
      new omicsCommands.StartReadSetImportJobCommand({
        sequenceStoreId,
        roleArn: role,
        sources: ['ann', 'ben'].map((subjectId) => ({
          sourceFiles: { source1: 's3://reads/r.fastq.gz' },
          ...{ sourceFileType: 'FASTQ' as const, subjectId, sampleId: subjectId, name: subjectId },
        })),
      }),
    );
    const done = await until(
      () => clients.omics.send(new omicsCommands.GetReadSetImportJobCommand({ sequenceStoreId, id: job.id })),
      finished,
    );
    assert.equal(done.status, 'COMPLETED', JSON.stringify(done));
    const { s3Access } = await clients.omics.send(
      new omicsCommands.GetSequenceStoreCommand({ id: sequenceStoreId }),
    );
    const accessPoint = s3Access!.s3AccessPointArn!;
    const uris = await Promise.all(
      done.sources!.map(async ({ readSetId }) => {
        const { files } = await clients.omics.send(
          new omicsCommands.GetReadSetMetadataCommand({ sequenceStoreId, id: readSetId }),
        );
        return files!.source1!.s3Access!.s3Uri!;
      }),
    );
    const at = (uri: string) => {
      const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(uri)!;
      return { Bucket, Key };
    };
    const get = (keys: Keys, uri: string) => may(s3(keys).send(new GetObjectCommand(at(uri))));
    const [anns, bens] = uris as [string, string];
    const printed = guidePolicies.find(({ chapter }) => chapter.startsWith('Permissions for data access'))!;
    const byPoint = JSON.stringify({ Version: '2012-10-17', Statement: printed.statements }).replaceAll(
      'arn:aws:s3:us-west-2:555555555555:accesspoint/592761533288-4891675750',
      accessPoint,
    );
    const pointed = await user('pointed', byPoint);
    assert.deepEqual([await get(pointed, anns), await get(pointed, bens)], [true, true]);
    assert.equal(await may(s3(pointed).send(new GetObjectTaggingCommand(at(anns)))), true);
    assert.equal(await may(s3(pointed).send(new ListObjectsV2Command({ Bucket: at(anns).Bucket }))), true);
    assert.equal(await get(pointed, 's3://reads/r.fastq.gz'), false);
    const elsewhere = await user('elsewhere', byPoint.replaceAll(accessPoint, `${accessPoint}0`));
    assert.equal(await get(elsewhere, anns), false);
    const read = (more: object) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: 's3:GetObject', ...more },
      });
    const folder = at(anns).Key.slice(0, at(anns).Key.lastIndexOf('/'));
    const prefixed = await user('prefixed', read({ Resource: `${accessPoint}/object/${folder}/*` }));
    assert.deepEqual([await get(prefixed, anns), await get(prefixed, bens)], [true, false]);
    const Condition = { StringEquals: { 's3:ExistingObjectTag/omics:subjectId': 'ben' } };
    const tagged = await user('tagged', read({ Resource: '*', Condition }));
    assert.deepEqual([await get(tagged, anns), await get(tagged, bens)], [false, true]);
  });
});

function groupOf(arn: string): string {
  return /:log-group:([^:]+)/.exec(arn)![1]!;
}
function streamOf(arn: string): { readonly logGroupName: string; readonly logStreamName: string } {
  return { logGroupName: groupOf(arn), logStreamName: /:log-stream:(.+)$/.exec(arn)![1]! };
}
function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
