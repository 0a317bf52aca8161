import type { CreateRoleResponse } from '@aws-sdk/client-iam';
import type {
  BatchDeleteReadSetResponse,
  CompleteMultipartReadSetUploadResponse,
  CreateMultipartReadSetUploadResponse,
  CreateSequenceStoreResponse,
  CreateWorkflowResponse,
  GetReadSetActivationJobResponse,
  GetReadSetExportJobResponse,
  GetReadSetMetadataResponse,
  GetReferenceImportJobResponse,
  GetRunResponse,
  GetS3AccessPolicyResponse,
  GetSequenceStoreResponse,
  GetWorkflowResponse,
  ListMultipartReadSetUploadsResponse,
  ListReadSetActivationJobsResponse,
  ListReadSetExportJobsResponse,
  ListReadSetUploadPartsResponse,
  ListReferenceStoresResponse,
  StartRunResponse,
  UpdateSequenceStoreResponse,
  UploadReadSetPartResponse,
} from '@aws-sdk/client-omics';
import type { GetObjectTaggingOutput, HeadBucketOutput, ListObjectsV2Output } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { JOB_TRUST, jobPolicy } from '../packages/cli/demo/job-role.ts';
import { startServer } from '../packages/cli/demo/server-process.ts';
import {
  type AwsCommand,
  awsCli,
  awsCommand,
  clientEnvironment,
  finished,
  openWorld,
  runProgram,
  sharedData,
  until,
  withoutSharedData,
  type World,
} from './world.ts';

// The guide's storage chapter beyond its tutorials ("Direct upload to a sequence store", "Exporting read sets",
// "Accessing and managing read sets with Amazon S3 URIs", "Activating read sets"), its commands mended as
// docs/guide-differences.md lists.

const skip = awsCli.skip || withoutSharedData;

describe('the guide’s storage chapter with the aws CLI', { skip, timeout: 600_000 }, () => {
  const germline = join(sharedData, 'germline');
  let world: World;
  let aws: AwsCommand;
  let roleArn: string;
  let store: CreateSequenceStoreResponse;
  let referenceArn: string;
  let bam: string;
  let readSet: string;
  let s3Uri: string;

  before(async () => {
    world = await openWorld();
    aws = awsCommand(world);
    const made = await aws.json<CreateRoleResponse>`
      iam create-role --role-name OmicsImport --assume-role-policy-document ${JOB_TRUST}`;
    roleArn = made.Role!.Arn!;
    await aws.raw`iam put-role-policy --role-name OmicsImport --policy-name jobs --policy-document ${jobPolicy('doc-example-bucket')}`;
    await aws.json`s3api create-bucket --bucket doc-example-bucket`;
    store = await aws.json<CreateSequenceStoreResponse>`
      omics create-sequence-store --name MySequenceStore --fallback-location s3://doc-example-bucket`;
    bam = join(world.folder, 'germline.bam');
    align(germline, bam);
    referenceArn = await importReference();
  });
  after(() => world.close());

  /** The run of a workflow with one input. */
  async function runReading(reads: string): Promise<GetRunResponse> {
    const main = 'version 1.0\nworkflow Read { input { File reads } output { File same = reads } }\n';
    writeFileSync(join(world.folder, 'read.zip'), zipSync({ 'main.wdl': Buffer.from(main) }));
    const { id } = await aws.json<CreateWorkflowResponse>`
      omics create-workflow --name Read --definition-zip fileb://read.zip`;
    await until(() => aws.json<GetWorkflowResponse>`omics get-workflow --id ${id}`, finished);
    const run = await aws.json<StartRunResponse>`
      omics start-run --workflow-id ${id} --role-arn ${roleArn} --output-uri s3://doc-example-bucket/runs
      --parameters ${JSON.stringify({ reads })}`;
    return until(() => aws.json<GetRunResponse>`omics get-run --id ${run.id}`, finished);
  }

  async function importReference(): Promise<string> {
    const references = await aws.json<{ id: string }>`omics create-reference-store --name MyReferenceStore`;
    await aws.raw`s3 cp --no-progress ${join(germline, 'reference.fasta')} s3://doc-example-bucket/reference.fasta`;
    const job = await aws.json<GetReferenceImportJobResponse>`
      omics start-reference-import-job --reference-store-id ${references.id} --role-arn ${roleArn}
      --sources sourceFile=s3://doc-example-bucket/reference.fasta,name=MyReference`;
    const get = () => aws.json<GetReferenceImportJobResponse>`
      omics get-reference-import-job --reference-store-id ${references.id} --id ${job.id}`;
    const { sources } = await until(get, finished);
    const { accountId } = world.credentials;
    return `arn:aws:omics:us-east-1:${accountId}:referenceStore/${references.id}/reference/${sources![0]!.referenceId}`;
  }

  test('direct upload: a BAM in parts is listed, completed, and becomes ACTIVE', async () => {
    const upload = await aws.json<CreateMultipartReadSetUploadResponse>`
      omics create-multipart-read-set-upload --sequence-store-id ${store.id} --name HG00146 --source-file-type BAM
      --subject-id mySubject --sample-id mySample --reference-arn ${referenceArn} --generated-from ${'1000 Genomes'}`;
    execFileSync('split', ['-b', '400K', bam, join(world.folder, 'source1_part_')]);
    const parts = [];
    for (const [index, name] of ['aa', 'ab', 'ac'].entries()) {
      const part = await aws.json<UploadReadSetPartResponse>`
        omics upload-read-set-part --sequence-store-id ${store.id} --upload-id ${upload.uploadId}
        --part-source SOURCE1 --part-number ${String(index + 1)} --payload source1_part_${name}`;
      parts.push({ checksum: part.checksum, partNumber: index + 1, partSource: 'SOURCE1' });
    }
    const listed = await aws.json<ListReadSetUploadPartsResponse>`
      omics list-read-set-upload-parts --sequence-store-id ${store.id} --upload-id ${upload.uploadId}
      --part-source SOURCE1`;
    assert.deepEqual(
      listed.parts!.map(({ partNumber, checksum, partSource }) => ({ checksum, partNumber, partSource })),
      parts,
    );
    const uploads = await aws.json<ListMultipartReadSetUploadsResponse>`
      omics list-multipart-read-set-uploads --sequence-store-id ${store.id}`;
    assert.deepEqual(
      uploads.uploads!.map(({ uploadId }) => uploadId),
      [upload.uploadId],
    );
    const completed = await aws.json<CompleteMultipartReadSetUploadResponse>`
      omics complete-multipart-read-set-upload --sequence-store-id ${store.id} --upload-id ${upload.uploadId}
      --parts ${JSON.stringify(parts)}`;
    readSet = completed.readSetId!;
    const get = () => aws.json<GetReadSetMetadataResponse>`
      omics get-read-set-metadata --sequence-store-id ${store.id} --id ${readSet}`;
    const found = await until(get, ({ status }) => status !== 'PROCESSING_UPLOAD');
    assert.equal(found.status, 'ACTIVE', found.statusMessage);
    assert.equal(found.creationType, 'UPLOAD');
    s3Uri = found.files!.source1!.s3Access!.s3Uri!;
    assert.match(
      s3Uri,
      new RegExp(
        `^s3://\\d{12}-${store.id}-[a-z0-9]+-s3alias/\\d{12}/sequenceStore/${store.id}/readSet/${readSet}/HG00146.bam$`,
      ),
    );
  });

  test('an upload is aborted', async () => {
    const upload = await aws.json<CreateMultipartReadSetUploadResponse>`
      omics create-multipart-read-set-upload --sequence-store-id ${store.id} --name HG00147 --source-file-type FASTQ
      --subject-id mySubject --sample-id mySample`;
    await aws.raw`omics abort-multipart-read-set-upload --sequence-store-id ${store.id} --upload-id ${upload.uploadId}`;
    const left = await aws.json<ListMultipartReadSetUploadsResponse>`
      omics list-multipart-read-set-uploads --sequence-store-id ${store.id}`;
    assert.deepEqual(left.uploads, []);
  });

  test('S3 URIs: the read set is listed, read, copied out, signed for, and never written', async () => {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(s3Uri)!;
    const listed =
      await aws.json<ListObjectsV2Output>`s3api list-objects-v2 --bucket ${bucket} --prefix ${key}`;
    assert.deepEqual(
      listed.Contents!.map((one) => one.Key),
      [key, `${key}.bai`],
    );
    const copied = await aws.raw`s3 cp --no-progress ${s3Uri} copied.bam`;
    assert.equal(copied.status, 0, copied.stderr);
    await aws.json`omics get-read-set --sequence-store-id ${store.id} --id ${readSet} --part-number 1 part.bam`;
    const whole = readFileSync(join(world.folder, 'part.bam'));
    assert.ok(readFileSync(join(world.folder, 'copied.bam')).equals(whole));
    await aws.json`s3api get-object --bucket ${bucket} --key ${key} --range bytes=1000-1999 range.bin`;
    assert.ok(readFileSync(join(world.folder, 'range.bin')).equals(whole.subarray(1000, 2000)));
    const tags =
      await aws.json<GetObjectTaggingOutput>`s3api get-object-tagging --bucket ${bucket} --key ${key}`;
    assert.deepEqual(tags.TagSet, [
      { Key: 'omics:subjectId', Value: 'mySubject' },
      { Key: 'omics:sampleId', Value: 'mySample' },
    ]);
    await aws.json`s3api copy-object --copy-source ${bucket}/${key} --bucket doc-example-bucket --key copy.bam`;
    const signed = (await aws.raw`s3 presign ${s3Uri}`).stdout.trim();
    assert.ok(Buffer.from(await (await fetch(signed)).arrayBuffer()).equals(whole));
    const refused = await aws.raw`s3 cp --no-progress part.bam s3://${bucket}/${key}`;
    assert.match(refused.stderr, /read-only|MethodNotAllowed|AccessDenied/);
  });

  // Clients put the ARN's name before the endpoint's host, where nothing resolves it here: docs/clients.md has the remedy.
  test('S3 URIs with the access point’s ARN in the bucket’s place: the same answers, the same policies', async () => {
    const key = s3Uri.split('/').slice(3).join('/');
    const arn = store.s3Access!.s3AccessPointArn!;
    const environment = { ...world.environment, HTTP_PROXY: world.server.url };
    const byName = awsCommand({ ...world, environment });
    const listed =
      await byName.json<ListObjectsV2Output>`s3api list-objects-v2 --bucket ${arn} --prefix ${key}`;
    assert.deepEqual(
      listed.Contents!.map((one) => one.Key),
      [key, `${key}.bai`],
    );
    const copied = await byName.raw`s3 cp --no-progress s3://${arn}/${key} by-arn.bam`;
    assert.equal(copied.status, 0, copied.stderr);
    const whole = readFileSync(join(world.folder, 'copied.bam'));
    assert.ok(readFileSync(join(world.folder, 'by-arn.bam')).equals(whole));
    const { AccessPointAlias } = await byName.json<HeadBucketOutput>`s3api head-bucket --bucket ${arn}`;
    assert.equal(AccessPointAlias, true);
    // A copy names it in a header, which needs no name resolved.
    await aws.json`s3api copy-object --copy-source ${arn}/object/${key} --bucket doc-example-bucket --key by-arn.bam`;
    const statement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `${arn}/object/*.bai`,
    };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await aws.json`omics put-s3-access-policy --s3-access-point-arn ${arn} --s3-access-policy ${policy}`;
    const read = (name: string, of: string) => byName.raw`
      s3api get-object --bucket ${arn} --key ${of} --range bytes=1000-1999 ${name}`;
    assert.equal((await read('range.bin', key)).status, 0);
    assert.ok(readFileSync(join(world.folder, 'range.bin')).equals(whole.subarray(1000, 2000)));
    assert.match((await read('denied.bin', `${key}.bai`)).stderr, /AccessDenied.*explicit deny/);
    await aws.raw`omics delete-s3-access-policy --s3-access-point-arn ${arn}`;
  });

  test('samtools reads a region through the access point’s alias', { skip: !hasHtslibS3() }, () => {
    const environment = {
      ...world.environment,
      HTS_S3_HOST: new URL(world.server.url).host,
      HTS_S3_ADDRESS_STYLE: 'path',
    };
    const address = s3Uri.replace('s3://', 's3+http://');
    const options = { env: environment, cwd: world.folder, encoding: 'utf8' } as const;
    const region = execFileSync('samtools', ['view', address, 'chr1:5000-6000'], options);
    execFileSync('samtools', ['index', bam]);
    assert.equal(region, execFileSync('samtools', ['view', bam, 'chr1:5000-6000'], { encoding: 'utf8' }));
  });

  test('an S3 access policy is put, shown and deleted; other members of the store change', async () => {
    const { s3Access } = await aws.json<GetSequenceStoreResponse>`omics get-sequence-store --id ${store.id}`;
    const arn = s3Access!.s3AccessPointArn!;
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${world.credentials.accountId}:root` },
          Action: 's3:GetObject',
          Resource: `${arn}/object/*`,
          Condition: { StringEquals: { 's3:ExistingObjectTag/omics:subjectId': 'mySubject' } },
        },
      ],
    });
    await aws.json`omics put-s3-access-policy --s3-access-point-arn ${arn} --s3-access-policy ${policy}`;
    const shown =
      await aws.json<GetS3AccessPolicyResponse>`omics get-s3-access-policy --s3-access-point-arn ${arn}`;
    assert.equal(shown.s3AccessPolicy, policy);
    assert.equal(shown.storeType, 'SEQUENCE_STORE');
    await aws.raw`omics delete-s3-access-policy --s3-access-point-arn ${arn}`;
    const updated = await aws.json<UpdateSequenceStoreResponse>`
      omics update-sequence-store --id ${store.id} --name renamed --propagated-set-level-tags project`;
    assert.equal(updated.name, 'renamed');
    assert.deepEqual(updated.propagatedSetLevelTags, ['project']);
    const refused =
      await aws.raw`omics update-sequence-store --id ${store.id} --fallback-location s3://other-bucket`;
    assert.match(refused.stderr, /fallbackLocation cannot be changed/);
  });

  test('an export leaves the files in the bucket', async () => {
    const job = await aws.json<GetReadSetExportJobResponse>`
      omics start-read-set-export-job --sequence-store-id ${store.id} --destination s3://doc-example-bucket/out/
      --role-arn ${roleArn} --sources readSetId=${readSet}`;
    const get = () => aws.json<GetReadSetExportJobResponse>`
      omics get-read-set-export-job --id ${job.id} --sequence-store-id ${store.id}`;
    const done = await until(get, finished);
    assert.equal(done.status, 'COMPLETED', JSON.stringify(done));
    const listed = await aws.json<ListReadSetExportJobsResponse>`
      omics list-read-set-export-jobs --sequence-store-id ${store.id}`;
    assert.deepEqual(
      listed.exportJobs!.map(({ id, status }) => [id, status]),
      [[job.id, 'COMPLETED']],
    );
    const files =
      await aws.json<ListObjectsV2Output>`s3api list-objects-v2 --bucket doc-example-bucket --prefix out/`;
    assert.deepEqual(
      files.Contents!.map(({ Key }) => Key),
      [`out/${readSet}/HG00146.bam`, `out/${readSet}/HG00146.bam.bai`],
    );
  });

  test('an activation job of an ACTIVE read set completes', async () => {
    const job = await aws.json<GetReadSetActivationJobResponse>`
      omics start-read-set-activation-job --sequence-store-id ${store.id} --sources readSetId=${readSet}`;
    const get = () => aws.json<GetReadSetActivationJobResponse>`
      omics get-read-set-activation-job --id ${job.id} --sequence-store-id ${store.id}`;
    const done = await until(get, finished);
    assert.equal(done.status, 'COMPLETED', JSON.stringify(done));
    const listed = await aws.json<ListReadSetActivationJobsResponse>`
      omics list-read-set-activation-jobs --sequence-store-id ${store.id}`;
    assert.equal(listed.activationJobs!.length, 1);
  });

  test('a read set that nobody read for 30 days is archived, and an activation job brings it back as it was', async () => {
    const get = () => aws.json<GetReadSetMetadataResponse>`
      omics get-read-set-metadata --sequence-store-id ${store.id} --id ${readSet}`;
    const readPart = () => aws.raw`
      omics get-read-set --sequence-store-id ${store.id} --id ${readSet} --part-number 1 again.bam`;
    const active = await get();
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(s3Uri)!;
    // A server looks for idle ones when it starts.
    await restart(() => lastReadDaysAgo(world, readSet, 31));
    const archived = await until(get, ({ status }) => status === 'ARCHIVED');
    assert.deepEqual(archived.etag, active.etag);
    assert.match((await readPart()).stderr, /\(ConflictException\).* is ARCHIVED/);
    const exported = await aws.json<GetReadSetExportJobResponse>`
      omics start-read-set-export-job --sequence-store-id ${store.id} --destination s3://doc-example-bucket/archived/
      --role-arn ${roleArn} --sources readSetId=${readSet}`;
    const getExport = () => aws.json<GetReadSetExportJobResponse>`
      omics get-read-set-export-job --id ${exported.id} --sequence-store-id ${store.id}`;
    const failed = await until(getExport, finished);
    assert.equal(failed.status, 'FAILED');
    assert.match(failed.readSets![0]!.statusMessage!, /is ARCHIVED/);
    const refused = await aws.raw`s3api get-object --bucket ${bucket} --key ${key} refused.bin`;
    assert.match(refused.stderr, /InvalidObjectState/);
    const run = await runReading(
      `omics://${world.credentials.accountId}.storage.us-east-1.amazonaws.com/${store.id}/readSet/${readSet}`,
    );
    assert.equal(run.failureReason, 'INACTIVE_OMICS_STORAGE_RESOURCE', run.statusMessage);
    const { stdout } = await runHelicase('storage', '--json');
    const [{ tier, bases, readSets, ...of }] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Usage) as [Usage];
    assert.deepEqual({ tier, readSets, bases }, { tier: 'ARCHIVED', readSets: 1, bases: basesOf(bam) });
    assert.ok(of.bytes < of.sourceBytes, `${of.bytes} of ${of.sourceBytes} bytes`);

    const job = await aws.json<GetReadSetActivationJobResponse>`
      omics start-read-set-activation-job --sequence-store-id ${store.id} --sources readSetId=${readSet}`;
    const getJob = () => aws.json<GetReadSetActivationJobResponse>`
      omics get-read-set-activation-job --id ${job.id} --sequence-store-id ${store.id}`;
    const done = await until(getJob, finished);
    assert.equal(done.status, 'COMPLETED');
    assert.deepEqual(
      done.sources!.map(({ readSetId, status }) => [readSetId, status]),
      [[readSet, 'FINISHED']],
    );
    const listed = await aws.json<ListReadSetActivationJobsResponse>`
      omics list-read-set-activation-jobs --sequence-store-id ${store.id} --filter status=COMPLETED`;
    const { id, sequenceStoreId, status, creationTime, completionTime } = done;
    const summary = { id, sequenceStoreId, status, creationTime, completionTime };
    assert.deepEqual(
      listed.activationJobs!.find((one) => one.id === id),
      summary,
    );
    const again = await get();
    assert.equal(again.status, 'ACTIVE');
    assert.deepEqual(again.etag, active.etag);
    assert.equal(again.files!.source1!.s3Access!.s3Uri, s3Uri);
    assert.equal((await readPart()).status, 0);
    assert.equal(samText(join(world.folder, 'again.bam')), samText(bam));
    await aws.raw`s3 cp --no-progress ${s3Uri} restored.bam`;
    assert.equal(samText(join(world.folder, 'restored.bam')), samText(bam));
  });

  test('stores and references are listed, and deleted once nothing is in them', async () => {
    const { referenceStores } = await aws.json<ListReferenceStoresResponse>`omics list-reference-stores`;
    const [references] = referenceStores!;
    assert.deepEqual([referenceStores!.length, references!.name], [1, 'MyReferenceStore']);
    const referenceId = referenceArn.split('/').at(-1);
    const deleteReference = () => aws.raw`
      omics delete-reference --id ${referenceId} --reference-store-id ${references!.id}`;
    assert.match((await deleteReference()).stderr, /\(ConflictException\).*in use by read set/);
    assert.match(
      (await aws.raw`omics delete-sequence-store --id ${store.id}`).stderr,
      /\(ConflictException\).*still holds/,
    );
    const deleted = await aws.json<BatchDeleteReadSetResponse>`
      omics batch-delete-read-set --sequence-store-id ${store.id} --ids ${readSet} 1234567890`;
    assert.deepEqual(
      deleted.errors!.map(({ id, code }) => [id, code]),
      [['1234567890', 'ResourceNotFoundException']],
    );
    for (const done of [
      await deleteReference(),
      await aws.raw`omics delete-sequence-store --id ${store.id}`,
      await aws.raw`omics delete-reference-store --id ${references!.id}`,
    ])
      assert.deepEqual([done.status, done.stdout, done.stderr], [0, '', '']);
    assert.deepEqual(await aws.json`omics list-reference-stores`, { referenceStores: [] });
    assert.deepEqual(await aws.json`omics list-sequence-stores`, { sequenceStores: [] });
  });

  async function restart(meanwhile: () => void): Promise<void> {
    const { close, ...same } = world;
    await world.server.stop();
    meanwhile();
    const server = await startServer(world.data);
    world = {
      ...same,
      server,
      environment: clientEnvironment(server.url, world.credentials),
      close: async () => {
        await server.stop();
        await close();
      },
    };
    aws = awsCommand(world);
  }

  function runHelicase(...args: readonly string[]) {
    const entry = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
    return runProgram(process.execPath, [entry, ...args, '--data', world.data], world.environment);
  }
});

interface Usage {
  readonly tier: string;
  readonly readSets: number;
  readonly bases: number;
  readonly bytes: number;
  readonly sourceBytes: number;
}

/** No clock of ours runs a month: the record of the last reading is set back, with the server stopped. */
function lastReadDaysAgo({ data }: World, readSet: string, days: number): void {
  const database = new DatabaseSync(join(data, 'helicase.sqlite'));
  const moment = Date.now() - days * 24 * 60 * 60 * 1000;
  database.prepare('UPDATE read_set_access SET accessed_at = ? WHERE id = ?').run(moment, readSet);
  database.close();
}

const samText = (bam: string): string =>
  execFileSync('samtools', ['view', bam], { encoding: 'utf8', maxBuffer: 1 << 28 });

/** The lengths of all sequences, as SAM text has them. */
const basesOf = (bam: string): number =>
  samText(bam)
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + line.split('\t')[9]!.replace('*', '').length, 0);

function align(germline: string, bam: string): void {
  const files = ['reference.fasta', 'wgs1_R1.fastq.gz', 'wgs1_R2.fastq.gz'].map((name) =>
    join(germline, name),
  );
  const sam = execFileSync('minimap2', ['-ax', 'sr', ...files], {
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  writeFileSync(`${bam}.sam`, sam);
  execFileSync('samtools', ['sort', '-o', bam, `${bam}.sam`], { stdio: 'ignore' });
}

/** Debian's htslib has it as a plugin of its own. */
function hasHtslibS3(): boolean {
  return /s3/.test(execFileSync('samtools', ['--version'], { encoding: 'utf8' }));
}
