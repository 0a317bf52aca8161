import type {
  CreateRunGroupRequest,
  CreateRunGroupResponse,
  DeleteRunGroupRequest,
  GetRunGroupRequest,
  GetRunGroupResponse,
  ListRunGroupsRequest,
  ListRunGroupsResponse,
  RunGroupListItem,
  UpdateRunGroupRequest,
} from '@aws-sdk/client-omics';
import type { Ids } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { listPage } from '../list-page.ts';
import { type RunTable, unfinishedStatuses } from '../run/model.ts';
import type { TaskQueue } from '../scheduling/task-queue.ts';
import { type RunGroup, runGroupArn, type RunGroupDoc, type RunGroupTable } from './model.ts';

export interface RunGroupOperationsOptions {
  readonly records: Records;
  readonly runGroups: RunGroupTable;
  readonly runs: RunTable;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
  readonly taskQueue: TaskQueue;
}

export function runGroupOperations(options: RunGroupOperationsOptions): readonly AnyOperation[] {
  const one = (input: { id?: string }, { scope }: OperationContext) => [runGroupArn(scope, input.id!)];
  const all = (_: object, { scope }: OperationContext) => [runGroupArn(scope, '*')];
  return [
    defineOperation<CreateRunGroupRequest, CreateRunGroupResponse>({
      name: 'CreateRunGroup',
      action: 'omics:CreateRunGroup',
      resources: all,
      readOnly: false,
      quota: 'run-groups',
      handler: (input, context) => createRunGroup(options, input, context),
    }),
    defineOperation<GetRunGroupRequest, GetRunGroupResponse>({
      name: 'GetRunGroup',
      action: 'omics:GetRunGroup',
      resources: one,
      readOnly: true,
      quota: 'run-groups',
      handler: async (input, { scope }) => {
        const group = await findRunGroup(options, options.records.direct, scope, input.id!);
        return { ...toListItem(group), tags: { ...group.doc.tags } };
      },
    }),
    defineOperation<ListRunGroupsRequest, ListRunGroupsResponse>({
      name: 'ListRunGroups',
      action: 'omics:ListRunGroups',
      resources: all,
      readOnly: true,
      quota: 'run-groups',
      handler: (input, context) => listRunGroups(options, input, context),
    }),
    defineOperation<UpdateRunGroupRequest, object>({
      name: 'UpdateRunGroup',
      action: 'omics:UpdateRunGroup',
      resources: one,
      readOnly: false,
      quota: 'run-groups',
      handler: async (input, { scope }) => {
        await options.records.transaction(async (tx) => {
          await findRunGroup(options, tx, scope, input.id!);
          const { doc, id } = await options.runGroups.update(tx, scope, input.id!, (before) => ({
            ...before,
            ...given(input),
          }));
          tx.afterCommit(() => options.taskQueue.limitGroup(scope, id, doc));
        });
        return {};
      },
    }),
    defineOperation<DeleteRunGroupRequest, object>({
      name: 'DeleteRunGroup',
      action: 'omics:DeleteRunGroup',
      resources: one,
      readOnly: false,
      quota: 'run-groups',
      handler: (input, context) => deleteRunGroup(options, input.id!, context),
    }),
  ];
}

async function createRunGroup(
  options: RunGroupOperationsOptions,
  input: CreateRunGroupRequest,
  { remember, reserve, scope }: OperationContext,
): Promise<CreateRunGroupResponse> {
  const id = options.ids.numeric();
  const tags = input.tags ?? {};
  const doc: RunGroupDoc = { ...given(input), tags };
  const answer = { arn: runGroupArn(scope, id), id, tags };
  await options.records.transaction(async (tx) => {
    await reserve?.(tx);
    await options.runGroups.insert(tx, { scope, id, status: 'ACTIVE', doc });
    await remember?.(tx, answer);
  });
  return answer;
}

/** The members that the request has. */
function given(input: CreateRunGroupRequest | UpdateRunGroupRequest): Omit<RunGroupDoc, 'tags'> {
  const { maxCpus, maxDuration, maxGpus, maxRuns, name } = input;
  const members = { name, maxCpus, maxGpus, maxRuns, maxDuration };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

async function findRunGroup(
  options: RunGroupOperationsOptions,
  tx: Transaction,
  scope: OperationContext['scope'],
  id: string,
): Promise<RunGroup> {
  const group = await options.runGroups.find(tx, scope, id);
  if (!group) throw errors.runGroupNotFound({ id });
  return group;
}

function toListItem({ createdAt, doc, id, scope }: RunGroup): RunGroupListItem {
  const { maxCpus, maxDuration, maxGpus, maxRuns, name } = doc;
  const creationTime = new Date(createdAt);
  return { arn: runGroupArn(scope, id), id, name, maxCpus, maxRuns, maxDuration, maxGpus, creationTime };
}

async function listRunGroups(
  options: RunGroupOperationsOptions,
  input: ListRunGroupsRequest,
  { scope }: OperationContext,
): Promise<ListRunGroupsResponse> {
  const { pageTokens: tokens, records, runGroups: table } = options;
  const { nextToken, rows } = await listPage(
    { table, tx: records.direct, tokens, scope, operation: 'ListRunGroups', input },
    input.name === undefined ? {} : { where: { name: input.name } },
  );
  return { items: rows.map(toListItem), nextToken };
}

async function deleteRunGroup(
  options: RunGroupOperationsOptions,
  id: string,
  { scope }: OperationContext,
): Promise<object> {
  await options.records.transaction(async (tx) => {
    await findRunGroup(options, tx, scope, id);
    const count = await options.runs.count(tx, scope, {
      statuses: unfinishedStatuses,
      where: { runGroupId: id },
    });
    if (count > 0) throw errors.runGroupBusy({ id, count });
    await options.runGroups.remove(tx, scope, id);
  });
  return {};
}
