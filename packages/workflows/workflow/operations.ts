import type {
  CreateWorkflowRequest,
  CreateWorkflowResponse,
  DeleteWorkflowRequest,
  GetWorkflowRequest,
  GetWorkflowResponse,
  ListWorkflowsRequest,
  ListWorkflowsResponse,
  UpdateWorkflowRequest,
  WorkflowListItem,
} from '@aws-sdk/client-omics';
import type { Vault } from '@helicase/blobs';
import type { Ids, SharedResources } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import type { Exports } from '../export/exports.ts';
import { given } from '../given.ts';
import { listPage } from '../list-page.ts';
import type { RunTable } from '../run/model.ts';
import type { WorkflowVersionTable } from '../workflow-version/model.ts';
import { deleteVersionsOf } from '../workflow-version/removal.ts';
import { describeDefinition } from './describe.ts';
import { exported } from './exported.ts';
import { type Workflow, workflowArn, type WorkflowTable } from './model.ts';
import { checkDefinitionRequest, type CheckRequestOptions, newDefinition } from './new-definition.ts';
import { REGISTER_JOB } from './register-job.ts';
import { ownerScope, refuseSharedExport, usableScope } from './owner.ts';
import { removeIfUnused } from './removal.ts';
import { updateDefinition } from './update-definition.ts';

export interface WorkflowOperationsOptions extends CheckRequestOptions {
  readonly records: Records;
  readonly workflows: WorkflowTable;
  readonly workflowVersions: WorkflowVersionTable;
  readonly runs: RunTable;
  readonly shares: SharedResources;
  readonly vault: Vault;
  readonly exports: Exports;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
}

export function workflowOperations(options: WorkflowOperationsOptions): readonly AnyOperation[] {
  const one = (input: { id?: string; workflowOwnerId?: string }, { scope }: OperationContext) => [
    workflowArn(ownerScope(scope, input.workflowOwnerId), input.id!),
  ];
  const all = (_: object, { scope }: OperationContext) => [workflowArn(scope, '*')];
  return [
    defineOperation<CreateWorkflowRequest, CreateWorkflowResponse>({
      name: 'CreateWorkflow',
      action: 'omics:CreateWorkflow',
      resources: all,
      readOnly: false,
      quota: 'create-workflow',
      handler: (input, context) => createWorkflow(options, input, context),
    }),
    defineOperation<GetWorkflowRequest, GetWorkflowResponse>({
      name: 'GetWorkflow',
      action: 'omics:GetWorkflow',
      resources: one,
      readOnly: true,
      quota: 'workflows',
      handler: (input, context) => getWorkflow(options, input, context),
    }),
    defineOperation<ListWorkflowsRequest, ListWorkflowsResponse>({
      name: 'ListWorkflows',
      action: 'omics:ListWorkflows',
      resources: all,
      readOnly: true,
      quota: 'workflows',
      handler: (input, context) => listWorkflows(options, input, context),
    }),
    defineOperation<UpdateWorkflowRequest, object>({
      name: 'UpdateWorkflow',
      action: 'omics:UpdateWorkflow',
      resources: one,
      readOnly: false,
      quota: 'workflows',
      handler: (input, context) => updateWorkflow(options, input, context),
    }),
    defineOperation<DeleteWorkflowRequest, object>({
      name: 'DeleteWorkflow',
      action: 'omics:DeleteWorkflow',
      resources: one,
      readOnly: false,
      quota: 'workflows',
      handler: (input, context) => deleteWorkflow(options, input, context),
    }),
  ];
}

async function createWorkflow(
  options: WorkflowOperationsOptions,
  input: CreateWorkflowRequest,
  context: OperationContext,
): Promise<CreateWorkflowResponse> {
  const { scope } = context;
  await checkDefinitionRequest(options, context, input);
  const id = options.ids.numeric();
  const { blobs, doc } = await newDefinition(options, scope, id, input);
  const { tags, uuid } = doc;
  const answer = { arn: workflowArn(scope, id), id, status: 'CREATING', tags: { ...tags }, uuid } as const;
  await options.records.transaction(async (tx) => {
    await context.reserve?.(tx);
    for (const blob of blobs) await options.records.blobs.keep(tx, blob.id);
    const named = { ...doc, ...given({ name: input.name }) };
    await options.workflows.insert(tx, { scope, id, status: 'CREATING', doc: named });
    const actor = { scope, principal: context.principal };
    await options.records.jobs.enqueue(tx, { actor, kind: REGISTER_JOB, subject: id, input: {} });
    await context.remember?.(tx, answer);
  });
  return answer;
}

/** The workflow as its owner sees it; deleted ones are gone even while a run still reads them. */
export async function findWorkflow(
  { workflows }: Pick<WorkflowOperationsOptions, 'workflows'>,
  tx: Transaction,
  { scope }: Pick<OperationContext, 'scope'>,
  id: string,
): Promise<Workflow> {
  return visible(await workflows.find(tx, scope, id), id);
}

/** As `findWorkflow`, and nobody deletes it before this transaction ends. */
export async function holdWorkflow(
  { workflows }: Pick<WorkflowOperationsOptions, 'workflows'>,
  tx: Transaction,
  { scope }: Pick<OperationContext, 'scope'>,
  id: string,
): Promise<Workflow> {
  return visible(await workflows.hold(tx, scope, id), id);
}

function visible(workflow: Workflow | undefined, id: string): Workflow {
  if (!workflow || workflow.status === 'DELETED') throw errors.workflowNotFound({ id });
  return workflow;
}

async function getWorkflow(
  options: WorkflowOperationsOptions,
  input: GetWorkflowRequest,
  context: OperationContext,
): Promise<GetWorkflowResponse> {
  if (input.type === 'READY2RUN') throw errors.workflowNotFound({ id: input.id! });
  const owner = await usableScope(options, context.scope, input.id!, input.workflowOwnerId);
  refuseSharedExport(context.scope, input.id!, owner.account, input.export);
  const workflow = await findWorkflow(options, options.records.direct, { scope: owner }, input.id!);
  const { doc, id, scope } = workflow;
  return {
    ...describeDefinition(workflow),
    arn: workflowArn(scope, id),
    id,
    name: doc.name,
    ...exported(options, context, { kind: 'workflow', id }, doc, input.export),
  };
}

function toListItem({ createdAt, doc, id, scope, status }: Workflow): WorkflowListItem {
  return {
    arn: workflowArn(scope, id),
    id,
    name: doc.name,
    status,
    type: 'PRIVATE',
    digest: doc.digest,
    creationTime: new Date(createdAt),
    metadata: {},
  };
}

async function listWorkflows(
  options: WorkflowOperationsOptions,
  input: ListWorkflowsRequest,
  { scope }: OperationContext,
): Promise<ListWorkflowsResponse> {
  if (input.type === 'READY2RUN') return { items: [] };
  const { pageTokens: tokens, records, workflows: table } = options;
  const { nextToken, rows } = await listPage(
    { table, tx: records.direct, tokens, scope, operation: 'ListWorkflows', input },
    {
      statuses: ['CREATING', 'ACTIVE', 'FAILED'],
      ...(input.name === undefined ? {} : { where: { name: input.name } }),
    },
  );
  return { items: rows.map(toListItem), nextToken };
}

async function updateWorkflow(
  options: WorkflowOperationsOptions,
  input: UpdateWorkflowRequest,
  context: OperationContext,
): Promise<object> {
  const { id, name } = input;
  await updateDefinition(
    { ...options, table: options.workflows },
    context.scope,
    (tx) => findWorkflow(options, tx, context, id!),
    { ...input, ...given({ name }) },
  );
  return {};
}

async function deleteWorkflow(
  options: WorkflowOperationsOptions,
  input: DeleteWorkflowRequest,
  context: OperationContext,
): Promise<object> {
  const { scope } = context;
  await options.records.transaction(async (tx) => {
    const { id, status } = await holdWorkflow(options, tx, context, input.id!);
    if (status === 'CREATING') throw errors.workflowBusy({ id, status });
    await deleteVersionsOf(options, tx, scope, id);
    await options.workflows.transition(tx, scope, id, 'DELETED');
    await removeIfUnused(options, tx, scope, { kind: 'workflow', id });
  });
  return {};
}
