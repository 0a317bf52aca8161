import {
  type AthenaClient,
  GetQueryExecutionCommand,
  paginateGetQueryResults,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import {
  CreateVariantStoreCommand,
  GetVariantImportJobCommand,
  GetVariantStoreCommand,
  StartVariantImportJobCommand,
} from '@aws-sdk/client-omics';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Clients } from './clients.ts';
import type { Update } from './progress.ts';
import { BUCKET } from './sources.ts';
import type { Difference } from './truth.ts';
import { isFinal, waitFor } from './waiting.ts';

export const VARIANT_STORE = 'demo_variants';

export async function importVariants(
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

export async function query(
  { athena }: Clients,
  sql: string,
  update: Update,
): Promise<readonly Difference[]> {
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
