import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateWorkflowCommand,
  GetRunCommand,
  GetWorkflowCommand,
  ListRunTasksCommand,
  StartRunCommand,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clients } from './clients.ts';
import type { ImportedReads, ImportedReference } from './imports.ts';
import type { Progress, Update } from './progress.ts';
import { BUCKET } from './sources.ts';
import { waitFor } from './waiting.ts';

export async function createWorkflow({ omics }: Clients, update: Update): Promise<string> {
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

/** Starts the run and shows its tasks' lines while it works; answers its id. */
export async function runWorkflow(clients: Clients, inputs: RunInputs, progress: Progress): Promise<string> {
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
