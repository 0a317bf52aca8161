import type {
  CancelRunRequest,
  DeleteRunRequest,
  GetRunRequest,
  GetRunResponse,
  ListRunsRequest,
  ListRunsResponse,
  RunListItem,
  StartRunRequest,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import type { Clock } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { listPage } from '../list-page.ts';
import { runGroupArn } from '../run-group/model.ts';
import { workflowArn } from '../workflow/model.ts';
import { endRun } from './end-run.ts';
import { logStreamArn, logStreams } from './log-streams.ts';
import { isFinished, type Run, runArn, type RunStatus } from './model.ts';
import { removeRun } from './removal.ts';
import { RUN_JOB, startRun, type StartRunOptions } from './start-run.ts';

export interface RunOperationsOptions extends StartRunOptions {
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
}

export function runOperations(options: RunOperationsOptions): readonly AnyOperation[] {
  const one = (input: { id?: string }, { scope }: OperationContext) => [runArn(scope, input.id!)];
  return [
    defineOperation<StartRunRequest, StartRunResponse>({
      name: 'StartRun',
      action: 'omics:StartRun',
      resources: startRunResources,
      readOnly: false,
      quota: 'start-run',
      handler: (input, context) => startRun(options, input, context),
    }),
    defineOperation<GetRunRequest, GetRunResponse>({
      name: 'GetRun',
      action: 'omics:GetRun',
      resources: one,
      readOnly: true,
      quota: 'runs',
      handler: async (input, { scope }) => {
        const run = await options.runs.find(options.records.direct, scope, input.id!);
        if (!run) throw errors.runNotFound({ id: input.id! });
        return describeRun(run);
      },
    }),
    defineOperation<ListRunsRequest, ListRunsResponse>({
      name: 'ListRuns',
      action: 'omics:ListRuns',
      resources: (_, { scope }) => [runArn(scope, '*')],
      readOnly: true,
      quota: 'runs',
      handler: (input, context) => listRuns(options, input, context),
    }),
    defineOperation<CancelRunRequest, object>({
      name: 'CancelRun',
      action: 'omics:CancelRun',
      resources: one,
      readOnly: false,
      quota: 'runs',
      handler: (input, context) => cancelRun(options, input.id!, context),
    }),
    defineOperation<DeleteRunRequest, object>({
      name: 'DeleteRun',
      action: 'omics:DeleteRun',
      resources: one,
      readOnly: false,
      quota: 'runs',
      handler: (input, context) => deleteRun(options, input.id!, context),
    }),
  ];
}

/** The guide, "Using custom IAM permissions for runs": the workflow or run, and the run group. */
function startRunResources(input: StartRunRequest, { scope }: OperationContext): readonly string[] {
  return [
    ...(input.workflowId === undefined ? [] : [workflowArn(scope, input.workflowId)]),
    ...(input.runId === undefined ? [] : [runArn(scope, input.runId)]),
    ...(input.runGroupId === undefined ? [] : [runGroupArn(scope, input.runGroupId)]),
  ];
}

function describeRun(run: Run): GetRunResponse {
  const { doc, id, scope } = run;
  const logged = doc.startTime !== undefined && doc.logLevel !== 'OFF';
  return {
    ...toListItem(run),
    workflowType: 'PRIVATE',
    runId: doc.sourceRunId,
    roleArn: doc.roleArn,
    runGroupId: doc.runGroupId,
    digest: doc.digest,
    parameters: doc.parameters as GetRunResponse['parameters'],
    outputUri: doc.outputUri,
    runOutputUri: doc.runOutputUri,
    logLevel: doc.logLevel,
    resourceDigests: { ...doc.resourceDigests },
    startedBy: doc.startedBy,
    statusMessage: run.statusMessage,
    failureReason: doc.failureReason,
    tags: { ...doc.tags },
    accelerators: doc.accelerators,
    retentionMode: doc.retentionMode,
    uuid: doc.uuid,
    logLocation: logged
      ? {
          engineLogStream: logStreamArn(scope, logStreams.engine(id)),
          runLogStream: logStreamArn(scope, logStreams.run(id)),
        }
      : undefined,
  };
}

function toListItem({ createdAt, doc, id, scope, status }: Run): RunListItem {
  return {
    arn: runArn(scope, id),
    id,
    status,
    workflowId: doc.workflowId,
    name: doc.name,
    priority: doc.priority,
    storageCapacity: doc.storageCapacity,
    storageType: doc.storageType,
    creationTime: new Date(createdAt),
    startTime: date(doc.startTime),
    stopTime: date(doc.stopTime),
  };
}

function date(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}

async function listRuns(
  options: RunOperationsOptions,
  input: ListRunsRequest,
  { scope }: OperationContext,
): Promise<ListRunsResponse> {
  if (input.batchId !== undefined) throw errors.memberUnsupported({ member: 'batchId' });
  const { name, runGroupId, status } = input;
  if (status === 'DELETED') return { items: [] };
  const { pageTokens: tokens, records, runs: table } = options;
  const { nextToken, rows } = await listPage(
    { table, tx: records.direct, tokens, scope, operation: 'ListRuns', input },
    {
      order: 'newest-first',
      ...(status === undefined ? {} : { statuses: [status as RunStatus] }),
      where: { ...(name === undefined ? {} : { name }), ...(runGroupId === undefined ? {} : { runGroupId }) },
    },
  );
  return { items: rows.map(toListItem), nextToken };
}

/**
 * A working run is told, and ends when its last task has. One that nobody works on (it waits for its first attempt, or
 * for another server to go on with it) ends here.
 */
async function cancelRun(
  options: RunOperationsOptions,
  id: string,
  { principal, scope }: OperationContext,
): Promise<object> {
  const { records, runs } = options;
  await records.transaction(async (tx) => {
    const run = await runs.hold(tx, scope, id);
    if (!run) throw errors.runNotFound({ id });
    if (isFinished(run.status)) throw errors.runNotCancellable({ id, status: run.status });
    const message = `Cancelled by ${principal.arn}.`;
    const working = (await records.jobs.find(tx, scope, RUN_JOB, id))?.status === 'running';
    if (run.status !== 'PENDING') await runs.transition(tx, scope, id, 'STOPPING', { message });
    if (run.status === 'PENDING' || !working) {
      await endRun(options, tx, run, { status: 'CANCELLED', message });
    }
    await records.jobs.cancel(tx, scope, RUN_JOB, id);
  });
  return {};
}

async function deleteRun(
  options: RunOperationsOptions,
  id: string,
  { scope }: OperationContext,
): Promise<object> {
  await options.records.transaction(async (tx) => {
    const run = await options.runs.hold(tx, scope, id);
    if (!run) throw errors.runNotFound({ id });
    if (!isFinished(run.status)) throw errors.runNotDeletable({ id, status: run.status });
    await removeRun(options, tx, run);
  });
  return {};
}
