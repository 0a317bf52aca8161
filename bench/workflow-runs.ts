/** What the benchmarks of runs share: a workflow registered and runs of it seen to their end, through the operations. */
import { setTimeout as delay } from 'node:timers/promises';
import type {
  CreateWorkflowResponse,
  GetRunResponse,
  GetWorkflowResponse,
  ListRunTasksResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import { ROLE } from '../packages/workflows/testing.ts';
import type { TestRoom } from '../packages/workflows/testing-room.ts';

const POLL = 5;

export async function registerWdl(room: TestRoom, source: string): Promise<string> {
  const definitionZip = zipSync({ 'main.wdl': new TextEncoder().encode(source) });
  const { id } = await room.call<CreateWorkflowResponse>('CreateWorkflow', { engine: 'WDL', definitionZip });
  for (;;) {
    const { status, statusMessage } = await room.call<GetWorkflowResponse>('GetWorkflow', { id });
    if (status === 'ACTIVE') return id!;
    if (status === 'FAILED') throw new Error(statusMessage);
    await delay(POLL);
  }
}

/** Answers the run's id once it is COMPLETED. */
export async function runToItsEnd(room: TestRoom, workflowId: string): Promise<string> {
  const { id } = await room.call<StartRunResponse>('StartRun', {
    workflowId,
    roleArn: ROLE,
    outputUri: 's3://bucket/out',
  });
  for (;;) {
    const { failureReason, status, statusMessage } = await room.call<GetRunResponse>('GetRun', { id });
    if (status === 'COMPLETED') return id!;
    if (status === 'FAILED' || status === 'CANCELLED') throw new Error(`${failureReason}: ${statusMessage}`);
    await delay(POLL);
  }
}

/** The lines of the run's first task. */
export async function taskLog(room: TestRoom, runId: string): Promise<readonly string[]> {
  const { items } = await room.call<ListRunTasksResponse>('ListRunTasks', { id: runId });
  return room.logs.streams.get(`run/${runId}/task/${items![0]!.taskId}`)!;
}
