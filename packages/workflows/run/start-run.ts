import type { StartRunRequest, StartRunResponse } from '@aws-sdk/client-omics';
import { parseS3Uri } from '@helicase/blobs';
import type { Ids, Roles, Scope } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import type { OperationContext } from '@helicase/wire';
import { parameterProblems } from '../definition/parameter-template.ts';
import { errors } from '../errors.ts';
import { PARAMETERS_BYTES, type WorkflowLimits } from '../limits.ts';
import type { RunGroupTable } from '../run-group/model.ts';
import type { TaskTable } from '../task/model.ts';
import type { Workflow, WorkflowTable } from '../workflow/model.ts';
import { findWorkflow } from '../workflow/operations.ts';
import { finishedStatuses, runArn, type RunDoc, type RunTable } from './model.ts';
import { removeRun } from './removal.ts';

export const RUN_JOB = 'run';

export interface StartRunOptions {
  readonly records: Records;
  readonly workflows: WorkflowTable;
  readonly runs: RunTable;
  readonly tasks: TaskTable;
  readonly runGroups: RunGroupTable;
  readonly roles: Roles;
  readonly ids: Ids;
  readonly limits: WorkflowLimits;
}

/** Members that belong to later features: refused rather than ignored. */
const UNSUPPORTED = [
  'cacheId',
  'cacheBehavior',
  'workflowVersionName',
] as const satisfies readonly (keyof StartRunRequest)[];

/** Checks everything that can be known before the run, then makes the PENDING run and its job in one transaction. */
export async function startRun(
  options: StartRunOptions,
  given: StartRunRequest,
  context: OperationContext,
): Promise<StartRunResponse> {
  const { scope } = context;
  const input = await withSourceRun(options, given, context);
  const workflow = await runnableWorkflow(options, input, context);
  const parameters = checkParameters(input, workflow);
  if (!parseS3Uri(input.outputUri!)) throw errors.outputUriForm({ uri: input.outputUri! });
  const role = await options.roles.assume(scope, input.roleArn!);
  const id = options.ids.numeric();
  const doc = newDoc(options, { input, workflow, parameters, id, context });
  const { runOutputUri, tags, uuid } = doc;
  const answer = {
    arn: runArn(scope, id),
    id,
    status: 'PENDING',
    tags: { ...tags },
    uuid,
    runOutputUri,
  } as const;
  await options.records.transaction(async (tx) => {
    if (doc.runGroupId !== undefined) await requireGroup(options, tx, scope, doc.runGroupId);
    await makeRoom(options, tx, scope);
    await options.runs.insert(tx, { scope, id, status: 'PENDING', doc });
    const priority = doc.priority === undefined ? {} : { priority: doc.priority };
    await options.records.jobs.enqueue(tx, {
      actor: role,
      kind: RUN_JOB,
      subject: id,
      input: {},
      ...priority,
    });
    await context.remember?.(tx, answer);
  });
  return answer;
}

/** `runId` names a run to repeat: whatever the request leaves out is as it was there. */
async function withSourceRun(
  { records, runs }: StartRunOptions,
  input: StartRunRequest,
  { scope }: OperationContext,
): Promise<StartRunRequest> {
  const unsupported = UNSUPPORTED.find((member) => input[member] !== undefined);
  if (unsupported) throw errors.memberUnsupported({ member: unsupported });
  if (input.networkingMode === 'VPC') throw errors.memberUnsupported({ member: 'networkingMode VPC' });
  if (input.runId === undefined) return input;
  const source = await runs.find(records.direct, scope, input.runId);
  if (!source) throw errors.runNotFound({ id: input.runId });
  const {
    logLevel,
    name,
    outputUri,
    parameters,
    priority,
    retentionMode,
    roleArn,
    runGroupId,
    storageCapacity,
  } = source.doc;
  const before = { logLevel, name, outputUri, priority, retentionMode, roleArn, runGroupId, storageCapacity };
  const { storageType, workflowId } = source.doc;
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  return {
    ...before,
    storageType,
    workflowId,
    parameters: { ...parameters } as StartRunRequest['parameters'],
    ...given,
  } as StartRunRequest;
}

async function runnableWorkflow(
  options: StartRunOptions,
  input: StartRunRequest,
  context: OperationContext,
): Promise<Workflow> {
  const id = input.workflowId;
  if (id === undefined) throw errors.workflowNotNamed({});
  if (input.workflowType === 'READY2RUN') throw errors.workflowNotFound({ id });
  const workflow = await findWorkflow(options, options.records.direct, context, id);
  if (workflow.status !== 'ACTIVE') throw errors.workflowNotActive({ id, status: workflow.status });
  return workflow;
}

function checkParameters(input: StartRunRequest, { doc, id }: Workflow): Readonly<Record<string, unknown>> {
  const parameters: unknown = input.parameters ?? {};
  if (!isObject(parameters)) throw errors.parametersForm({});
  const size = Buffer.byteLength(JSON.stringify(parameters));
  if (size > PARAMETERS_BYTES) throw errors.parametersTooLarge({ size, limit: PARAMETERS_BYTES });
  const problems = parameterProblems(parameters, doc.parameterTemplate ?? {}, doc.inputs ?? []);
  if (problems.length > 0) throw errors.parametersWrong({ id, problems: `${problems.join('; ')}.` });
  return parameters;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface NewRun {
  readonly input: StartRunRequest;
  readonly workflow: Workflow;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly context: OperationContext;
}

function newDoc({ ids }: StartRunOptions, { context, id, input, parameters, workflow }: NewRun): RunDoc {
  const { name, priority, runGroupId } = input;
  const { accelerators, digest } = workflow.doc;
  const storageCapacity = input.storageCapacity ?? workflow.doc.storageCapacity;
  return {
    workflowId: workflow.id,
    uuid: ids.uuid(),
    roleArn: input.roleArn!,
    outputUri: input.outputUri!,
    runOutputUri: `${input.outputUri!.replace(/\/+$/, '')}/${id}`,
    parameters,
    storageType: input.storageType ?? workflow.doc.storageType,
    logLevel: input.logLevel ?? 'ALL',
    retentionMode: input.retentionMode ?? 'RETAIN',
    tags: input.tags ?? {},
    startedBy: context.principal.arn,
    ...(name === undefined ? {} : { name }),
    ...(priority === undefined ? {} : { priority }),
    ...(runGroupId === undefined ? {} : { runGroupId }),
    ...(input.runId === undefined ? {} : { sourceRunId: input.runId }),
    ...(storageCapacity === undefined ? {} : { storageCapacity }),
    ...(accelerators === undefined ? {} : { accelerators }),
    ...(digest === undefined ? {} : { digest }),
    ...(workflow.doc.name === undefined ? {} : { workflowName: workflow.doc.name }),
  };
}

async function requireGroup(
  options: StartRunOptions,
  tx: Transaction,
  scope: Scope,
  id: string,
): Promise<void> {
  if (!(await options.runGroups.find(tx, scope, id))) throw errors.runGroupNotFound({ id });
}

/** At the limit the oldest finished run with retention mode REMOVE goes; with none the new run is refused. */
async function makeRoom(options: StartRunOptions, tx: Transaction, scope: Scope): Promise<void> {
  const limit = options.limits.keptRuns;
  if (limit === undefined || (await options.runs.count(tx, scope, {})) < limit) return;
  const { rows } = await options.runs.list(tx, scope, {
    statuses: finishedStatuses,
    where: { retentionMode: 'REMOVE' },
    order: 'oldest-first',
    limit: 1,
  });
  if (!rows[0]) throw errors.tooManyRuns({ limit });
  await removeRun(options, tx, rows[0]);
}
