import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { administer } from './administration.ts';
import { readConfiguration } from './configuration.ts';
import { readCredentials } from './credentials.ts';
import { type RunningServer, startServer } from './server.ts';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

// Over the wire, with two accounts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-walkthroughs-managing-access.html
describe('policies of buckets', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-policies-'));
  const configuration = readConfiguration(
    { data: folder, port: '0', host: '127.0.0.1', logLevel: 'error' },
    {},
  );
  let server: RunningServer;
  let owner: S3Client;
  let other: Keys & { readonly accountId: string };
  let bob: S3Client;
  const Bucket = 'cohort';
  const client = ({ accessKeyId, secretAccessKey }: Keys) => ({
    ...{ endpoint: server.urls[0]!, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 },
    credentials: { accessKeyId, secretAccessKey },
  });
  before(async () => {
    server = await startServer(configuration);
    owner = new S3Client(client(readCredentials(folder)!));
    other = (await administer(configuration, ({ createAccount }) => createAccount('444455556666')))!;
    await owner.send(new CreateBucketCommand({ Bucket }));
    await owner.send(new PutObjectCommand({ Bucket, Key: 'shared/a.vcf', Body: 'a' }));
    await owner.send(new PutObjectCommand({ Bucket, Key: 'private/b.vcf', Body: 'b' }));
    const iam = new IAMClient(client(other));
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    const statement = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statement });
    await iam.send(new PutUserPolicyCommand({ UserName: 'bob', PolicyName: 's3', PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'bob' }));
    bob = new S3Client(
      client({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }),
    );
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const put = (...Statement: readonly object[]) =>
    owner.send(
      new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    );
  const read = async (s3: S3Client, Key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
  const share = () => ({
    ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${other.accountId}:user/bob` } },
    ...{ Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/shared/*` },
  });

  test('another account’s user reads what the policy shares, nothing beyond, and nothing once it is gone', async () => {
    await assert.rejects(read(bob, 'shared/a.vcf'), { name: 'AccessDenied' });
    await put(share());
    assert.equal(await read(bob, 'shared/a.vcf'), 'a');
    await assert.rejects(read(bob, 'private/b.vcf'), { name: 'AccessDenied' });
    await assert.rejects(bob.send(new PutObjectCommand({ Bucket, Key: 'shared/c', Body: '' })), {
      name: 'AccessDenied',
    });
    const { Policy } = await owner.send(new GetBucketPolicyCommand({ Bucket }));
    assert.deepEqual(JSON.parse(Policy!), { Version: '2012-10-17', Statement: [share()] });
    await owner.send(new DeleteBucketPolicyCommand({ Bucket }));
    await assert.rejects(read(bob, 'shared/a.vcf'), { name: 'AccessDenied' });
    await assert.rejects(owner.send(new GetBucketPolicyCommand({ Bucket })), { name: 'NoSuchBucketPolicy' });
  });

  test('whoever names the account that a bucket should be of is refused where it is another’s', async () => {
    await put(share());
    const ask = (ExpectedBucketOwner: string) =>
      bob.send(new GetObjectCommand({ Bucket, Key: 'shared/a.vcf', ExpectedBucketOwner }));
    const { accountId } = readCredentials(folder)!;
    assert.equal(await (await ask(accountId)).Body!.transformToString(), 'a');
    await assert.rejects(ask(other.accountId), { name: 'AccessDenied', message: /does not belong/ });
  });

  test('a path that climbs out of the shared prefix stays denied', async () => {
    await put(share());
    for (const Key of ['shared/../private/b.vcf', 'shared/..%2Fprivate/b.vcf', 'shared/%2e%2e/private/b.vcf'])
      await assert.rejects(read(bob, Key), (error: Error) => /AccessDenied|NoSuchKey/.test(error.name), Key);
  });

  test('the owner’s account writes the policy, not others; its root gets out of a policy that denies everything', async () => {
    const everything = { Effect: 'Allow', Principal: '*', Action: 's3:*' };
    await put({ ...everything, Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`] });
    await assert.rejects(bob.send(new GetBucketPolicyCommand({ Bucket })), { name: 'MethodNotAllowed' });
    await assert.rejects(bob.send(new DeleteBucketPolicyCommand({ Bucket })), { name: 'MethodNotAllowed' });
    await put({
      ...everything,
      Effect: 'Deny',
      Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
    });
    await assert.rejects(read(owner, 'shared/a.vcf'), { name: 'AccessDenied' });
    await owner.send(new DeleteBucketPolicyCommand({ Bucket }));
    assert.equal(await read(owner, 'shared/a.vcf'), 'a');
  });

  test('what is no policy, or speaks of another bucket, is refused with its place', async () => {
    const { Principal: _, ...without } = share();
    await assert.rejects(put(without), { name: 'MalformedPolicy', message: /Principal/ });
    await assert.rejects(put({ ...share(), Resource: 'arn:aws:s3:::cohort-2/*' }), {
      name: 'MalformedPolicy',
      message: /invalid resource/,
    });
    await assert.rejects(owner.send(new PutBucketPolicyCommand({ Bucket, Policy: 'everyone' })), {
      name: 'MalformedPolicy',
    });
  });
});
