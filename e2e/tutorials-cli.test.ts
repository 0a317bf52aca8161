import type { GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { CreateRoleResponse } from '@aws-sdk/client-iam';
import type {
  CreateSequenceStoreResponse,
  CreateWorkflowResponse,
  GetReadSetImportJobResponse,
  GetReadSetMetadataResponse,
  GetReferenceImportJobResponse,
  GetReferenceMetadataResponse,
  GetRunResponse,
  GetVariantImportResponse,
  GetVariantStoreResponse,
  GetWorkflowResponse,
  ListReadSetsResponse,
  ListReferencesResponse,
  ListRunTasksResponse,
  ListSequenceStoresResponse,
  StartRunResponse,
  StartVariantImportResponse,
} from '@aws-sdk/client-omics';
import type { ListObjectsV2Output } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JOB_TRUST, jobPolicy } from '../packages/cli/demo/job-role.ts';
import { askAthena } from './athena.ts';
import { shapeOf } from './shape.ts';
import {
  type AwsCommand,
  awsCli,
  awsCommand,
  finished,
  openWorld,
  sharedData,
  until,
  withoutSharedData,
  type World,
} from './world.ts';

// The guide's CLI tutorials in their order, commands as it writes them, mended where the CLI or the API model refuses
// them: docs/guide-differences.md lists each such place.

describe('the guide’s tutorials with the aws CLI', { skip: awsCli.skip, timeout: 300_000 }, () => {
  let world: World;
  let aws: AwsCommand;
  let roleArn: string;
  before(async () => {
    world = await openWorld();
    aws = awsCommand(world);
    const made = await aws.json<CreateRoleResponse>`
      iam create-role --role-name OmicsImport --assume-role-policy-document ${JOB_TRUST}`;
    roleArn = made.Role!.Arn!;
    await aws.raw`iam put-role-policy --role-name OmicsImport --policy-name jobs --policy-document ${jobPolicy('doc-example-bucket')}`;
    await aws.json`s3api create-bucket --bucket doc-example-bucket`;
    const pattern = JSON.stringify({ source: ['aws.omics'] });
    await aws.json`events put-rule --name all --event-pattern ${pattern}`;
    const group = `arn:aws:logs:us-east-1:${world.credentials.accountId}:log-group:/aws/events/all`;
    await aws.json`events put-targets --rule all --targets Id=logs,Arn=${group}`;
  });
  after(() => world.close());

  const upload = (path: string, key: string) =>
    aws.raw`s3 cp --no-progress ${path} s3://doc-example-bucket/${key}`;

  test('Sequence store tutorial: create-sequence-store answers id, arn, name and creationTime', async () => {
    const store =
      await aws.json<CreateSequenceStoreResponse>`omics create-sequence-store --name MySequenceStore`;
    assert.match(store.id!, /^\d{10,36}$/);
    assert.equal(
      store.arn,
      `arn:aws:omics:us-east-1:${world.credentials.accountId}:sequenceStore/${store.id}`,
    );
    assert.equal(store.name, 'MySequenceStore');
    assert.ok(!Number.isNaN(Date.parse(String(store.creationTime))));
    const listed = await aws.json<ListSequenceStoresResponse>`omics list-sequence-stores`;
    assert.deepEqual(
      listed.sequenceStores!.map((one) => one.id),
      [store.id],
    );
  });

  describe('reference store, sequence store, imports', { skip: withoutSharedData }, () => {
    const germline = join(sharedData, 'germline');
    let referenceArn: string;

    test('a reference is imported, found by name, described, and read by part', async () => {
      const store = await aws.json<{ id: string }>`omics create-reference-store --name MyReferenceStore`;
      await upload(join(germline, 'reference.fasta'), 'reference.fasta');
      const job = await aws.json<GetReferenceImportJobResponse>`
        omics start-reference-import-job --reference-store-id ${store.id} --role-arn ${roleArn}
        --sources sourceFile=s3://doc-example-bucket/reference.fasta,name=MyReference`;
      assert.equal(job.status, 'SUBMITTED'); // the guide prints CREATED, which the API model does not have
      const get = () => aws.json<GetReferenceImportJobResponse>`
        omics get-reference-import-job --reference-store-id ${store.id} --id ${job.id}`;
      assert.equal((await until(get, finished)).status, 'COMPLETED');
      const found = await aws.json<ListReferencesResponse>`
        omics list-references --reference-store-id ${store.id} --filter name=MyReference`;
      assert.equal(found.references!.length, 1);
      const reference = found.references![0]!;
      referenceArn = reference.arn!;
      assert.equal(reference.status, 'ACTIVE');
      const metadata = await aws.json<GetReferenceMetadataResponse>`
        omics get-reference-metadata --reference-store-id ${store.id} --id ${reference.id}`;
      const original = readFileSync(join(germline, 'reference.fasta'));
      const { contentLength, totalParts, partSize } = metadata.files!.source!;
      assert.deepEqual(
        { contentLength, totalParts, partSize },
        { contentLength: original.length, totalParts: 1, partSize: 104857600 },
      );
      await aws.json`omics get-reference --reference-store-id ${store.id} --id ${reference.id} --part-number 1 outfile.fa`;
      assert.deepEqual(readFileSync(join(world.folder, 'outfile.fa')), original);
      await aws.json`
        omics get-reference --reference-store-id ${store.id} --id ${reference.id} --part-number 1
        --range bytes=100-199 part.fa`;
      assert.deepEqual(readFileSync(join(world.folder, 'part.fa')), original.subarray(100, 200));
    });

    test('a BAM and a pair of FASTQ files are imported, listed, described, and read by part', async () => {
      const bam = join(world.folder, 'wgs1.bam');
      alignGermline(germline, bam);
      await upload(bam, 'wgs1.bam');
      for (const name of ['wgs1_R1.fastq.gz', 'wgs1_R2.fastq.gz']) await upload(join(germline, name), name);
      const store = await aws.json<CreateSequenceStoreResponse>`
        omics create-sequence-store --name reads --fallback-location s3://doc-example-bucket`;
      writeFileSync(
        join(world.folder, 'import.json'),
        JSON.stringify(importManifest(store.id!, roleArn, referenceArn)),
      );
      const job =
        await aws.json<GetReadSetImportJobResponse>`omics start-read-set-import-job --cli-input-json file://import.json`;
      const get = () => aws.json<GetReadSetImportJobResponse>`
        omics get-read-set-import-job --sequence-store-id ${store.id} --id ${job.id}`;
      const done = await until(get, finished);
      assert.equal(done.status, 'COMPLETED', JSON.stringify(done));
      const listed =
        await aws.json<ListReadSetsResponse>`omics list-read-sets --sequence-store-id ${store.id}`;
      assert.deepEqual(listed.readSets!.map((one) => one.name).sort(), ['bam', 'fastq']);
      const idOf = (name: string) => listed.readSets!.find((one) => one.name === name)!.id;
      const describeReadSet = (name: string) => aws.json<GetReadSetMetadataResponse>`
        omics get-read-set-metadata --sequence-store-id ${store.id} --id ${idOf(name)}`;

      const metadata = await describeReadSet('bam');
      const [digest, readCount, baseCount] = samtoolsFacts(bam);
      assert.deepEqual(metadata.etag, { algorithm: 'BAM_MD5up', source1: digest });
      const { totalReadCount, totalBaseCount, alignment } = metadata.sequenceInformation!;
      assert.deepEqual(
        [totalReadCount, totalBaseCount, alignment],
        [Number(readCount), Number(baseCount), 'ALIGNED'],
      );

      const fastq = await describeReadSet('fastq');
      assert.equal(fastq.etag!.source1, gunzippedMd5(join(germline, 'wgs1_R1.fastq.gz')));
      assert.equal(fastq.etag!.source2, gunzippedMd5(join(germline, 'wgs1_R2.fastq.gz')));

      await aws.json`omics get-read-set --sequence-store-id ${store.id} --id ${idOf('bam')} --part-number 1 outfile.bam`;
      assert.equal(samtoolsFacts(join(world.folder, 'outfile.bam'))[0], digest);
      const refused = await aws.raw`omics delete-sequence-store --id ${store.id}`;
      assert.match(refused.stderr, /ConflictException/);
    });

    test('NA12878’s BAM against that reference is refused, naming the contigs that it lacks', async () => {
      await upload(join(sharedData, 'human', 'NA12878.bam'), 'NA12878.bam');
      const store = await aws.json<CreateSequenceStoreResponse>`omics create-sequence-store --name refused`;
      const sourceFiles = { source1: 's3://doc-example-bucket/NA12878.bam' };
      const sources = JSON.stringify([
        { sourceFiles, sourceFileType: 'BAM', subjectId: 's', sampleId: 's', referenceArn },
      ]);
      const job = await aws.json<GetReadSetImportJobResponse>`
        omics start-read-set-import-job --sequence-store-id ${store.id} --role-arn ${roleArn} --sources ${sources}`;
      const get = () => aws.json<GetReadSetImportJobResponse>`
        omics get-read-set-import-job --sequence-store-id ${store.id} --id ${job.id}`;
      const done = await until(get, finished);
      assert.equal(done.status, 'FAILED');
      assert.match(done.sources![0]!.statusMessage!, /\b11\b.*\b20\b/);
      const listed =
        await aws.json<ListReadSetsResponse>`omics list-read-sets --sequence-store-id ${store.id}`;
      assert.deepEqual(listed.readSets, []);
    });

    test('Variant store tutorial: a VCF is imported and counted by SQL as bcftools counts it', async () => {
      const vcf = join(sharedData, 'human', 'CEUTrio.NA12878.20.21.vcf');
      await upload(vcf, 'sample.vcf');
      const created = await aws.json<GetVariantStoreResponse>`
        omics create-variant-store --name myvariantstore --reference referenceArn=${referenceArn}`;
      assert.equal(created.status, 'CREATING');
      await until(
        () => aws.json<GetVariantStoreResponse>`omics get-variant-store --name myvariantstore`,
        finished,
      );
      const { jobId } = await aws.json<StartVariantImportResponse>`
        omics start-variant-import-job --destination-name myvariantstore --no-run-left-normalization
        --role-arn ${roleArn} --items source=s3://doc-example-bucket/sample.vcf`;
      const get = () => aws.json<GetVariantImportResponse>`omics get-variant-import-job --job-id ${jobId}`;
      const job = await until(get, finished);
      assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
      assert.match(job.statusMessage!, /\b20\b.*\b21\b/); // the reference has neither contig: kept, and reported
      const counts = await askAthena(
        aws,
        'SELECT contigname, count(*) FROM myvariantstore GROUP BY contigname ORDER BY contigname',
      );
      assert.deepEqual(
        counts.map((row) => row.join('=')),
        shell(`bcftools query -f '%CHROM\\n' "$1" | sort | uniq -c | awk '{print $2"="$1}'`, vcf).split('\n'),
      );
    });
  });

  test('Workflow tutorial: TestFlow copies its input into outfile.txt', async () => {
    const definition = readFileSync(join(import.meta.dirname, 'fixtures', 'test-flow.wdl'));
    writeFileSync(join(world.folder, 'definition.zip'), zipSync({ 'main.wdl': new Uint8Array(definition) }));
    const template = {
      image: { description: 'Optional ECR image', optional: true },
      file: { description: 'Required input file' },
    };
    writeFileSync(join(world.folder, 'params_sample_description.json'), JSON.stringify(template));
    const workflow = await aws.json<CreateWorkflowResponse>`
      omics create-workflow --name Sample --description BasicExample --definition-zip fileb://definition.zip
      --parameter-template file://params_sample_description.json`;
    const registered = await until(
      () => aws.json<GetWorkflowResponse>`omics get-workflow --id ${workflow.id}`,
      finished,
    );
    assert.equal(registered.status, 'ACTIVE');
    assert.match(registered.statusMessage!, /file/); // the template names inputs that the workflow lacks
    writeFileSync(join(world.folder, 'hello_world.txt'), 'hello world\n');
    await upload(join(world.folder, 'hello_world.txt'), 'hello_world.txt');
    const parameters = JSON.stringify({ input_txt_file: 's3://doc-example-bucket/hello_world.txt' });
    writeFileSync(join(world.folder, 'params_sample_content.json'), parameters);
    const run = await aws.json<StartRunResponse>`
      omics start-run --workflow-id ${workflow.id} --role-arn ${roleArn} --name ${'workflow name'}
      --retention-mode REMOVE --output-uri s3://doc-example-bucket/output --parameters file://params_sample_content.json`;
    assert.equal(run.status, 'PENDING');
    assert.match(run.uuid!, /^[0-9a-f-]{36}$/);
    assert.equal(run.runOutputUri, `s3://doc-example-bucket/output/${run.id}`);
    const done = await until(() => aws.json<GetRunResponse>`omics get-run --id ${run.id}`, finished);
    assert.equal(done.status, 'COMPLETED', JSON.stringify(done));
    const tasks = await aws.json<ListRunTasksResponse>`omics list-run-tasks --id ${run.id}`;
    assert.deepEqual(
      tasks.items!.map((task) => task.status),
      ['COMPLETED'],
    );
    await aws.json`omics get-run-task --id ${run.id} --task-id ${tasks.items![0]!.taskId}`;
    const listed = await aws.json<ListObjectsV2Output>`
      s3api list-objects-v2 --bucket doc-example-bucket --prefix output/${run.id}/`;
    const outfile = listed.Contents!.find((object) => object.Key!.endsWith('/outfile.txt'));
    assert.ok(outfile, JSON.stringify(listed));
    await aws.raw`s3 cp s3://doc-example-bucket/${outfile.Key} outfile.txt`;
    assert.equal(readFileSync(join(world.folder, 'outfile.txt'), 'utf8'), 'hello world\n');
    const log = await aws.json<GetLogEventsResponse>`
      logs get-log-events --log-group-name /aws/omics/WorkflowLog --log-stream-name run/${run.id}/engine --start-from-head`;
    assert.ok(log.events!.length > 0);
  });

  test('"EventBridge event message structure and examples": each came, with the guide’s members and types', async () => {
    const examples = withoutSharedData ? [RUN_EVENT] : [RUN_EVENT, ...STORE_EVENTS];
    const told = await until(
      async () => {
        const { stdout } = await aws.raw`logs filter-log-events --log-group-name /aws/events/all`;
        const { events } = JSON.parse(stdout || '{"events":[]}') as { events: { message: string }[] };
        return events.map(({ message }) => JSON.parse(message) as OmicsEvent);
      },
      (events) => events.some((event) => isLike(RUN_EVENT, event)),
    );
    for (const example of examples) {
      const event = told.find((one) => isLike(example, one));
      assert.ok(event, `${example['detail-type']} ${example.detail.status}`);
      assert.deepEqual(Object.keys(event).sort(), Object.keys(example).sort());
      assert.deepEqual(Object.keys(event.detail).sort(), Object.keys(example.detail).sort());
      assert.deepEqual(shapeOf(example, event), shapeOf(example));
      assert.deepEqual(event.resources, [event.detail.arn]);
      assert.match(event.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.match(event.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
  });
});

interface OmicsEvent {
  readonly 'detail-type': string;
  readonly id: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: { readonly arn: string; readonly status: string; readonly omicsVersion: string };
}

function isLike(example: OmicsEvent, event: OmicsEvent): boolean {
  return event['detail-type'] === example['detail-type'] && event.detail.status === example.detail.status;
}

const RUN_EVENT: OmicsEvent = guideEvent('Run Status Change', 'run/2101313', {
  ...{ status: 'COMPLETED', uuid: '153893cd-097a-40ec-aec7-838a97cd2b21' },
  runOutputUri: 's3://integ-test-0ee27e7e/run-output/2101313',
});

/** The read set's is of an import: with a direct upload it would begin with PROCESSING_UPLOAD. */
const STORE_EVENTS: readonly OmicsEvent[] = [
  guideEvent('Read Set Status Change', 'sequenceStore/1234567890/readSet/3456789012', {
    ...{ sequenceStoreId: '1234567890', id: '3456789012', status: 'ACTIVE' },
  }),
  guideEvent('Variant Store Status Change', 'bcvariantstore2', {
    ...{ status: 'CREATED', storeId: '6710c5f02610', storeName: 'bcvariantstore2' },
  }),
  guideEvent('Variant Import Job Status Change', 'vincent_load_test_variant_store/b64ea9a3', {
    ...{ status: 'COMPLETED', jobId: 'b64ea9a3-459f-4b68-92c3-3ddb83209fe9' },
    ...{ storeId: 'a74869f91e20', storeName: 'vincent_load_test_variant_store' },
  }),
];

/** As the guide prints them: the members that all have, and those of the detail. */
function guideEvent(
  detailType: string,
  resource: string,
  detail: Readonly<Record<string, string>> & { readonly status: string },
): OmicsEvent {
  const arn = `arn:aws:omics:us-east-1:123456789012:${resource}`;
  const common = { version: '0', source: 'aws.omics', account: '123456789012', region: 'us-east-1' };
  return {
    ...common,
    ...{ id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718', time: '2015-12-22T18:43:48Z', resources: [arn] },
    ...{ 'detail-type': detailType, detail: { omicsVersion: '1.0.0', arn, ...detail } },
  };
}

function importManifest(sequenceStoreId: string, roleArn: string, referenceArn: string): object {
  const common = { subjectId: 'mySubject', sampleId: 'mySample', generatedFrom: '1000 Genomes' };
  const at = (name: string) => `s3://doc-example-bucket/${name}`;
  return {
    sequenceStoreId,
    roleArn,
    sources: [
      {
        sourceFiles: { source1: at('wgs1.bam') },
        sourceFileType: 'BAM',
        ...common,
        referenceArn,
        name: 'bam',
        description: 'BAM for wgs1',
      },
      {
        sourceFiles: { source1: at('wgs1_R1.fastq.gz'), source2: at('wgs1_R2.fastq.gz') },
        sourceFileType: 'FASTQ',
        ...common,
        name: 'fastq',
      },
    ],
  };
}

/** What a shell prints; the files it needs are its arguments. */
function shell(script: string, ...args: readonly string[]): string {
  const run = spawnSync('bash', ['-o', 'pipefail', '-c', script, 'shell', ...args], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout.trim();
}

function alignGermline(folder: string, bam: string): void {
  const script = `minimap2 -ax sr "$1/reference.fasta" "$1/wgs1_R1.fastq.gz" "$1/wgs1_R2.fastq.gz" | samtools sort -o "$2" -`;
  shell(script, folder, bam);
}

/** MD5 of the alignments as SAM text, number of reads, number of bases: all by samtools. */
function samtoolsFacts(bam: string): readonly string[] {
  const script = `samtools view "$1" | md5sum | cut -d' ' -f1; samtools view -c "$1"; samtools view "$1" | cut -f10 | tr -d '\\n' | wc -c`;
  return shell(script, bam).split('\n');
}

function gunzippedMd5(path: string): string {
  return shell(`gzip -dc "$1" | md5sum | cut -d' ' -f1`, path);
}
