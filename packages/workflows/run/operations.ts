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
import type { Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { configurationArn } from '../configuration/model.ts';
import { errors } from '../errors.ts';
import type { Exports } from '../export/exports.ts';
import { given } from '../given.ts';
import { listPage } from '../list-page.ts';
import { runCacheArn } from '../run-cache/model.ts';
import { runGroupArn } from '../run-group/model.ts';
import { exported } from '../workflow/exported.ts';
import { workflowArn } from '../workflow/model.ts';
import { workflowVersionArn } from '../workflow-version/model.ts';
import { cancelRun, deleteRun } from './cancel-run.ts';
import type { EndRunOptions } from './end-run.ts';
import { ownerScope, refuseSharedExport } from '../workflow/owner.ts';
import { findDefinition } from './find-definition.ts';
import { logStreamArn, logStreams } from './log-streams.ts';
import { definitionOf, networkingModeOf, type Run, runArn, type RunStatus } from './model.ts';
import { startRun, type StartRunOptions } from './start-run.ts';
import { toldStorageGiB } from './storage-capacity.ts';

export interface RunOperationsOptions extends StartRunOptions, EndRunOptions {
  readonly pageTokens: PageTokens;
  readonly exports: Exports;
}

export function runOperations(options: RunOperationsOptions): readonly AnyOperation[] {
  const one = (input: { id?: string }, { scope }: OperationContext) => [runArn(scope, input.id!)];
  return [
    defineOperation<StartRunRequest, StartRunResponse>({
      name: 'StartRun',
      action: 'omics:StartRun',
      resources: startRunResources,
      conditions: startRunKeys,
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
      handler: (input, context) => getRun(options, input, context),
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
      handler: (input, { principal, scope }) =>
        change(options, (tx) => cancelRun(options, tx, scope, input.id!, `Cancelled by ${principal.arn}.`)),
    }),
    defineOperation<DeleteRunRequest, object>({
      name: 'DeleteRun',
      action: 'omics:DeleteRun',
      resources: one,
      readOnly: false,
      quota: 'runs',
      handler: (input, { scope }) => change(options, (tx) => deleteRun(options, tx, scope, input.id!)),
    }),
  ];
}

/** HealthOmics' own condition keys, as the guide's policy for runs of one group has them. */
function startRunKeys(
  { runGroupId, workflowId, workflowOwnerId }: StartRunRequest,
  { scope }: Pick<OperationContext, 'scope'>,
): Readonly<Record<string, string | undefined>> {
  const owner = ownerScope(scope, workflowOwnerId);
  return {
    'omics:Workflow': workflowId === undefined ? undefined : workflowArn(owner, workflowId),
    'omics:RunGroup': runGroupId === undefined ? undefined : runGroupArn(scope, runGroupId),
  };
}

/** The guide, "Using custom IAM permissions for runs": the workflow or run, and the run group; the version and cache likewise. */
export function startRunResources(
  { cacheId, runGroupId, runId, workflowId, workflowOwnerId, workflowVersionName: version }: StartRunRequest,
  { scope }: Pick<OperationContext, 'scope'>,
): readonly string[] {
  const owner = ownerScope(scope, workflowOwnerId);
  const workflow = workflowId === undefined ? [] : [workflowArn(owner, workflowId)];
  return [
    ...workflow,
    ...(workflowId === undefined || version === undefined
      ? []
      : [workflowVersionArn(owner, workflowId, version)]),
    ...(runId === undefined ? [] : [runArn(scope, runId)]),
    ...(runGroupId === undefined ? [] : [runGroupArn(scope, runGroupId)]),
    ...(cacheId === undefined ? [] : [runCacheArn(scope, cacheId)]),
  ];
}

async function getRun(
  options: RunOperationsOptions,
  input: GetRunRequest,
  context: OperationContext,
): Promise<GetRunResponse> {
  const { scope } = context;
  const { direct } = options.records;
  const run = await options.runs.find(direct, scope, input.id!);
  if (!run) throw errors.runNotFound({ id: input.id! });
  const described = describeRun(run);
  if (!input.export?.includes('DEFINITION')) return described;
  refuseSharedExport(scope, run.doc.workflowId, run.doc.workflowOwnerId, input.export);
  const definition = await findDefinition(options, direct, scope, run.doc);
  if (!definition) return described;
  return {
    ...described,
    ...exported(options, context, definitionOf(run.doc), definition.doc, ['DEFINITION']),
  };
}

function describeRun(run: Run): GetRunResponse {
  const { doc, id, scope } = run;
  const logged = doc.startTime !== undefined && doc.logLevel !== 'OFF';
  return {
    ...toListItem(run),
    workflowType: 'PRIVATE',
    runId: doc.sourceRunId,
    cacheId: doc.cache?.id,
    cacheBehavior: doc.cache?.behavior,
    workflowUuid: doc.workflowUuid,
    workflowOwnerId: doc.workflowOwnerId ?? scope.account,
    networkingMode: networkingModeOf(doc),
    configuration: doc.configuration && {
      ...doc.configuration,
      arn: configurationArn(scope, doc.configuration.name),
    },
    vpcConfig: doc.vpcConfig && {
      securityGroupIds: [...doc.vpcConfig.securityGroupIds],
      subnetIds: [...doc.vpcConfig.subnetIds],
    },
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
    ...given({ sessionPolicy: doc.sessionPolicy, scratchStorageMode: doc.scratchStorageMode }),
    ...given({ engineSettings: doc.engineSettings, engineVersion: doc.engineVersion }),
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
    ...given({ workflowName: doc.workflowName }),
    workflowVersionName: doc.workflowVersion?.name,
    batchId: doc.batchId,
    name: doc.name,
    priority: doc.priority,
    storageCapacity: toldStorageGiB(doc),
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
  const { batchId, name, runGroupId, status } = input;
  if (status === 'DELETED') return { items: [] };
  const { pageTokens: tokens, records, runs: table } = options;
  const { nextToken, rows } = await listPage(
    { table, tx: records.direct, tokens, scope, operation: 'ListRuns', input },
    {
      order: 'newest-first',
      ...(status === undefined ? {} : { statuses: [status as RunStatus] }),
      where: given({ batchId, name, runGroupId }),
    },
  );
  return { items: rows.map(toListItem), nextToken };
}

async function change(
  { records }: RunOperationsOptions,
  work: (tx: Transaction) => Promise<void>,
): Promise<object> {
  await records.transaction(work);
  return {};
}
