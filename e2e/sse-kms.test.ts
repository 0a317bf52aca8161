import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CreateReferenceStoreCommand,
  GetReferenceImportJobCommand,
  type OmicsClient,
  StartReferenceImportJobCommand,
} from '@aws-sdk/client-omics';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { JOB_TRUST } from '../packages/cli/demo/job-role.ts';
import { finished, openWorld, until, type World } from './world.ts';

// Objects under customers' keys, so that the guide's kms:ViaService statements mean something.

const Bucket = 'sealed';
const TEXT = 'GATTACA-IS-NOWHERE-ON-THE-DISK';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

describe('buckets with SSE-KMS', { timeout: 180_000 }, () => {
  let world: World;
  let s3: S3Client;
  let kms: KMSClient;
  let iam: IAMClient;
  let omics: OmicsClient;
  let key: { readonly id: string; readonly arn: string };
  const common = (credentials: Keys) => ({
    ...{ endpoint: world.server.url, region: world.credentials.region, credentials, maxAttempts: 1 },
  });

  before(async () => {
    world = await openWorld();
    ({ s3, iam, omics } = awsClients(world.server.url, world.credentials));
    kms = new KMSClient(common(world.credentials));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    key = { id: KeyMetadata!.KeyId!, arn: KeyMetadata!.Arn! };
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/lab', TargetKeyId: key.id }));
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
  after(() => world.close());

  const get = async (Key: string, client = s3) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return Body!.transformToString();
  };
  const onDisk = () => spawnSync('grep', ['-r', '-l', '-a', TEXT, world.data], { encoding: 'utf8' }).stdout;
  async function user(UserName: string, ...statements: object[]): Promise<Keys> {
    await iam.send(new CreateUserCommand({ UserName }));
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  }
  const readObjects = { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
  /** The guide's, "Data protection", with the bucket's region and the key filled in. */
  const decryptVia = (service: string) => ({
    ...{ Effect: 'Allow', Action: ['kms:Decrypt'], Resource: [key.arn] },
    Condition: {
      StringEquals: { 'kms:ViaService': [`${service}.${world.credentials.region}.amazonaws.com`] },
    },
  });

  test('the default encryption of a bucket is set, told and taken away', async () => {
    await assert.rejects(s3.send(new GetBucketEncryptionCommand({ Bucket })), {
      name: 'ServerSideEncryptionConfigurationNotFoundError',
    });
    const rule = (KMSMasterKeyID: string) => ({
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID } }],
    });
    const put = (name: string) =>
      s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: rule(name) }));
    await put('alias/lab');
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    const [found] = ServerSideEncryptionConfiguration!.Rules!;
    assert.equal(found!.ApplyServerSideEncryptionByDefault!.KMSMasterKeyID, 'alias/lab');
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    await assert.rejects(s3.send(new GetBucketEncryptionCommand({ Bucket })));
    await put(key.arn);
  });

  test('what is put, sent in parts and copied lies sealed, says so, and reads as it was', async () => {
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'one', Body: TEXT }));
    assert.deepEqual([put.ServerSideEncryption, put.SSEKMSKeyId], ['aws:kms', key.arn]);
    assert.equal(await get('one'), TEXT);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'one' }));
    assert.deepEqual([head.ServerSideEncryption, head.SSEKMSKeyId], ['aws:kms', key.arn]);
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'two', CopySource: `${Bucket}/one` }));
    assert.equal(await get('two'), TEXT);
    const object = { Bucket, Key: 'three' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    const { ETag } = await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: TEXT }));
    const Parts = [{ PartNumber: 1, ETag }];
    await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
    assert.equal(await get('three'), TEXT);
    const own = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'four', Body: TEXT, ServerSideEncryption: 'AES256' }),
    );
    assert.equal(own.ServerSideEncryption, 'AES256');
    assert.equal(await get('four'), TEXT);
    assert.equal(onDisk(), '');
  });

  test('a reader needs the key as well as the object, and by S3 alone where the guide’s statement says so', async () => {
    const as = async (name: string, ...statements: object[]) => {
      const keys = await user(name, ...statements);
      return {
        s3: new S3Client({ ...common(keys), forcePathStyle: true }),
        kms: new KMSClient(common(keys)),
      };
    };
    const reader = await as('reader', readObjects, decryptVia('s3'));
    assert.equal(await get('one', reader.s3), TEXT);
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from(TEXT) }),
    );
    await assert.rejects(reader.kms.send(new DecryptCommand({ CiphertextBlob })), {
      name: 'AccessDeniedException',
    });
    const keyless = await as('keyless', readObjects);
    await assert.rejects(get('one', keyless.s3), {
      name: 'AccessDenied',
      message: /user\/keyless is not authorized to perform: kms:Decrypt on resource: .*:key\//,
    });
    const elsewhere = await as('elsewhere', readObjects, decryptVia('omics'));
    await assert.rejects(get('one', elsewhere.s3), { name: 'AccessDenied' });
    const writer = await as(
      'writer',
      { ...readObjects, Action: ['s3:GetObject', 's3:PutObject'] },
      decryptVia('s3'),
    );
    await assert.rejects(writer.s3.send(new PutObjectCommand({ Bucket, Key: 'five', Body: TEXT })), {
      name: 'AccessDenied',
      message: /kms:GenerateDataKey/,
    });
  });

  test('a job reads sealed sources as its role: the guide’s role does, one without the key does not', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'tiny.fasta', Body: '>1\nACGTACGT\n' }));
    const store = await omics.send(new CreateReferenceStoreCommand({ name: 'references' }));
    const importAs = async (RoleName: string, ...statements: object[]) => {
      const made = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JOB_TRUST }));
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
      const sources = [{ sourceFile: `s3://${Bucket}/tiny.fasta`, name: RoleName }];
      const roleArn = made.Role!.Arn!;
      const { id } = await omics.send(
        new StartReferenceImportJobCommand({ referenceStoreId: store.id, roleArn, sources }),
      );
      return until(
        () => omics.send(new GetReferenceImportJobCommand({ referenceStoreId: store.id, id })),
        finished,
      );
    };
    const references = {
      ...{ Effect: 'Allow', Action: ['omics:GetReference', 'omics:GetReferenceMetadata'] },
      Resource: [`${store.arn}/*`],
    };
    const done = await importAs('guide', references, readObjects, decryptVia('s3'));
    assert.equal(done.status, 'COMPLETED', JSON.stringify(done.sources));
    const refused = await importAs('keyless-role', references, readObjects);
    assert.equal(refused.status, 'FAILED');
    assert.match(JSON.stringify(refused), /kms:Decrypt/);
  });

  test('what S3 asks of the key for a reader, granted or denied, has its CloudTrail record', async () => {
    assert.equal(await get('one'), TEXT);
    const trail = new CloudTrailClient(common(world.credentials));
    const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'Decrypt' }];
    const { Events } = await trail.send(new LookupEventsCommand({ LookupAttributes }));
    const records = Events!
      .map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent!) as Record<string, unknown>)
      .filter(({ userAgent }) => userAgent === 's3.amazonaws.com');
    const object = `arn:aws:s3:::${Bucket}/one`;
    assert.partialDeepStrictEqual(records[0], {
      ...{ eventSource: 'kms.amazonaws.com', sourceIPAddress: 's3.amazonaws.com', readOnly: true },
      userIdentity: { type: 'Root', accountId: world.credentials.accountId, invokedBy: 's3.amazonaws.com' },
      requestParameters: { keyId: key.arn, encryptionContext: { 'aws:s3:arn': object } },
      resources: [{ type: 'AWS::KMS::Key', ARN: key.arn }],
    });
    const denied = records.find(({ errorCode }) => errorCode === 'AccessDeniedException');
    assert.match(String(denied?.['errorMessage']), /kms:Decrypt/);
  });

  test('the life of the key: disabled, on its way out, back, rotated', async () => {
    await kms.send(new DisableKeyCommand({ KeyId: key.id }));
    await assert.rejects(get('one'), { name: 'KMS.DisabledException' });
    await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: 'six', Body: TEXT })), {
      name: 'KMS.DisabledException',
    });
    await kms.send(new EnableKeyCommand({ KeyId: key.id }));
    assert.equal(await get('one'), TEXT);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
    await assert.rejects(get('one'), { name: 'KMS.KMSInvalidStateException' });
    await kms.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
    await kms.send(new EnableKeyCommand({ KeyId: key.id }));
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    assert.equal(await get('one'), TEXT);
    assert.equal(onDisk(), '');
  });
});
