import type { StartRunResponse } from '@aws-sdk/client-omics';
import { parseS3Uri } from '@helicase/blobs';
import { type Actor, type Ids, limitIn, type Roles, type SharedResources } from '@helicase/kernel';
import { holdName, type Records, type Transaction } from '@helicase/records';
import type { TaskRunner } from '@helicase/runtime';
import { parameterTypeProblems } from '@helicase/wdl';
import type { OperationContext } from '@helicase/wire';
import { configurationArn, type ConfigurationTable } from '../configuration/model.ts';
import { findConfiguration } from '../configuration/operations.ts';
import { parameterProblems, withOptional } from '../definition/parameter-template.ts';
import { errors } from '../errors.ts';
import { given } from '../given.ts';
import { PARAMETERS_BYTES, type WorkflowLimits } from '../limits.ts';
import { subnetOf, type Subnets } from '../network/subnets.ts';
import type { RunCacheTable } from '../run-cache/model.ts';
import type { RunGroupTable } from '../run-group/model.ts';
import { runLane } from '../scheduling/run-limits.ts';
import type { TaskTable } from '../task/model.ts';
import type { Workflow, WorkflowTable } from '../workflow/model.ts';
import { findWorkflow } from '../workflow/operations.ts';
import { usableScope } from '../workflow/owner.ts';
import type { WorkflowVersion, WorkflowVersionTable } from '../workflow-version/model.ts';
import { findVersion } from '../workflow-version/operations.ts';
import { checkEngineSettings, engineVersionOf, profilesOf } from './engine-settings.ts';
import { imageProblems } from './image-parameters.ts';
import { finishedStatuses, networkingModeOf, runArn, type RunDoc, type RunTable } from './model.ts';
import type { RunRequest } from './newer-members.ts';
import { removeRun } from './removal.ts';
import { withSourceRun } from './source-run.ts';
import { storageGiB } from './storage-capacity.ts';

export const RUN_JOB = 'run';

export interface StartRunOptions {
  readonly records: Records;
  readonly workflows: WorkflowTable;
  readonly workflowVersions: WorkflowVersionTable;
  readonly runs: RunTable;
  readonly tasks: TaskTable;
  readonly runGroups: RunGroupTable;
  readonly runCaches: RunCacheTable;
  readonly configurations: ConfigurationTable;
  readonly subnets: Subnets;
  readonly roles: Roles;
  readonly shares: SharedResources;
  readonly taskRunner: Pick<TaskRunner, 'imageProblem'>;
  readonly ids: Ids;
  readonly limits: WorkflowLimits;
}

/** Checks everything that can be known before the run, then makes the PENDING run and its job in one transaction. */
export async function startRun(
  options: StartRunOptions,
  input: RunRequest,
  context: OperationContext,
): Promise<StartRunResponse> {
  const { scope } = context;
  const whole = await withSourceRun(options, input, scope);
  const setting = await findSetting(options, whole, context);
  const run = newRun(options, setting, whole);
  const problems = await imageProblems(
    ...([options.taskRunner, setting.role, run.doc.parameters] as const),
    setting.definition.doc,
  );
  if (problems.length > 0) throw errors.imagesUnavailable({ problems: problems.join(' ') });
  const { configuration, runOutputUri, tags, uuid } = run.doc;
  const answer = {
    ...{ arn: runArn(scope, run.id), id: run.id, status: 'PENDING' as const },
    ...{ tags: { ...tags }, uuid, runOutputUri },
    networkingMode: networkingModeOf(run.doc),
    ...(configuration && {
      configuration: { ...configuration, arn: configurationArn(scope, configuration.name) },
    }),
  };
  await options.records.transaction(async (tx) => {
    await insertRun(options, tx, setting, run);
    await context.remember?.(tx, answer);
  });
  return answer;
}

/** What a run is made of that does not depend on its parameters: found once for all runs of a batch. */
export interface RunSetting {
  readonly workflowId: string;
  readonly workflowOwnerId?: string;
  readonly definition: Workflow | WorkflowVersion;
  readonly role: Actor;
  /** ARN of the principal. */
  readonly startedBy: string;
  readonly cache?: Required<RunDoc>['cache'];
  readonly configuration?: Required<RunDoc>['configuration'];
  readonly subnetId?: string;
  readonly vpcConfig?: Required<RunDoc>['vpcConfig'];
}

/** `passing`: who passes the role to HealthOmics; nobody where that was asked when the request was made. */
export async function findSetting(
  options: StartRunOptions,
  input: RunRequest,
  context: Pick<OperationContext, 'principal' | 'scope'>,
  passing: Parameters<Roles['assume']>[2] = { passedBy: context },
): Promise<RunSetting> {
  const { principal, scope } = context;
  const definition = await runnableDefinition(options, input, context);
  const { cacheBehavior, cacheId, configurationName, sessionPolicy } = input;
  if (cacheId === undefined && cacheBehavior !== undefined) throw errors.cacheNotNamed({});
  const { direct } = options.records;
  const cache =
    cacheId === undefined ? undefined : await requireCache(options, direct, scope, cacheId, cacheBehavior);
  const configuration =
    configurationName === undefined
      ? undefined
      : (await findConfiguration(options, direct, scope, configurationName)).doc;
  const subnetId =
    input.networkingMode === 'VPC' ? subnetOf(options.subnets, scope, configuration) : undefined;
  if (input.networkingMode === 'VPC' && subnetId === undefined) throw errors.networkUnsupported({});
  if (input.runGroupId !== undefined) await requireGroup(options, direct, scope, input.runGroupId);
  return {
    ...{ workflowId: input.workflowId!, definition, startedBy: principal.arn },
    role: await options.roles.assume(scope, input.roleArn!, { ...passing, ...given({ sessionPolicy }) }),
    ...given({ cache, subnetId, vpcConfig: subnetId === undefined ? undefined : configuration?.vpcConfig }),
    ...(definition.scope.account === scope.account ? {} : { workflowOwnerId: definition.scope.account }),
    ...(configuration && { configuration: { name: configuration.name, uuid: configuration.uuid } }),
  };
}

async function runnableDefinition(
  options: StartRunOptions,
  { workflowId: id, workflowOwnerId, workflowType, workflowVersionName: version }: RunRequest,
  context: Pick<OperationContext, 'scope'>,
): Promise<Workflow | WorkflowVersion> {
  if (id === undefined) throw errors.workflowNotNamed({});
  if (workflowType === 'READY2RUN') throw errors.workflowNotFound({ id });
  const { direct } = options.records;
  const owner = { scope: await usableScope(options, context.scope, id, workflowOwnerId) };
  const workflow = await findWorkflow(options, direct, owner, id);
  if (version === undefined) {
    if (workflow.status === 'ACTIVE') return workflow;
    throw errors.workflowNotActive({ id, status: workflow.status });
  }
  const found = await findVersion(options, direct, owner, { workflowId: id, versionName: version });
  if (found.status === 'ACTIVE') return found;
  throw errors.workflowVersionNotActive({ id, version, status: found.status });
}

async function requireCache(
  { runCaches }: StartRunOptions,
  tx: Transaction,
  scope: Actor['scope'],
  id: string,
  behavior: Required<RunDoc>['cache']['behavior'] | undefined,
): Promise<Required<RunDoc>['cache']> {
  const cache = await runCaches.find(tx, scope, id);
  if (!cache) throw errors.runCacheNotFound({ id });
  return { id, behavior: behavior ?? cache.doc.behavior };
}

async function requireGroup(
  { runGroups }: StartRunOptions,
  tx: Transaction,
  scope: Actor['scope'],
  id: string,
): Promise<void> {
  if (!(await runGroups.find(tx, scope, id))) throw errors.runGroupNotFound({ id });
}

/** A run that is not inserted yet. */
export interface NewRun {
  readonly id: string;
  readonly doc: RunDoc;
}

/** Throws what is wrong with the parameters and the output URI, everything at once. */
export function newRun({ ids, limits }: StartRunOptions, setting: RunSetting, input: RunRequest): NewRun {
  const id = ids.numeric();
  const engineSettings = checkEngineSettings(setting.definition.doc, input.engineSettings);
  const parameters = checkParameters(input, setting, profilesOf(engineSettings));
  if (!parseS3Uri(input.outputUri ?? '')) throw errors.outputUriForm({ uri: input.outputUri ?? '' });
  const { definition, workflowId } = setting;
  const { name, priority, runGroupId, runId: sourceRunId, scratchStorageMode, sessionPolicy } = input;
  const { accelerators, digest, name: workflowName, uuid: workflowUuid, versionName } = definition.doc;
  const storageCapacity = input.storageCapacity ?? definition.doc.storageCapacity;
  const storageType = input.storageType ?? definition.doc.storageType;
  const runStorage = limitIn(limits.runStorage ?? Infinity, setting.role.scope);
  refuseStorage(runStorage, { storageType, ...given({ storageCapacity }) });
  const doc: RunDoc = {
    ...{ workflowId, uuid: ids.uuid(), roleArn: input.roleArn!, parameters },
    outputUri: input.outputUri!,
    runOutputUri: `${input.outputUri!.replace(/\/+$/, '')}/${id}`,
    storageType,
    logLevel: input.logLevel ?? 'ALL',
    retentionMode: input.retentionMode ?? 'RETAIN',
    tags: input.tags ?? {},
    startedBy: setting.startedBy,
    ...given({ name, priority, runGroupId, sourceRunId, storageCapacity }),
    ...given({ workflowOwnerId: setting.workflowOwnerId, scratchStorageMode, sessionPolicy }),
    ...given({ outputBucketOwnerId: input.outputBucketOwnerId }),
    ...given({ engineSettings, engineVersion: engineVersionOf(definition.doc) }),
    ...given({ accelerators, digest, workflowName, workflowUuid }),
    ...given({ cache: setting.cache, configuration: setting.configuration, subnetId: setting.subnetId }),
    ...given({ vpcConfig: setting.vpcConfig }),
    ...(versionName !== undefined && { workflowVersion: { id: definition.id, name: versionName } }),
  };
  return { id, doc };
}

function refuseStorage(limit: number, asked: Parameters<typeof storageGiB>[0]): void {
  const capacity = storageGiB(asked) ?? 0;
  if (capacity > limit) throw errors.storageOverQuota({ capacity, limit });
}

function checkParameters(
  input: RunRequest,
  { definition: { doc }, workflowId: id }: RunSetting,
  profiles: readonly string[],
): Readonly<Record<string, unknown>> {
  const parameters: unknown = input.parameters ?? {};
  if (!isObject(parameters)) throw errors.parametersForm({});
  const size = Buffer.byteLength(JSON.stringify(parameters));
  if (size > PARAMETERS_BYTES) throw errors.parametersTooLarge({ size, limit: PARAMETERS_BYTES });
  const chosen = doc.profiles?.filter(({ name }) => profiles.includes(name)) ?? [];
  const sets = chosen.flatMap((profile) => profile.sets);
  const inputs = doc.inputs?.map((one) => (sets.includes(one.name) ? { ...one, optional: true } : one)) ?? [];
  const problems = parameterProblems(parameters, withOptional(doc.parameterTemplate ?? {}, sets), inputs);
  const types = typeProblems(parameters, doc);
  if (problems.length + types.length > 0) {
    throw errors.parametersWrong({ id, problems: `${[...problems, ...types].join('; ')}.` });
  }
  return parameters;
}

/** Of CWL and Nextflow the engine itself tells: their types are not those of JSON. */
function typeProblems(
  parameters: Readonly<Record<string, unknown>>,
  { engine, inputs = [] }: RunSetting['definition']['doc'],
): readonly string[] {
  if (engine !== 'WDL' && engine !== 'WDL_LENIENT') return [];
  const problems = parameterTypeProblems(inputs, parameters, engine === 'WDL_LENIENT');
  return problems.map((problem) => problem.replace(/\.$/, ''));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The PENDING run and its job; what it needs is looked at once more, for it may have gone meanwhile. */
export async function insertRun(
  options: StartRunOptions,
  tx: Transaction,
  { role }: RunSetting,
  { doc, id }: NewRun,
  kept?: KeptRuns,
): Promise<void> {
  const { scope } = role;
  const counted = kept ?? (await countKept(options, tx, scope));
  if (doc.runGroupId !== undefined) await requireGroup(options, tx, scope, doc.runGroupId);
  if (doc.cache) await requireCache(options, tx, scope, doc.cache.id, doc.cache.behavior);
  await makeRoom(options, tx, scope, counted);
  await options.runs.insert(tx, { scope, id, status: 'PENDING', doc });
  await options.records.jobs.enqueue(tx, {
    ...{ actor: role, kind: RUN_JOB, subject: id, input: {}, lane: runLane(scope, doc.runGroupId) },
    ...given({ priority: doc.priority }),
  });
}

/** More runs than are just being ended. */
const LOOKED_AT = 100;

/** An account's runs as one transaction counts them, before it holds anything: once for all that it inserts. */
export interface KeptRuns {
  count: number;
}

export async function countKept(
  { limits, records, runs }: StartRunOptions,
  tx: Transaction,
  scope: Actor['scope'],
): Promise<KeptRuns> {
  if (limits.keptRuns === undefined) return { count: 0 };
  await holdName(tx, records.dialect, `kept runs of ${scope.account} ${scope.region}`);
  return { count: await runs.count(tx, scope, {}) };
}

/** At the limit the oldest finished run with retention mode REMOVE goes; with none the new run is refused. */
async function makeRoom(
  options: StartRunOptions,
  tx: Transaction,
  scope: Actor['scope'],
  kept: KeptRuns,
): Promise<void> {
  const limit = limitIn(options.limits.keptRuns ?? Infinity, scope);
  if (kept.count < limit) {
    kept.count += 1;
    return;
  }
  const { rows } = await options.runs.list(tx, scope, {
    statuses: finishedStatuses,
    where: { retentionMode: 'REMOVE' },
    order: 'oldest-first',
    limit: LOOKED_AT,
  });
  for (const run of rows) {
    // "Run metadata isn't deleted if it's not present in the CloudWatch logs": its job writes the manifest.
    if (await options.records.jobs.find(tx, scope, RUN_JOB, run.id)) continue;
    return removeRun(options, tx, run);
  }
  throw errors.tooManyRuns({ limit });
}
