import type {
  CreateWorkflowVersionRequest,
  CreateWorkflowVersionResponse,
  DeleteWorkflowVersionRequest,
  GetWorkflowVersionRequest,
  GetWorkflowVersionResponse,
  ListWorkflowVersionsRequest,
  ListWorkflowVersionsResponse,
  UpdateWorkflowVersionRequest,
  WorkflowVersionListItem,
} from '@aws-sdk/client-omics';
import type { Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { given } from '../given.ts';
import { listPage } from '../list-page.ts';
import { describeDefinition } from '../workflow/describe.ts';
import { exported } from '../workflow/exported.ts';
import { workflowArn } from '../workflow/model.ts';
import { checkDefinitionRequest, newDefinition } from '../workflow/new-definition.ts';
import { findWorkflow, holdWorkflow, type WorkflowOperationsOptions } from '../workflow/operations.ts';
import { ownerScope, refuseSharedExport, usableScope } from '../workflow/owner.ts';
import { REGISTER_VERSION_JOB } from '../workflow/register-job.ts';
import { updateDefinition } from '../workflow/update-definition.ts';
import { type WorkflowVersion, workflowVersionArn, type WorkflowVersionTable } from './model.ts';
import { deleteVersion } from './removal.ts';

/** What names one version. */
interface VersionName {
  readonly workflowId?: string | undefined;
  readonly versionName?: string | undefined;
}

export function workflowVersionOperations(options: WorkflowOperationsOptions): readonly AnyOperation[] {
  const workflow = (
    input: { workflowId?: string; workflowOwnerId?: string },
    { scope }: OperationContext,
  ) => [workflowArn(ownerScope(scope, input.workflowOwnerId), input.workflowId!)];
  const one = (input: VersionName & { workflowOwnerId?: string }, { scope }: OperationContext) => [
    workflowVersionArn(ownerScope(scope, input.workflowOwnerId), input.workflowId!, input.versionName!),
  ];
  return [
    defineOperation<CreateWorkflowVersionRequest, CreateWorkflowVersionResponse>({
      name: 'CreateWorkflowVersion',
      action: 'omics:CreateWorkflowVersion',
      resources: workflow,
      readOnly: false,
      quota: 'create-workflow',
      handler: (input, context) => createVersion(options, input, context),
    }),
    defineOperation<GetWorkflowVersionRequest, GetWorkflowVersionResponse>({
      name: 'GetWorkflowVersion',
      action: 'omics:GetWorkflowVersion',
      resources: one,
      readOnly: true,
      quota: 'workflows',
      handler: (input, context) => getVersion(options, input, context),
    }),
    defineOperation<ListWorkflowVersionsRequest, ListWorkflowVersionsResponse>({
      name: 'ListWorkflowVersions',
      action: 'omics:ListWorkflowVersions',
      resources: workflow,
      readOnly: true,
      quota: 'workflows',
      handler: (input, context) => listVersions(options, input, context),
    }),
    defineOperation<UpdateWorkflowVersionRequest, object>({
      name: 'UpdateWorkflowVersion',
      action: 'omics:UpdateWorkflowVersion',
      resources: one,
      readOnly: false,
      quota: 'workflows',
      handler: async (input, context) => {
        const find = (tx: Transaction) => findVersion(options, tx, context, input);
        await updateDefinition({ ...options, table: options.workflowVersions }, context.scope, find, input);
        return {};
      },
    }),
    defineOperation<DeleteWorkflowVersionRequest, object>({
      name: 'DeleteWorkflowVersion',
      action: 'omics:DeleteWorkflowVersion',
      resources: one,
      readOnly: false,
      quota: 'workflows',
      handler: (input, context) => removeVersion(options, input, context),
    }),
  ];
}

/** "When you create a new version of a workflow … it doesn't inherit any configuration values from the workflow." */
async function createVersion(
  options: WorkflowOperationsOptions,
  input: CreateWorkflowVersionRequest,
  context: OperationContext,
): Promise<CreateWorkflowVersionResponse> {
  const { principal, scope } = context;
  const { versionName, workflowId } = input as Required<VersionName> & typeof input;
  await checkDefinitionRequest(options, context, input);
  await findWorkflow(options, options.records.direct, context, workflowId!);
  const id = options.ids.numeric();
  const { blobs, doc } = await newDefinition(options, scope, id, input);
  const answer = {
    arn: workflowVersionArn(scope, workflowId!, versionName!),
    ...{ workflowId, versionName, status: 'CREATING' as const, tags: { ...doc.tags }, uuid: doc.uuid },
  };
  await options.records.transaction(async (tx) => {
    await holdWorkflow(options, tx, context, workflowId!);
    if (await existing(options, tx, context, input)) {
      throw errors.workflowVersionExists({ id: workflowId!, version: versionName! });
    }
    for (const blob of blobs) await options.records.blobs.keep(tx, blob.id);
    const row = { scope, id, parent: workflowId!, status: 'CREATING', doc: { ...doc, versionName } } as const;
    await options.workflowVersions.insert(tx, row);
    const actor = { scope, principal };
    await options.records.jobs.enqueue(tx, { actor, kind: REGISTER_VERSION_JOB, subject: id, input: {} });
    await context.remember?.(tx, answer);
  });
  return answer;
}

async function existing(
  { workflowVersions }: { readonly workflowVersions: WorkflowVersionTable },
  tx: Transaction,
  { scope }: Pick<OperationContext, 'scope'>,
  { versionName, workflowId }: VersionName,
): Promise<WorkflowVersion | undefined> {
  const { rows } = await workflowVersions.list(tx, scope, {
    parent: workflowId!,
    where: { versionName: versionName! },
    statuses: ['CREATING', 'ACTIVE', 'FAILED'],
    limit: 1,
  });
  return rows[0];
}

export async function findVersion(
  options: { readonly workflowVersions: WorkflowVersionTable },
  tx: Transaction,
  context: Pick<OperationContext, 'scope'>,
  name: VersionName,
): Promise<WorkflowVersion> {
  const version = await existing(options, tx, context, name);
  if (version) return version;
  throw errors.workflowVersionNotFound({ id: name.workflowId!, version: name.versionName! });
}

async function getVersion(
  options: WorkflowOperationsOptions,
  input: GetWorkflowVersionRequest,
  context: OperationContext,
): Promise<GetWorkflowVersionResponse> {
  const owner = await usableScope(options, context.scope, input.workflowId!, input.workflowOwnerId);
  refuseSharedExport(context.scope, input.workflowId!, owner.account, input.export);
  const version = await findVersion(options, options.records.direct, { scope: owner }, input);
  const { doc, id, parent, scope } = version;
  return {
    ...describeDefinition(version),
    arn: workflowVersionArn(scope, parent, doc.versionName!),
    workflowId: parent,
    versionName: doc.versionName,
    ...given({ workflowBucketOwnerId: doc.requested.workflowBucketOwnerId }),
    ...exported(options, context, { kind: 'version', id }, doc, input.export),
  };
}

async function listVersions(
  options: WorkflowOperationsOptions,
  input: ListWorkflowVersionsRequest,
  context: OperationContext,
): Promise<ListWorkflowVersionsResponse> {
  const scope = await usableScope(options, context.scope, input.workflowId!, input.workflowOwnerId);
  const { pageTokens: tokens, records, workflowVersions: table } = options;
  await findWorkflow(options, records.direct, { scope }, input.workflowId!);
  const { nextToken, rows } = await listPage(
    { table, tx: records.direct, tokens, scope, operation: 'ListWorkflowVersions', input },
    { parent: input.workflowId!, statuses: ['CREATING', 'ACTIVE', 'FAILED'] },
  );
  return { items: rows.map(toListItem), nextToken };
}

function toListItem({ createdAt, doc, parent, scope, status }: WorkflowVersion): WorkflowVersionListItem {
  return {
    arn: workflowVersionArn(scope, parent, doc.versionName!),
    workflowId: parent,
    versionName: doc.versionName,
    description: doc.description,
    status,
    type: 'PRIVATE',
    digest: doc.digest,
    creationTime: new Date(createdAt),
    metadata: {},
  };
}

async function removeVersion(
  options: WorkflowOperationsOptions,
  input: DeleteWorkflowVersionRequest,
  context: OperationContext,
): Promise<object> {
  await options.records.transaction(async (tx) => {
    await holdWorkflow(options, tx, context, input.workflowId!);
    const version = await findVersion(options, tx, context, input);
    const { status } = version;
    if (status === 'CREATING') {
      throw errors.workflowVersionBusy({ id: input.workflowId!, version: input.versionName!, status });
    }
    await deleteVersion(options, tx, version);
  });
  return {};
}
