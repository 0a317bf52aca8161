import {
  AbortMultipartReadSetUploadCommand,
  BatchDeleteReadSetCommand,
  CompleteMultipartReadSetUploadCommand,
  CreateMultipartReadSetUploadCommand,
  CreateReferenceStoreCommand,
  CreateSequenceStoreCommand,
  DeleteReferenceCommand,
  DeleteReferenceStoreCommand,
  DeleteS3AccessPolicyCommand,
  DeleteSequenceStoreCommand,
  GetReadSetActivationJobCommand,
  GetReadSetCommand,
  GetReadSetExportJobCommand,
  GetReadSetImportJobCommand,
  GetReadSetMetadataCommand,
  GetReferenceCommand,
  GetReferenceImportJobCommand,
  GetReferenceMetadataCommand,
  GetReferenceStoreCommand,
  GetS3AccessPolicyCommand,
  GetSequenceStoreCommand,
  ListMultipartReadSetUploadsCommand,
  ListReadSetActivationJobsCommand,
  ListReadSetExportJobsCommand,
  ListReadSetImportJobsCommand,
  ListReadSetsCommand,
  ListReadSetUploadPartsCommand,
  ListReferenceImportJobsCommand,
  ListReferencesCommand,
  ListReferenceStoresCommand,
  ListSequenceStoresCommand,
  type OmicsClient,
  PutS3AccessPolicyCommand,
  StartReadSetActivationJobCommand,
  StartReadSetExportJobCommand,
  StartReadSetImportJobCommand,
  StartReferenceImportJobCommand,
  UpdateSequenceStoreCommand,
  UploadReadSetPartCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { withoutModel } from './api-model/model.ts';
import { observe, type Observer } from './api-model/observer.ts';
import { finished, openWorld, until, type World } from './world.ts';

// Every operation of reference and sequence stores, by what its answers are on the wire.

const STORAGE = /Reference|ReadSet|SequenceStore|S3AccessPolicy/;
const BASES = 'GATTACA'.repeat(20);
const FASTQ = gzipSync(`@read:1\n${BASES}\n+\n${'I'.repeat(BASES.length)}\n`);
const SAM = `@SQ\tSN:chr1\tLN:${BASES.length}\nread:1\t0\tchr1\t1\t60\t7M\t*\t0\t0\tGATTACA\tIIIIIII\n`;
const tags = { project: 'one' };
const ids = { subjectId: 'subject', sampleId: 'sample', name: 'reads', description: 'd', tags };

describe('all operations of storage answer as the API model has it', { skip: withoutModel }, () => {
  let world: World;
  let observer: Observer;
  let omics: OmicsClient;
  let s3: S3Client;
  let roleArn: string;
  before(async () => {
    world = await openWorld();
    observer = await observe(world.server.url);
    const clients = awsClients(observer.url, world.credentials);
    ({ omics, s3 } = clients);
    await s3.send(new CreateBucketCommand({ Bucket: 'shapes' }));
    roleArn = await createJobRole(clients.iam, 'Jobs', 'shapes');
    const bam = execFileSync('samtools', ['view', '-b', '--no-PG', '-'], { input: SAM });
    const objects = { 'one.fasta': `>chr1\n${BASES}\n`, 'one.bam': bam, 'one.fastq.gz': FASTQ };
    for (const [Key, Body] of Object.entries(objects))
      await s3.send(new PutObjectCommand({ Bucket: 'shapes', Key, Body }));
  });
  after(async () => {
    await observer.close();
    await world.close();
  });

  async function importReference() {
    const store = { name: 'references', description: 'd', tags, sseConfig: { type: 'KMS' } } as const;
    const { id: referenceStoreId } = await omics.send(new CreateReferenceStoreCommand(store));
    const source = { sourceFile: 's3://shapes/one.fasta', name: 'one', description: 'd', tags };
    const started = await omics.send(
      new StartReferenceImportJobCommand({ referenceStoreId, roleArn, sources: [source] }),
    );
    const job = new GetReferenceImportJobCommand({ referenceStoreId, id: started.id });
    const { sources } = await until(() => omics.send(job), finished);
    const reference = { referenceStoreId, id: sources![0]!.referenceId };
    await omics.send(new GetReferenceStoreCommand({ id: referenceStoreId }));
    await omics.send(new ListReferenceStoresCommand({}));
    await omics.send(new ListReferenceImportJobsCommand({ referenceStoreId }));
    await omics.send(new ListReferencesCommand({ referenceStoreId }));
    const { payload } = await omics.send(new GetReferenceCommand({ ...reference, partNumber: 1 }));
    await payload!.transformToByteArray();
    const { arn } = await omics.send(new GetReferenceMetadataCommand(reference));
    return { ...reference, arn: arn! };
  }

  async function makeStore(): Promise<string> {
    const location = {
      fallbackLocation: 's3://shapes/fallback/',
      s3AccessConfig: { accessLogLocation: 's3://shapes/logs/' },
    };
    const made = await omics.send(
      new CreateSequenceStoreCommand({
        ...{ name: 'store', description: 'd', tags, ...location, sseConfig: { type: 'KMS' } },
        ...{ eTagAlgorithmFamily: 'SHA256up', propagatedSetLevelTags: ['project'] },
      }),
    );
    await omics.send(new UpdateSequenceStoreCommand({ id: made.id, description: 'other' }));
    await omics.send(new GetSequenceStoreCommand({ id: made.id }));
    await omics.send(new ListSequenceStoresCommand({}));
    const s3AccessPointArn = made.s3Access!.s3AccessPointArn;
    const statement = {
      ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${world.credentials.accountId}:root` } },
      ...{ Action: 's3:GetObject', Resource: `${s3AccessPointArn}/object/*` },
    };
    const s3AccessPolicy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await omics.send(new PutS3AccessPolicyCommand({ s3AccessPointArn, s3AccessPolicy }));
    await omics.send(new GetS3AccessPolicyCommand({ s3AccessPointArn }));
    await omics.send(new DeleteS3AccessPolicyCommand({ s3AccessPointArn }));
    return made.id!;
  }

  /** One that is imported, and one that fails: each has members that the other has not. */
  async function importReads(sequenceStoreId: string, referenceArn: string): Promise<string> {
    const source = (key: string) => ({
      ...{ ...ids, sourceFiles: { source1: `s3://shapes/${key}` }, referenceArn, generatedFrom: 'here' },
      sourceFileType: 'BAM' as const,
    });
    const sources = [source('one.bam'), source('missing.bam')];
    const started = await omics.send(new StartReadSetImportJobCommand({ sequenceStoreId, roleArn, sources }));
    const job = new GetReadSetImportJobCommand({ sequenceStoreId, id: started.id });
    const done = await until(() => omics.send(job), finished);
    assert.equal(done.status, 'COMPLETED_WITH_FAILURES');
    await omics.send(new ListReadSetImportJobsCommand({ sequenceStoreId }));
    return done.sources![0]!.readSetId!;
  }

  async function uploadReads(sequenceStoreId: string): Promise<string> {
    const upload = { ...ids, sequenceStoreId, sourceFileType: 'FASTQ', generatedFrom: 'here' } as const;
    const abandoned = await omics.send(new CreateMultipartReadSetUploadCommand(upload));
    await omics.send(new ListMultipartReadSetUploadsCommand({ sequenceStoreId }));
    await omics.send(
      new AbortMultipartReadSetUploadCommand({ sequenceStoreId, uploadId: abandoned.uploadId }),
    );
    const { uploadId } = await omics.send(new CreateMultipartReadSetUploadCommand(upload));
    const part = { sequenceStoreId, uploadId, partSource: 'SOURCE1', partNumber: 1 } as const;
    const { checksum } = await omics.send(new UploadReadSetPartCommand({ ...part, payload: FASTQ }));
    await omics.send(new ListReadSetUploadPartsCommand(part));
    const parts = [{ partSource: part.partSource, partNumber: 1, checksum }];
    const completed = await omics.send(
      new CompleteMultipartReadSetUploadCommand({ sequenceStoreId, uploadId, parts }),
    );
    const metadata = new GetReadSetMetadataCommand({ sequenceStoreId, id: completed.readSetId });
    const ended = await until(
      () => omics.send(metadata),
      ({ status }) => status !== 'PROCESSING_UPLOAD',
    );
    assert.equal(ended.status, 'ACTIVE', ended.statusMessage);
    return completed.readSetId!;
  }

  async function readAndMove(sequenceStoreId: string, id: string): Promise<void> {
    const { payload } = await omics.send(new GetReadSetCommand({ sequenceStoreId, id, partNumber: 1 }));
    await payload!.transformToByteArray();
    await omics.send(new GetReadSetMetadataCommand({ sequenceStoreId, id }));
    await omics.send(new ListReadSetsCommand({ sequenceStoreId }));
    const sources = [{ readSetId: id }, { readSetId: '1234567890' }];
    const store = { sequenceStoreId, sources };
    const exported = await omics.send(
      new StartReadSetExportJobCommand({ ...store, roleArn, destination: 's3://shapes/out/' }),
    );
    const exportJob = new GetReadSetExportJobCommand({ sequenceStoreId, id: exported.id });
    await until(() => omics.send(exportJob), finished);
    await omics.send(new ListReadSetExportJobsCommand({ sequenceStoreId }));
    const activated = await omics.send(new StartReadSetActivationJobCommand(store));
    const activationJob = new GetReadSetActivationJobCommand({ sequenceStoreId, id: activated.id });
    await until(() => omics.send(activationJob), finished);
    await omics.send(new ListReadSetActivationJobsCommand({ sequenceStoreId }));
  }

  test('a story that uses each of them', { timeout: 120_000 }, async (t) => {
    const { arn, ...reference } = await importReference();
    const sequenceStoreId = await makeStore();
    const readSets = [await importReads(sequenceStoreId, arn), await uploadReads(sequenceStoreId)];
    for (const id of readSets) await readAndMove(sequenceStoreId, id);
    await assert.rejects(omics.send(new DeleteSequenceStoreCommand({ id: sequenceStoreId })), {
      name: 'ConflictException',
    });
    await omics.send(new BatchDeleteReadSetCommand({ sequenceStoreId, ids: [...readSets, '1234567890'] }));
    await omics.send(new DeleteSequenceStoreCommand({ id: sequenceStoreId }));
    await omics.send(new DeleteReferenceCommand(reference));
    await omics.send(new DeleteReferenceStoreCommand({ id: reference.referenceStoreId }));
    assert.deepEqual(observer.faults(), []);
    assert.deepEqual(observer.unseen(STORAGE), []);
    t.diagnostic(`members that no answer had: ${observer.unseenMembers(STORAGE).join(', ')}`);
  });
});
