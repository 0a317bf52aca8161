import {
  CreateReferenceStoreCommand,
  CreateSequenceStoreCommand,
  CreateVariantStoreCommand,
  CreateWorkflowCommand,
  GetReadSetCommand,
  GetReadSetImportJobCommand,
  GetReferenceImportJobCommand,
  GetVariantImportJobCommand,
  GetVariantStoreCommand,
  GetWorkflowCommand,
  StartReadSetImportJobCommand,
  StartReferenceImportJobCommand,
  StartRunCommand,
  StartVariantImportJobCommand,
} from '@aws-sdk/client-omics';
import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { type CommandOutput, finished, runProgram, until } from './world.ts';

// The main job's steps, small, for the tests of the walls.

export const BUCKET = 'walls';
const entry = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');

/** Runs `helicase ...` as a user would. */
export function helicase(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandOutput> {
  const common = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' };
  return runProgram(process.execPath, [entry, ...args], { ...common, ...environment });
}

/** What the other steps lean on. */
export interface Ground {
  readonly roleArn: string;
  readonly referenceArn: string;
  readonly sequenceStoreId: string;
}

export const uri = (key: string) => `s3://${BUCKET}/${key}`;

export function put({ s3 }: Clients, key: string, body: Uint8Array | string): Promise<unknown> {
  return s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
}

/** Role, bucket, a reference from `fasta`, an empty sequence store. */
export async function layGround(clients: Clients, fasta: Uint8Array | string): Promise<Ground> {
  const roleArn = await createRole(clients);
  await clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await put(clients, 'reference.fasta', fasta);
  const referenceArn = await importReference(clients, roleArn);
  const store = await clients.omics.send(new CreateSequenceStoreCommand({ name: 'walls' }));
  return { roleArn, referenceArn, sequenceStoreId: store.id! };
}

export async function createRole({ iam }: Clients): Promise<string> {
  return createJobRole(iam, 'Walls', BUCKET);
}

async function importReference({ omics }: Clients, roleArn: string): Promise<string> {
  const store = await omics.send(new CreateReferenceStoreCommand({ name: 'walls' }));
  const sources = [{ sourceFile: uri('reference.fasta'), name: 'reference' }];
  const job = await omics.send(
    new StartReferenceImportJobCommand({ referenceStoreId: store.id, roleArn, sources }),
  );
  const request = { referenceStoreId: store.id, id: job.id };
  const done = await until(() => omics.send(new GetReferenceImportJobCommand(request)), finished);
  assert.equal(done.status, 'COMPLETED', JSON.stringify(done.sources));
  return `${store.arn}/reference/${done.sources![0]!.referenceId}`;
}

/** Starts the import of one FASTQ object; answers the job's id. */
export async function startReads(
  { omics }: Clients,
  { sequenceStoreId, roleArn }: Pick<Ground, 'sequenceStoreId' | 'roleArn'>,
  key: string,
  name: string,
): Promise<string> {
  const sources = [
    {
      sourceFiles: { source1: uri(key) },
      sourceFileType: 'FASTQ' as const,
      subjectId: 'subject',
      sampleId: 'sample',
      name,
    },
  ];
  const job = await omics.send(new StartReadSetImportJobCommand({ sequenceStoreId, roleArn, sources }));
  return job.id!;
}

/** Waits for an import; answers the read set's id. */
export async function readsImported(
  { omics }: Clients,
  { sequenceStoreId }: Pick<Ground, 'sequenceStoreId'>,
  id: string,
): Promise<string> {
  const done = await until(
    () => omics.send(new GetReadSetImportJobCommand({ sequenceStoreId, id })),
    finished,
    120,
  );
  assert.equal(done.status, 'COMPLETED', JSON.stringify(done.sources));
  return done.sources![0]!.readSetId!;
}

/** The bytes of a read set's first file. */
export async function readReads(
  { omics }: Clients,
  { sequenceStoreId }: Pick<Ground, 'sequenceStoreId'>,
  id: string,
): Promise<Uint8Array> {
  const request = { sequenceStoreId, id, partNumber: 1, file: 'SOURCE1' as const };
  const answer = await omics.send(new GetReadSetCommand(request));
  return answer.payload!.transformToByteArray();
}

/** A variant store with the VCF object in it. */
export async function importVariants(
  { omics }: Clients,
  { roleArn, referenceArn }: Ground,
  name: string,
  key: string,
): Promise<void> {
  await omics.send(new CreateVariantStoreCommand({ name, reference: { referenceArn } }));
  const store = await until(() => omics.send(new GetVariantStoreCommand({ name })), finished);
  assert.equal(store.status, 'ACTIVE', store.statusMessage);
  const { jobId } = await omics.send(
    new StartVariantImportJobCommand({ destinationName: name, roleArn, items: [{ source: uri(key) }] }),
  );
  const done = await until(() => omics.send(new GetVariantImportJobCommand({ jobId })), finished);
  assert.equal(done.status, 'COMPLETED', JSON.stringify(done));
}

/** Rows of a query as text, without the heading. */
export async function query({ athena }: Clients, sql: string): Promise<readonly (readonly string[])[]> {
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      ResultConfiguration: { OutputLocation: uri('queries/') },
    }),
  );
  const done = await until(
    () => athena.send(new GetQueryExecutionCommand({ QueryExecutionId })),
    ({ QueryExecution }) => !['QUEUED', 'RUNNING'].includes(QueryExecution!.Status!.State!),
  );
  assert.equal(done.QueryExecution!.Status!.State, 'SUCCEEDED', JSON.stringify(done.QueryExecution!.Status));
  const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
  return ResultSet!.Rows!.slice(1).map((row) => row.Data!.map((cell) => cell.VarCharValue ?? ''));
}

export async function createWorkflow({ omics }: Clients, wdl: string): Promise<string> {
  const definitionZip = zipSync({ 'main.wdl': new TextEncoder().encode(wdl) });
  const { id } = await omics.send(new CreateWorkflowCommand({ name: 'walls', engine: 'WDL', definitionZip }));
  const made = await until(() => omics.send(new GetWorkflowCommand({ id })), finished);
  assert.equal(made.status, 'ACTIVE', made.statusMessage);
  return id!;
}

export async function startRun(
  { omics }: Clients,
  { roleArn }: Pick<Ground, 'roleArn'>,
  workflowId: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const { id } = await omics.send(
    new StartRunCommand({ workflowId, roleArn, outputUri: uri('runs'), parameters }),
  );
  return id!;
}

/** FASTQ with reads of `bases`, told apart by their number. */
export function fastq(reads: number, bases: string): string {
  let text = '';
  for (let read = 1; read <= reads; read++)
    text += `@read:${read}\n${bases}\n+\n${'I'.repeat(bases.length)}\n`;
  return text;
}

/** A VCF with an SNV at every tenth position of the contig. */
export function vcf(contig: string, sequence: string, calls: number): string {
  const lines = [
    '##fileformat=VCFv4.2',
    `##contig=<ID=${contig},length=${sequence.length}>`,
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tsample',
  ];
  for (let call = 1; call <= calls; call++) {
    const reference = sequence[call * 10 - 1]!;
    const alternate = reference === 'A' ? 'C' : 'A';
    lines.push(`${contig}\t${call * 10}\twalls${call}\t${reference}\t${alternate}\t60\tPASS\t.\tGT\t0/1`);
  }
  return `${lines.join('\n')}\n`;
}
