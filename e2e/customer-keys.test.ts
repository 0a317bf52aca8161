import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ListGrantsCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms';
import {
  CreateReferenceStoreCommand,
  CreateSequenceStoreCommand,
  CreateVariantStoreCommand,
  GetReadSetCommand,
  GetReadSetImportJobCommand,
  GetReferenceImportJobCommand,
  GetVariantImportJobCommand,
  GetVariantStoreCommand,
  type OmicsClient,
  StartReadSetImportJobCommand,
  StartReferenceImportJobCommand,
  StartVariantImportJobCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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
const VCF =
  '##fileformat=VCFv4.2\n##contig=<ID=1,length=8>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t2\t.\tC\tT\t50\tPASS\t.\n';

describe('stores under a customer’s key', { timeout: 180_000 }, () => {
  let world: World;
  let omics: OmicsClient;
  let s3: S3Client;
  let kms: KMSClient;
  let roleArn: string;
  let key: { readonly id: string; readonly arn: string };

  before(async () => {
    world = await openWorld();
    const clients = awsClients(world.server.url, world.credentials);
    ({ omics, s3 } = clients);
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
    assert.deepEqual(await read(), reads);
    assert.ok(reads.includes(BASES));
    const found = spawnSync('grep', ['-r', '-l', '-a', BASES, join(world.data)], { encoding: 'utf8' });
    // One file: the bucket's own object, which docs/sealed.md leaves to the disk's encryption. The read set is not there.
    assert.equal(found.stdout.trim().split('\n').length, 1, found.stdout);
    await kms.send(new DisableKeyCommand({ KeyId: key.id }));
    await assert.rejects(read());
    await kms.send(new EnableKeyCommand({ KeyId: key.id }));
    assert.deepEqual(await read(), reads);
    await kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy: keyPolicy(false) }));
    await assert.rejects(read());
    await kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy: keyPolicy(true) }));
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    assert.deepEqual(await read(), reads);
  });

  test('a variant store has a grant, and takes nothing more when it is revoked', async () => {
    await put('tiny.fasta', '>1\nACGTACGT\n');
    await put('one.vcf', VCF);
    const references = await omics.send(new CreateReferenceStoreCommand({ name: 'r' }));
    const referenceStoreId = references.id!;
    const sources = [{ sourceFile: `s3://${BUCKET}/tiny.fasta`, name: 'tiny' }];
    const started = await omics.send(
      new StartReferenceImportJobCommand({ referenceStoreId, roleArn, sources }),
    );
    const imported = await until(
      () => omics.send(new GetReferenceImportJobCommand({ referenceStoreId, id: started.id })),
      finished,
    );
    const referenceArn = `${references.arn}/reference/${imported.sources![0]!.referenceId}`;
    await kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy: keyPolicy(false) }));
    await omics.send(
      new CreateVariantStoreCommand({ name: 'calls', reference: { referenceArn }, sseConfig: sseConfig() }),
    );
    await until(
      () => omics.send(new GetVariantStoreCommand({ name: 'calls' })),
      ({ status }) => status === 'ACTIVE',
    );
    const load = async () => {
      const items = [{ source: `s3://${BUCKET}/one.vcf` }];
      const { jobId } = await omics.send(
        new StartVariantImportJobCommand({ destinationName: 'calls', roleArn, items }),
      );
      return until(() => omics.send(new GetVariantImportJobCommand({ jobId })), finished);
    };
    assert.equal((await load()).status, 'COMPLETED');
    const { Grants } = await kms.send(new ListGrantsCommand({ KeyId: key.id }));
    assert.deepEqual(
      Grants!.map(({ GranteePrincipal }) => GranteePrincipal),
      ['omics.amazonaws.com'],
    );
    await kms.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: Grants![0]!.GrantId! }));
    const refused = await load();
    assert.equal(refused.status, 'FAILED');
    assert.match(JSON.stringify(refused), /does not let HealthOmics/);
  });

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
