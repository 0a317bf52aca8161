import type { Clients } from './clients.ts';
import { importReads, importReference } from './imports.ts';
import { createJobRole } from './job-role.ts';
import type { Progress, Update } from './progress.ts';
import { createWorkflow, runWorkflow } from './run.ts';
import type { SampleFiles } from './sample-files.ts';
import { BUCKET, upload } from './sources.ts';
import type { Difference } from './truth.ts';
import { importVariants, query, VARIANT_STORE } from './variants.ts';

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

const ROLE = 'HelicaseDemoRole';

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

async function createRole({ iam }: Clients, update: Update): Promise<string> {
  const arn = await createJobRole(iam, ROLE, BUCKET);
  update(arn);
  return arn;
}
