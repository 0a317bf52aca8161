import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CancelKeyDeletionCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ListGrantsCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CreateAnnotationStoreCommand,
  CreateReferenceStoreCommand,
  CreateSequenceStoreCommand,
  CreateVariantStoreCommand,
  GetAnnotationImportJobCommand,
  GetAnnotationStoreCommand,
  GetReadSetCommand,
  GetReadSetImportJobCommand,
  GetReferenceImportJobCommand,
  GetVariantImportJobCommand,
  GetVariantStoreCommand,
  type OmicsClient,
  StartAnnotationImportJobCommand,
  StartReadSetImportJobCommand,
  StartReferenceImportJobCommand,
  StartVariantImportJobCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { finished, openWorld, until, type World } from './world.ts';

// The life of a customer's key, and what of a store can be read meanwhile.

const BUCKET = 'keys';
/** In no other place of the server's data than where the test puts it. */
const BASES = 'GATTACAGATTACACCCGGGTTTAAACCCGGGTTTAAAGATTACA';
// Not compressed, so that the bases stand in the bytes as they are.
const reads = gzipSync(`@one\n${BASES}\n+\n${'I'.repeat(BASES.length)}\n`, { level: 0 });
/** The id of the one variant, and how a table of Parquet begins that anyone can open. */
const VARIANT = 'rs20261125';
const PARQUET = Buffer.from('PAR1');
const VCF = `##fileformat=VCFv4.2\n##contig=<ID=1,length=8>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t2\t${VARIANT}\tC\tT\t50\tPASS\t.\n`;

describe('stores under a customer’s key', { timeout: 180_000 }, () => {
  let world: World;
  let omics: OmicsClient;
  let s3: S3Client;
  let kms: KMSClient;
  let athena: AthenaClient;
  let referenceArn: string;
  let roleArn: string;
  let key: { readonly id: string; readonly arn: string };

  before(async () => {
    world = await openWorld();
    const clients = awsClients(world.server.url, world.credentials);
    ({ athena, omics, s3 } = clients);
    const { accessKeyId, secretAccessKey, region } = world.credentials;
    kms = new KMSClient({
      endpoint: world.server.url,
      region,
      credentials: { accessKeyId, secretAccessKey },
    });
    roleArn = await createJobRole(clients.iam, 'Keys', BUCKET);
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy: keyPolicy(true) }));
    key = { id: KeyMetadata!.KeyId!, arn: KeyMetadata!.Arn! };
    referenceArn = await importReference();
    await put('one.vcf', VCF);
  });
  after(() => world.close());

  /** The account's statement, and the guide's for HealthOmics. */
  function keyPolicy(forService: boolean): string {
    const account = {
      Effect: 'Allow',
      Principal: { AWS: world.credentials.accountId },
      Action: 'kms:*',
      Resource: '*',
    };
    const service = {
      Effect: 'Allow',
      Principal: { Service: 'omics.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      Resource: '*',
    };
    return JSON.stringify({ Version: '2012-10-17', Statement: forService ? [account, service] : [account] });
  }
  const put = (Key: string, Body: string | Uint8Array) =>
    s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  async function importReference(): Promise<string> {
    await put('tiny.fasta', '>1\nACGTACGT\n');
    const { arn, id: referenceStoreId } = await omics.send(new CreateReferenceStoreCommand({ name: 'r' }));
    const sources = [{ sourceFile: `s3://${BUCKET}/tiny.fasta`, name: 'tiny' }];
    const { id } = await omics.send(
      new StartReferenceImportJobCommand({ referenceStoreId, roleArn, sources }),
    );
    const imported = await until(
      () => omics.send(new GetReferenceImportJobCommand({ referenceStoreId, id })),
      finished,
    );
    return `${arn}/reference/${imported.sources![0]!.referenceId}`;
  }
  const sseConfig = () => ({ type: 'KMS' as const, keyArn: key.arn });

  test('a sealed read set: readable while the key is, and never on the disk', async () => {
    const store = await omics.send(
      new CreateSequenceStoreCommand({ name: 'sealed', sseConfig: sseConfig() }),
    );
    await put('reads.fastq.gz', reads);
    const source = {
      sourceFiles: { source1: `s3://${BUCKET}/reads.fastq.gz` },
      sourceFileType: 'FASTQ' as const,
      subjectId: 's',
      sampleId: 's',
      name: 'one',
    };
    const sequenceStoreId = store.id!;
    const job = await omics.send(
      new StartReadSetImportJobCommand({ sequenceStoreId, roleArn, sources: [source] }),
    );
    const done = await until(
      () => omics.send(new GetReadSetImportJobCommand({ sequenceStoreId, id: job.id })),
      finished,
    );
    assert.equal(done.status, 'COMPLETED', JSON.stringify(done.sources));
    const id = done.sources![0]!.readSetId!;
    const read = async () => {
      const { payload } = await omics.send(new GetReadSetCommand({ sequenceStoreId, id, partNumber: 1 }));
      return Buffer.from(await payload!.transformToByteArray());
    };
    // One file: the bucket's own object, which docs/sealed.md leaves to the disk's encryption. The read set is not there.
    const isSealed = () => {
      const found = spawnSync('grep', ['-r', '-l', '-a', BASES, world.data], { encoding: 'utf8' });
      assert.equal(found.stdout.trim().split('\n').length, 1, found.stdout);
    };
    const on = { KeyId: key.id };
    assert.ok(reads.includes(BASES));
    assert.deepEqual(await read(), reads);
    isSealed();
    await kms.send(new DisableKeyCommand(on));
    await assert.rejects(read());
    await kms.send(new EnableKeyCommand(on));
    assert.deepEqual(await read(), reads);
    await kms.send(new PutKeyPolicyCommand({ ...on, Policy: keyPolicy(false) }));
    await assert.rejects(read());
    await kms.send(new PutKeyPolicyCommand({ ...on, Policy: keyPolicy(true) }));
    await kms.send(new RotateKeyOnDemandCommand(on));
    assert.deepEqual(await read(), reads);
    await kms.send(new ScheduleKeyDeletionCommand({ ...on, PendingWindowInDays: 7 }));
    await assert.rejects(read());
    await kms.send(new CancelKeyDeletionCommand(on));
    await assert.rejects(read(), 'a key whose deletion was cancelled is disabled, as with AWS');
    await kms.send(new EnableKeyCommand(on));
    assert.deepEqual(await read(), reads);
    isSealed();
  });

  for (const kind of ['variant', 'annotation'] as const) {
    test(`${kind} stores: a grant lets them, and nothing is answered or taken while the key or the grant is gone`, async () => {
      await kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy: keyPolicy(false) }));
      const { create, load } = kind === 'variant' ? variantStore() : annotationStore();
      await create();
      assert.equal((await load()).status, 'COMPLETED');
      const count = () => query(`SELECT count(*) FROM ${kind}_calls`);
      const on = { KeyId: key.id };
      assert.equal(await count(), '1');
      assert.deepEqual(plainFiles(), { secret: [join('blobs', 'the bucket’s object')], parquet: [] });

      await kms.send(new DisableKeyCommand(on));
      await assert.rejects(count(), /is encrypted with is Disabled/);
      await kms.send(new EnableKeyCommand(on));
      assert.equal(await count(), '1');

      const grant = (await grants()).at(-1)!;
      assert.deepEqual([grant.GranteePrincipal, grant.KeyId], ['omics.amazonaws.com', key.arn]);
      await revokeAll();
      await assert.rejects(count(), /does not let HealthOmics/);
      const refused = await load();
      assert.equal(refused.status, 'FAILED');
      assert.match(JSON.stringify(refused), /does not let HealthOmics/);
      const { GranteePrincipal, Operations } = grant;
      await kms.send(new CreateGrantCommand({ ...on, GranteePrincipal, Operations }));
      await kms.send(new RotateKeyOnDemandCommand(on));
      assert.equal(await count(), '1');

      await kms.send(new ScheduleKeyDeletionCommand({ ...on, PendingWindowInDays: 7 }));
      await assert.rejects(count(), /is encrypted with is PendingDeletion/);
      await kms.send(new CancelKeyDeletionCommand(on));
      await kms.send(new EnableKeyCommand(on));
      assert.equal(await count(), '1');
      assert.deepEqual(plainFiles().parquet, []);
      await revokeAll();
    });
  }

  // The guide, "Monitoring your encryption keys for AWS HealthOmics".
  test('each use of the key by HealthOmics has its CloudTrail record, as the guide shows them', async () => {
    const { credentials, server } = world;
    const trail = new CloudTrailClient({ endpoint: server.url, region: credentials.region, credentials });
    const recordsOf = async (name: string) => {
      const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: name }];
      const { Events } = await trail.send(new LookupEventsCommand({ LookupAttributes }));
      return Events!
        .map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent!) as Record<string, unknown>)
        .filter(({ sourceIPAddress }) => sourceIPAddress === 'omics.amazonaws.com');
    };
    const common = {
      ...{ eventVersion: '1.08', eventSource: 'kms.amazonaws.com', awsRegion: credentials.region },
      ...{ sourceIPAddress: 'omics.amazonaws.com', userAgent: 'omics.amazonaws.com' },
      resources: [{ accountId: credentials.accountId, type: 'AWS::KMS::Key', ARN: key.arn }],
      ...{ eventType: 'AwsApiCall', managementEvent: true, recipientAccountId: credentials.accountId },
      eventCategory: 'Management',
    };
    const [dataKey] = await recordsOf('GenerateDataKey');
    assert.partialDeepStrictEqual(dataKey, {
      ...{ ...common, eventName: 'GenerateDataKey', readOnly: true, responseElements: null },
      userIdentity: { type: 'Root', accountId: credentials.accountId, invokedBy: 'omics.amazonaws.com' },
      requestParameters: { keySpec: 'AES_256', keyId: key.arn },
    });
    const [grant] = await recordsOf('CreateGrant');
    assert.partialDeepStrictEqual(grant, {
      ...{ ...common, eventName: 'CreateGrant', readOnly: false },
      requestParameters: { keyId: key.arn, operations: ['Decrypt', 'DescribeKey', 'Encrypt'] },
      responseElements: { keyId: key.arn },
    });
    assert.partialDeepStrictEqual((await recordsOf('DescribeKey'))[0], { ...common, readOnly: true });
    const opened = await recordsOf('Decrypt');
    const ofItself = { userIdentity: { type: 'AWSService', invokedBy: 'omics.amazonaws.com' } };
    for (const record of opened) assert.partialDeepStrictEqual(record, { ...common, ...ofItself });
    assert.ok(opened.some(({ errorCode }) => errorCode === undefined));
    assert.ok(
      opened.some(({ errorMessage }) => /is encrypted with is Disabled/.test(String(errorMessage))),
      'while it was disabled',
    );
  });

  const grants = async () => (await kms.send(new ListGrantsCommand({ KeyId: key.id }))).Grants!;

  async function revokeAll(): Promise<void> {
    for (const { GrantId } of await grants())
      await kms.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: GrantId! }));
  }

  function variantStore() {
    const name = 'variant_calls';
    return {
      async create() {
        const reference = { referenceArn };
        await omics.send(new CreateVariantStoreCommand({ name, reference, sseConfig: sseConfig() }));
        await until(() => omics.send(new GetVariantStoreCommand({ name })), finished);
      },
      async load() {
        const items = [{ source: `s3://${BUCKET}/one.vcf` }];
        const start = new StartVariantImportJobCommand({ destinationName: name, roleArn, items });
        const { jobId } = await omics.send(start);
        return until(() => omics.send(new GetVariantImportJobCommand({ jobId })), finished);
      },
    };
  }

  function annotationStore() {
    const name = 'annotation_calls';
    return {
      async create() {
        const [storeFormat, reference] = ['VCF' as const, { referenceArn }];
        await omics.send(
          new CreateAnnotationStoreCommand({ name, storeFormat, reference, sseConfig: sseConfig() }),
        );
        await until(() => omics.send(new GetAnnotationStoreCommand({ name })), finished);
      },
      async load() {
        const items = [{ source: `s3://${BUCKET}/one.vcf` }];
        const formatOptions = { vcfOptions: {} };
        const start = { destinationName: name, roleArn, items, formatOptions };
        const { jobId } = await omics.send(new StartAnnotationImportJobCommand(start));
        return until(() => omics.send(new GetAnnotationImportJobCommand({ jobId })), finished);
      },
    };
  }

  /** The one cell of a query's answer; an error with the query's where it failed. */
  async function query(QueryString: string): Promise<string | undefined> {
    const ResultConfiguration = { OutputLocation: `s3://${BUCKET}/queries/` };
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({ QueryString, ResultConfiguration }),
    );
    const get = async () =>
      (await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution!.Status!;
    const done = await until(get, ({ State }) => State !== 'QUEUED' && State !== 'RUNNING');
    if (done.State !== 'SUCCEEDED') throw new Error(done.StateChangeReason);
    const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    return ResultSet!.Rows![1]!.Data![0]!.VarCharValue;
  }

  /** What of a store's rows lies open on the disk: the text of a row, and tables that DuckDB could open. */
  function plainFiles() {
    const files = readdirSync(world.data, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const read = files.map((file) => ({ file, bytes: readFileSync(join(file.parentPath, file.name)) }));
    const bucketObject = read.find(({ bytes }) => bytes.equals(Buffer.from(VCF)))?.file;
    const nameOf = (file: (typeof files)[number]) =>
      file === bucketObject ? join('blobs', 'the bucket’s object') : join(file.parentPath, file.name);
    return {
      secret: read.filter(({ bytes }) => bytes.includes(VARIANT)).map(({ file }) => nameOf(file)),
      parquet: read
        .filter(({ bytes }) => bytes.subarray(0, 4).equals(PARQUET))
        .map(({ file }) => nameOf(file)),
    };
  }

  test('a key that is not there, or not for the caller, makes no store', async () => {
    const keyArn = key.arn.replace(key.id, '00000000-0000-4000-8000-000000000000');
    await assert.rejects(
      omics.send(new CreateSequenceStoreCommand({ name: 'x', sseConfig: { type: 'KMS', keyArn } })),
      /does not exist/,
    );
    await assert.rejects(
      omics.send(new CreateSequenceStoreCommand({ name: 'x', sseConfig: sseConfig() })),
      /does not let HealthOmics/,
    );
  });
});
