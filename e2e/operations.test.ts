import {
  type AthenaClient,
  GetDatabaseCommand,
  GetWorkGroupCommand,
  ListDataCatalogsCommand,
  ListTableMetadataCommand,
  ListWorkGroupsCommand,
} from '@aws-sdk/client-athena';
import { type IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateReferenceStoreCommand,
  CreateRunGroupCommand,
  CreateSequenceStoreCommand,
  CreateVariantStoreCommand,
  CreateWorkflowCommand,
  DeleteReferenceCommand,
  DeleteRunGroupCommand,
  GetReferenceImportJobCommand,
  GetRunGroupCommand,
  GetVariantStoreCommand,
  GetWorkflowCommand,
  ListReadSetImportJobsCommand,
  ListReferenceImportJobsCommand,
  ListReferenceStoresCommand,
  ListRunGroupsCommand,
  type OmicsClient,
  StartReadSetImportJobCommand,
  StartReferenceImportJobCommand,
  UpdateRunGroupCommand,
  UpdateWorkflowCommand,
} from '@aws-sdk/client-omics';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { createJobRole, jobPolicy } from '../packages/cli/demo/job-role.ts';
import { finished, openWorld, until, type World } from './world.ts';

// Operations that no tutorial of the guide touches, through the unmodified SDK.

const MEBIBYTE = 1024 * 1024;

describe('operations beside the tutorials', { timeout: 120_000 }, () => {
  let world: World;
  let omics: OmicsClient;
  let s3: S3Client;
  let iam: IAMClient;
  let athena: AthenaClient;
  let roleArn: string;

  before(async () => {
    world = await openWorld();
    ({ omics, s3, iam, athena } = awsClients(world.server.url, world.credentials));
    roleArn = await createJobRole(iam, 'Jobs', 'operations');
    await s3.send(new CreateBucketCommand({ Bucket: 'operations' }));
  });
  after(() => world.close());

  const importReference = async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'operations', Key: 'tiny.fasta', Body: '>1\nACGTACGT\n' }));
    const { referenceStores } = await omics.send(new ListReferenceStoresCommand({}));
    const store = referenceStores![0]!;
    const sources = [{ sourceFile: 's3://operations/tiny.fasta', name: 'tiny' }];
    const job = await omics.send(
      new StartReferenceImportJobCommand({ referenceStoreId: store.id, roleArn, sources }),
    );
    const get = () =>
      omics.send(new GetReferenceImportJobCommand({ referenceStoreId: store.id, id: job.id }));
    const done = await until(get, finished);
    return `${store.arn}/reference/${done.sources![0]!.referenceId}`;
  };

  test('a run group is made, read, changed, listed and deleted', async () => {
    const { id, arn } = await omics.send(
      new CreateRunGroupCommand({ name: 'TestRunGroup', maxCpus: 20, maxDuration: 600 }),
    );
    await omics.send(new UpdateRunGroupCommand({ id, maxCpus: 40 }));
    const group = await omics.send(new GetRunGroupCommand({ id }));
    assert.deepEqual(
      [group.name, group.arn, group.maxCpus, group.maxDuration],
      ['TestRunGroup', arn, 40, 600],
    );
    const { items } = await omics.send(new ListRunGroupsCommand({ name: 'TestRunGroup' }));
    assert.deepEqual(
      items!.map((item) => item.id),
      [id],
    );
    await omics.send(new DeleteRunGroupCommand({ id }));
    await assert.rejects(omics.send(new GetRunGroupCommand({ id })), { name: 'ResourceNotFoundException' });
  });

  test('a workflow gets another name and description', async () => {
    const definitionZip = zipSync({
      'main.wdl': new TextEncoder().encode('version 1.0\nworkflow W { output { Int n = 1 } }\n'),
    });
    const { id } = await omics.send(
      new CreateWorkflowCommand({ name: 'before', engine: 'WDL', definitionZip }),
    );
    await until(() => omics.send(new GetWorkflowCommand({ id })), finished);
    await omics.send(new UpdateWorkflowCommand({ id, name: 'after', description: 'changed' }));
    const workflow = await omics.send(new GetWorkflowCommand({ id }));
    assert.deepEqual([workflow.name, workflow.description], ['after', 'changed']);
  });

  test('import jobs of both stores are listed, by status too', async () => {
    const references = await omics.send(new CreateReferenceStoreCommand({ name: 'r' }));
    const reads = await omics.send(new CreateSequenceStoreCommand({ name: 's' }));
    const sourceFile = 's3://operations/absent.fasta';
    const [one, other] = await Promise.all([
      omics.send(
        new StartReferenceImportJobCommand({
          referenceStoreId: references.id,
          roleArn,
          sources: [{ sourceFile, name: 'absent' }],
        }),
      ),
      omics.send(
        new StartReadSetImportJobCommand({
          sequenceStoreId: reads.id,
          roleArn,
          sources: [
            {
              sourceFiles: { source1: 's3://operations/absent.fastq.gz' },
              sourceFileType: 'FASTQ',
              subjectId: 's',
              sampleId: 's',
            },
          ],
        }),
      ),
    ]);
    const filter = { status: 'FAILED' as const };
    const referenceJobs = await until(
      () => omics.send(new ListReferenceImportJobsCommand({ referenceStoreId: references.id, filter })),
      ({ importJobs }) => importJobs!.length === 1,
    );
    assert.equal(referenceJobs.importJobs![0]!.id, one.id);
    const readSetJobs = await until(
      () => omics.send(new ListReadSetImportJobsCommand({ sequenceStoreId: reads.id, filter })),
      ({ importJobs }) => importJobs!.length === 1,
    );
    assert.equal(readSetJobs.importJobs![0]!.id, other.id);
    const completed = { status: 'COMPLETED' as const };
    const none = await omics.send(
      new ListReadSetImportJobsCommand({ sequenceStoreId: reads.id, filter: completed }),
    );
    assert.deepEqual(none.importJobs, []);
  });

  test('inline policies of a role are listed', async () => {
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'Jobs', PolicyName: 'read', PolicyDocument: jobPolicy('other') }),
    );
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName: 'Jobs' }));
    assert.deepEqual(PolicyNames, ['jobs', 'read']);
  });

  test('buckets tell of themselves and go when they are empty', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'short-lived' }));
    await s3.send(new HeadBucketCommand({ Bucket: 'short-lived' }));
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    assert.deepEqual(Buckets!.map((bucket) => bucket.Name).sort(), ['operations', 'short-lived']);
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket: 'short-lived' }));
    assert.equal(LocationConstraint, undefined); // AWS answers none for us-east-1
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: 'short-lived' }));
    assert.equal(Status, undefined);
    await s3.send(new PutObjectCommand({ Bucket: 'short-lived', Key: 'a', Body: 'a' }));
    await assert.rejects(s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' })), {
      name: 'BucketNotEmpty',
    });
    const { Contents } = await s3.send(new ListObjectsCommand({ Bucket: 'short-lived' }));
    assert.equal(Contents!.length, 1);
    await s3.send(new DeleteObjectCommand({ Bucket: 'short-lived', Key: 'a' }));
    await s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' }));
  });

  test('an object has tags, and a head', async () => {
    const object = { Bucket: 'operations', Key: 'tagged' };
    await s3.send(new PutObjectCommand({ ...object, Body: 'text', Metadata: { sample: 'NA12878' } }));
    const TagSet = [{ Key: 'sampleId', Value: 'NA12878' }];
    await s3.send(new PutObjectTaggingCommand({ ...object, Tagging: { TagSet } }));
    assert.deepEqual((await s3.send(new GetObjectTaggingCommand(object))).TagSet, TagSet);
    await s3.send(new DeleteObjectTaggingCommand(object));
    assert.deepEqual((await s3.send(new GetObjectTaggingCommand(object))).TagSet, []);
    const head = await s3.send(new HeadObjectCommand(object));
    assert.deepEqual([head.ContentLength, head.Metadata], [4, { sample: 'NA12878' }]);
  });

  test('a multipart upload of parts sent and parts copied becomes one object; another is given up', async () => {
    const object = { Bucket: 'operations', Key: 'parts' };
    const source = Buffer.alloc(6 * MEBIBYTE, 'a');
    await s3.send(new PutObjectCommand({ Bucket: 'operations', Key: 'source', Body: source }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    const copied = await s3.send(
      new UploadPartCopyCommand({ ...object, UploadId, PartNumber: 1, CopySource: 'operations/source' }),
    );
    const sent = await s3.send(
      new UploadPartCommand({ ...object, UploadId, PartNumber: 2, Body: 'the end' }),
    );
    const listed = await s3.send(new ListPartsCommand({ ...object, UploadId }));
    assert.deepEqual(
      listed.Parts!.map((part) => part.Size),
      [6 * MEBIBYTE, 7],
    );
    const Parts = [
      { PartNumber: 1, ETag: copied.CopyPartResult!.ETag },
      { PartNumber: 2, ETag: sent.ETag },
    ];
    await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
    const { Body } = await s3.send(new GetObjectCommand({ ...object, Range: `bytes=${6 * MEBIBYTE - 2}-` }));
    assert.equal(await Body!.transformToString(), 'aathe end');
    const given = await s3.send(new CreateMultipartUploadCommand({ ...object, Key: 'given-up' }));
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: 'operations' }));
    assert.deepEqual(
      Uploads!.map((upload) => upload.Key),
      ['given-up'],
    );
    await s3.send(new AbortMultipartUploadCommand({ ...object, Key: 'given-up', UploadId: given.UploadId }));
    const none = await s3.send(new ListMultipartUploadsCommand({ Bucket: 'operations' }));
    assert.equal(none.Uploads, undefined);
  });

  test('Athena tells of its catalog, databases, tables and work group', async () => {
    const { DataCatalogsSummary } = await athena.send(new ListDataCatalogsCommand({}));
    assert.deepEqual(
      DataCatalogsSummary!.map((catalog) => catalog.CatalogName),
      ['AwsDataCatalog'],
    );
    const { WorkGroups } = await athena.send(new ListWorkGroupsCommand({}));
    assert.deepEqual(
      WorkGroups!.map((group) => group.Name),
      ['primary'],
    );
    const { WorkGroup } = await athena.send(new GetWorkGroupCommand({ WorkGroup: 'primary' }));
    assert.equal(WorkGroup!.Name, 'primary');
    const reference = await importReference();
    await omics.send(new CreateVariantStoreCommand({ name: 'trio', reference: { referenceArn: reference } }));
    await until(() => omics.send(new GetVariantStoreCommand({ name: 'trio' })), finished);
    const [referenceStoreId, id] = [reference.split('/')[1], reference.split('/')[3]];
    await assert.rejects(omics.send(new DeleteReferenceCommand({ referenceStoreId, id })), {
      name: 'ConflictException',
      message: /variant store trio/,
    });
    const database = { CatalogName: 'AwsDataCatalog', DatabaseName: 'trio' };
    assert.equal((await athena.send(new GetDatabaseCommand(database))).Database!.Name, 'trio');
    const { TableMetadataList } = await athena.send(new ListTableMetadataCommand(database));
    const [table] = TableMetadataList!;
    assert.equal(table!.Name, 'trio');
    // The first columns of the service's own table, in its order.
    assert.deepEqual(
      table!.Columns!.slice(0, 5).map((column) => `${column.Name} ${column.Type}`),
      ['importjobid string', 'contigname string', 'start bigint', 'end bigint', 'names array<string>'],
    );
  });
});
