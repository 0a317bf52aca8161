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
import { parseS3Uri, type Vault } from '@helicase/blobs';
import type { Ids } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import type { WorkflowLimits } from '../limits.ts';
import { listPage } from '../list-page.ts';
import type { RunTable } from '../run/model.ts';
import { type Workflow, workflowArn, type WorkflowDoc, type WorkflowTable } from './model.ts';
import { REGISTER_JOB, storeDefinition } from './register-job.ts';
import { removeIfUnused } from './removal.ts';

export interface WorkflowOperationsOptions {
  readonly records: Records;
  readonly workflows: WorkflowTable;
  readonly runs: RunTable;
  readonly vault: Vault;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
  readonly limits: WorkflowLimits;
}

/** Members of CreateWorkflow that belong to later features. */
const UNSUPPORTED = [
  'definitionRepository',
  'containerRegistryMap',
  'containerRegistryMapUri',
  'parameterTemplatePath',
  'readmeMarkdown',
  'readmePath',
  'readmeUri',
] as const satisfies readonly (keyof CreateWorkflowRequest)[];

export function workflowOperations(options: WorkflowOperationsOptions): readonly AnyOperation[] {
  const one = (input: { id?: string }, { scope }: OperationContext) => [workflowArn(scope, input.id!)];
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
  checkRequest(options, input);
  const { scope } = context;
  const id = options.ids.numeric();
  const stored =
    input.definitionZip && (await storeDefinition(options.vault, scope, id, input.definitionZip));
  const doc: WorkflowDoc = { ...newDoc(options, input), ...stored };
  const { tags, uuid } = doc;
  const answer = { arn: workflowArn(scope, id), id, status: 'CREATING', tags: { ...tags }, uuid } as const;
  await options.records.transaction(async (tx) => {
    if (stored) await options.records.blobs.keep(tx, stored.definition.id);
    await options.workflows.insert(tx, { scope, id, status: 'CREATING', doc });
    const actor = { scope, principal: context.principal };
    await options.records.jobs.enqueue(tx, { actor, kind: REGISTER_JOB, subject: id, input: {} });
    await context.remember?.(tx, answer);
  });
  return answer;
}

function checkRequest({ limits }: WorkflowOperationsOptions, input: CreateWorkflowRequest): void {
  const { definitionUri, definitionZip, engine } = input;
  if (engine === 'NEXTFLOW') throw errors.engineUnsupported({ engine });
  const unsupported = UNSUPPORTED.find((member) => input[member] !== undefined);
  if (unsupported) throw errors.memberUnsupported({ member: unsupported });
  if ((definitionZip === undefined) === (definitionUri === undefined)) throw errors.definitionMissing({});
  if (definitionUri !== undefined && !parseS3Uri(definitionUri)?.key) {
    throw errors.definitionUriForm({ uri: definitionUri });
  }
  const limit = limits.zip.archiveBytes;
  if (definitionZip && definitionZip.length > limit) {
    throw errors.definitionTooLarge({ size: definitionZip.length, limit });
  }
}

function newDoc({ ids }: WorkflowOperationsOptions, input: CreateWorkflowRequest): WorkflowDoc {
  const { accelerators, definitionUri, description, engine, main, name, parameterTemplate, storageCapacity } =
    input;
  return {
    uuid: ids.uuid(),
    tags: input.tags ?? {},
    storageType: input.storageType ?? 'STATIC',
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(storageCapacity === undefined ? {} : { storageCapacity }),
    ...(accelerators === undefined ? {} : { accelerators }),
    requested: {
      ...(engine === undefined ? {} : { engine }),
      ...(main === undefined ? {} : { main }),
      ...(definitionUri === undefined ? {} : { definitionUri }),
      ...(parameterTemplate === undefined ? {} : { parameterTemplate }),
    },
  };
}

/** The workflow as its owner sees it; deleted ones are gone even while a run still reads them. */
export async function findWorkflow(
  { workflows }: Pick<WorkflowOperationsOptions, 'workflows'>,
  tx: Transaction,
  context: Pick<OperationContext, 'scope'>,
  id: string,
): Promise<Workflow> {
  const workflow = await workflows.find(tx, context.scope, id);
  if (!workflow || workflow.status === 'DELETED') throw errors.workflowNotFound({ id });
  return workflow;
}

async function getWorkflow(
  options: WorkflowOperationsOptions,
  input: GetWorkflowRequest,
  context: OperationContext,
): Promise<GetWorkflowResponse> {
  if (input.type === 'READY2RUN') throw errors.workflowNotFound({ id: input.id! });
  const workflow = await findWorkflow(options, options.records.direct, context, input.id!);
  const { doc } = workflow;
  return {
    ...toListItem(workflow),
    description: doc.description,
    engine: doc.engine ?? doc.requested.engine,
    main: doc.main ?? doc.requested.main,
    parameterTemplate: doc.parameterTemplate ?? doc.requested.parameterTemplate,
    storageCapacity: doc.storageCapacity,
    storageType: doc.storageType,
    statusMessage: workflow.statusMessage,
    accelerators: doc.accelerators,
    tags: { ...doc.tags },
    uuid: doc.uuid,
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
  if (input.readmeMarkdown !== undefined) throw errors.memberUnsupported({ member: 'readmeMarkdown' });
  const { description, name, storageCapacity, storageType } = input;
  await options.records.transaction(async (tx) => {
    await findWorkflow(options, tx, context, input.id!);
    await options.workflows.update(tx, context.scope, input.id!, (doc) => ({
      ...doc,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(storageType === undefined ? {} : { storageType }),
      ...(storageCapacity === undefined ? {} : { storageCapacity }),
    }));
  });
  return {};
}

async function deleteWorkflow(
  options: WorkflowOperationsOptions,
  input: DeleteWorkflowRequest,
  context: OperationContext,
): Promise<object> {
  await options.records.transaction(async (tx) => {
    const { id, status } = await findWorkflow(options, tx, context, input.id!);
    if (status === 'CREATING') throw errors.workflowBusy({ id, status });
    await options.workflows.transition(tx, context.scope, id, 'DELETED');
    await removeIfUnused(options, tx, context.scope, id);
  });
  return {};
}
