import {
  type AthenaClient,
  GetQueryExecutionCommand,
  paginateGetQueryResults,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import {
  CreateReferenceStoreCommand,
  CreateSequenceStoreCommand,
  CreateVariantStoreCommand,
  CreateWorkflowCommand,
  GetReadSetImportJobCommand,
  GetReferenceImportJobCommand,
  GetRunCommand,
  GetVariantImportJobCommand,
  GetVariantStoreCommand,
  GetWorkflowCommand,
  ListRunTasksCommand,
  StartReadSetImportJobCommand,
  StartReferenceImportJobCommand,
  StartRunCommand,
  StartVariantImportJobCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Clients } from './clients.ts';
import type { Progress } from './progress.ts';
import type { Difference } from './truth.ts';
import { waitFor } from './waiting.ts';

/** The user's files that the story starts from. */
export interface SampleFiles {
  readonly sample: string;
  readonly reference: string;
  readonly reads1: string;
  readonly reads2: string;
}

/** What the story made, by name and id: the commands to try next mention them. */
export interface StoryOutcome {
  readonly bucket: string;
  readonly sequenceStoreId: string;
  readonly readSetId: string;
  readonly runId: string;
  readonly variantStore: string;
  readonly sql: string;
  readonly variants: readonly Difference[];
}

const BUCKET = 'helicase-demo';
const ROLE = 'HelicaseDemoRole';
const VARIANT_STORE = 'demo_variants';

/** Bucket, upload, stores, imports, workflow, run, variant import and query, all through the AWS SDK. */
export async function tellStory(
  clients: Clients,
  files: SampleFiles,
  progress: Progress,
): Promise<StoryOutcome> {
  const roleArn = await progress.step('Role that the jobs act as', (update) => createRole(clients, update));
  await progress.step('Bucket and upload', (update) => upload(clients, files, update));
  const reference = await progress.step('Reference store and import', (update) =>
    importReference(clients, files, roleArn, update),
  );
  const readSet = await progress.step('Sequence store and import of the reads', (update) =>
    importReads(clients, files, roleArn, reference.arn, update),
  );
  const workflowId = await progress.step('Workflow', (update) => createWorkflow(clients, update));
  const runId = await runWorkflow(
    clients,
    { workflowId, roleArn, reference, readSet, sample: files.sample },
    progress,
  );
  await progress.step('Variant store and import of the calls', (update) =>
    importVariants(clients, { runId, roleArn, referenceArn: reference.arn }, update),
  );
  const sql = `SELECT contigname, start + 1 AS position, referenceallele, alternatealleles[1] AS alternate, qual FROM ${VARIANT_STORE} ORDER BY contigname, start`;
  const variants = await progress.step('SQL query', (update) => query(clients, sql, update));
  return {
    bucket: BUCKET,
    sequenceStoreId: readSet.storeId,
    readSetId: readSet.id,
    runId,
    variantStore: VARIANT_STORE,
    sql,
    variants,
  };
}

type Update = (text: string) => void;

async function createRole({ iam }: Clients, update: Update): Promise<string> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'omics.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  update(Role!.Arn!);
  return Role!.Arn!;
}

async function upload({ s3 }: Clients, files: SampleFiles, update: Update): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const path of [files.reference, files.reads1, files.reads2]) {
    update(basename(path));
    await s3.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: sourceKey(path),
        Body: createReadStream(path),
        ContentLength: statSync(path).size,
      }),
    );
  }
  update(`s3://${BUCKET}/in/`);
}

function sourceKey(path: string): string {
  return `in/${basename(path)}`;
}

function sourceUri(path: string): string {
  return `s3://${BUCKET}/${sourceKey(path)}`;
}

interface ImportedReference {
  readonly arn: string;
  readonly uri: string;
}

async function importReference(
  clients: Clients,
  files: SampleFiles,
  roleArn: string,
  update: Update,
): Promise<ImportedReference> {
  const { omics } = clients;
  const store = await omics.send(new CreateReferenceStoreCommand({ name: 'demo references' }));
  const job = await omics.send(
    new StartReferenceImportJobCommand({
      referenceStoreId: store.id,
      roleArn,
      sources: [{ sourceFile: sourceUri(files.reference), name: 'demo-reference' }],
    }),
  );
  const finished = await waitFor(
    'the reference import',
    () => omics.send(new GetReferenceImportJobCommand({ referenceStoreId: store.id, id: job.id })),
    (answer) => isFinal(answer.status),
  );
  const source = finished.sources![0]!;
  if (!source.referenceId) throw new Error(`the reference import failed: ${source.statusMessage}`);
  update(`reference ${source.referenceId}`);
  return {
    arn: `${store.arn}/reference/${source.referenceId}`,
    uri: `omics://${clients.accountId}.storage.${clients.region}.amazonaws.com/${store.id}/reference/${source.referenceId}/source`,
  };
}

interface ImportedReads {
  readonly storeId: string;
  readonly id: string;
  /** One per file of the pair. */
  readonly uris: readonly [string, string];
}

async function importReads(
  clients: Clients,
  files: SampleFiles,
  roleArn: string,
  referenceArn: string,
  update: Update,
): Promise<ImportedReads> {
  const { omics } = clients;
  const store = await omics.send(new CreateSequenceStoreCommand({ name: 'demo reads' }));
  const sources = [
    {
      sourceFiles: { source1: sourceUri(files.reads1), source2: sourceUri(files.reads2) },
      sourceFileType: 'FASTQ' as const,
      subjectId: 'demo-subject',
      sampleId: files.sample,
      referenceArn,
      name: files.sample,
    },
  ];
  const job = await omics.send(
    new StartReadSetImportJobCommand({ sequenceStoreId: store.id, roleArn, sources }),
  );
  const finished = await waitFor(
    'the read set import',
    () => omics.send(new GetReadSetImportJobCommand({ sequenceStoreId: store.id, id: job.id })),
    (answer) => isFinal(answer.status),
  );
  const source = finished.sources![0]!;
  if (!source.readSetId) throw new Error(`the read set import failed: ${source.statusMessage}`);
  update(`read set ${source.readSetId}`);
  const base = `omics://${clients.accountId}.storage.${clients.region}.amazonaws.com/${store.id}/readSet/${source.readSetId}`;
  return { storeId: store.id!, id: source.readSetId, uris: [`${base}/source1`, `${base}/source2`] };
}

async function createWorkflow({ omics }: Clients, update: Update): Promise<string> {
  const wdl = readFileSync(join(import.meta.dirname, 'workflow', 'main.wdl'));
  const created = await omics.send(
    new CreateWorkflowCommand({
      name: 'call-variants',
      engine: 'WDL',
      definitionZip: zipSync({ 'main.wdl': new Uint8Array(wdl) }),
    }),
  );
  const workflow = await waitFor(
    'the workflow’s registration',
    () => omics.send(new GetWorkflowCommand({ id: created.id })),
    (answer) => answer.status !== 'CREATING',
  );
  if (workflow.status !== 'ACTIVE')
    throw new Error(`the workflow is ${workflow.status}: ${workflow.statusMessage}`);
  update(`workflow ${created.id}`);
  return created.id!;
}

interface RunInputs {
  readonly workflowId: string;
  readonly roleArn: string;
  readonly reference: ImportedReference;
  readonly readSet: ImportedReads;
  readonly sample: string;
}

async function runWorkflow(clients: Clients, inputs: RunInputs, progress: Progress): Promise<string> {
  const { omics } = clients;
  const run = await omics.send(
    new StartRunCommand({
      workflowId: inputs.workflowId,
      roleArn: inputs.roleArn,
      name: 'demo run',
      outputUri: `s3://${BUCKET}/runs`,
      parameters: {
        reference: inputs.reference.uri,
        reads_1: inputs.readSet.uris[0],
        reads_2: inputs.readSet.uris[1],
        sample: inputs.sample,
      },
    }),
  );
  progress.line(`    run ${run.id}, live:`);
  const seen = new Map<string, number>();
  await progress.step(`Run ${run.id}`, async (update) => {
    const finished = await waitFor(
      'the run',
      async () => {
        await printNewLogLines(clients, run.id!, seen, progress);
        return omics.send(new GetRunCommand({ id: run.id }));
      },
      (answer) => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(answer.status!),
    );
    await printNewLogLines(clients, run.id!, seen, progress);
    if (finished.status !== 'COMPLETED')
      throw new Error(`the run is ${finished.status}: ${finished.failureReason} ${finished.statusMessage}`);
    update(`${finished.runOutputUri ?? finished.outputUri}`);
  });
  return run.id!;
}

/** The tasks' output as CloudWatch Logs has it by now. */
async function printNewLogLines(
  clients: Clients,
  runId: string,
  seen: Map<string, number>,
  progress: Progress,
): Promise<void> {
  const { items } = await clients.omics.send(new ListRunTasksCommand({ id: runId }));
  for (const task of items ?? []) {
    const logStreamName = `run/${runId}/task/${task.taskId}`;
    const events = await readLog(clients, logStreamName);
    for (const message of events.slice(seen.get(logStreamName) ?? 0))
      progress.line(`    ${task.name} | ${message}`);
    seen.set(logStreamName, Math.max(events.length, seen.get(logStreamName) ?? 0));
  }
}

async function readLog({ logs }: Clients, logStreamName: string): Promise<readonly string[]> {
  try {
    const request = { logGroupName: '/aws/omics/WorkflowLog', logStreamName, startFromHead: true };
    const { events } = await logs.send(new GetLogEventsCommand(request));
    return (events ?? []).map((event) => event.message ?? '');
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return []; // the task has not written yet
    throw error;
  }
}

async function importVariants(
  clients: Clients,
  from: { runId: string; roleArn: string; referenceArn: string },
  update: Update,
): Promise<void> {
  const { omics } = clients;
  await omics.send(
    new CreateVariantStoreCommand({ name: VARIANT_STORE, reference: { referenceArn: from.referenceArn } }),
  );
  await waitFor(
    'the variant store',
    () => omics.send(new GetVariantStoreCommand({ name: VARIANT_STORE })),
    (answer) => answer.status !== 'CREATING',
  );
  const source = await findCalls(clients, from.runId);
  const { jobId } = await omics.send(
    new StartVariantImportJobCommand({
      destinationName: VARIANT_STORE,
      roleArn: from.roleArn,
      items: [{ source }],
    }),
  );
  const job = await waitFor(
    'the variant import',
    () => omics.send(new GetVariantImportJobCommand({ jobId })),
    (answer) => isFinal(answer.status),
  );
  if (job.status !== 'COMPLETED')
    throw new Error(`the variant import is ${job.status}: ${job.statusMessage}`);
  update(source);
}

async function findCalls({ s3 }: Clients, runId: string): Promise<string> {
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `runs/${runId}/` }));
  const calls = Contents?.find((object) => object.Key!.endsWith('.vcf.gz'));
  if (!calls)
    throw new Error(
      `no calls among the run’s outputs: ${(Contents ?? []).map((object) => object.Key).join(', ')}`,
    );
  return `s3://${BUCKET}/${calls.Key}`;
}

async function query({ athena }: Clients, sql: string, update: Update): Promise<readonly Difference[]> {
  const started = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      ResultConfiguration: { OutputLocation: `s3://${BUCKET}/queries/` },
    }),
  );
  const id = started.QueryExecutionId!;
  const finished = await waitFor(
    'the query',
    () => athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id })),
    (answer) => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(answer.QueryExecution!.Status!.State!),
  );
  const { State, StateChangeReason } = finished.QueryExecution!.Status!;
  if (State !== 'SUCCEEDED') throw new Error(`the query ${State}: ${StateChangeReason}`);
  const rows = (await readResults(athena, id)).slice(1); // Athena's first row names the columns
  update(`${rows.length} rows`);
  return rows.map(([contig, position, reference, alternate]) => ({
    contig: contig!,
    position: Number(position),
    reference: reference!,
    alternate: alternate!,
  }));
}

async function readResults(athena: AthenaClient, id: string): Promise<readonly (readonly string[])[]> {
  const rows: string[][] = [];
  for await (const page of paginateGetQueryResults({ client: athena }, { QueryExecutionId: id })) {
    for (const row of page.ResultSet?.Rows ?? [])
      rows.push((row.Data ?? []).map((cell) => cell.VarCharValue ?? ''));
  }
  return rows;
}

function isFinal(status: string | undefined): boolean {
  return status !== undefined && !['SUBMITTED', 'IN_PROGRESS', 'CANCELLING'].includes(status);
}
