import type {
  GetRunTaskRequest,
  GetRunTaskResponse,
  ListRunTasksRequest,
  ListRunTasksResponse,
  TaskListItem,
} from '@aws-sdk/client-omics';
import type { Records } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { listPage } from '../list-page.ts';
import { logStreamArn, logStreams } from '../run/log-streams.ts';
import { runArn, type RunTable } from '../run/model.ts';
import { whyNotCached } from './why-not-cached.ts';
import { creationTime, type Task, type TaskStatus, type TaskTable } from './model.ts';

export interface TaskOperationsOptions {
  readonly records: Records;
  readonly runs: RunTable;
  readonly tasks: TaskTable;
  readonly pageTokens: PageTokens;
}

export function taskOperations(options: TaskOperationsOptions): readonly AnyOperation[] {
  const run = (input: { id?: string }, { scope }: OperationContext) => [runArn(scope, input.id!)];
  return [
    defineOperation<ListRunTasksRequest, ListRunTasksResponse>({
      name: 'ListRunTasks',
      action: 'omics:ListRunTasks',
      resources: run,
      readOnly: true,
      quota: 'runs',
      handler: (input, context) => listRunTasks(options, input, context),
    }),
    defineOperation<GetRunTaskRequest, GetRunTaskResponse>({
      name: 'GetRunTask',
      action: 'omics:GetRunTask',
      resources: run,
      readOnly: true,
      quota: 'runs',
      handler: (input, context) => getRunTask(options, input, context),
    }),
  ];
}

async function listRunTasks(
  options: TaskOperationsOptions,
  input: ListRunTasksRequest,
  { scope }: OperationContext,
): Promise<ListRunTasksResponse> {
  const { pageTokens: tokens, records, runs, tasks: table } = options;
  if (!(await runs.find(records.direct, scope, input.id!))) throw errors.runNotFound({ id: input.id! });
  if (input.status === 'STOPPING') return { items: [] };
  const statuses = input.status === undefined ? {} : { statuses: [input.status as TaskStatus] };
  const { nextToken, rows } = await listPage(
    { table, tx: records.direct, tokens, scope, operation: 'ListRunTasks', input },
    { parent: input.id!, ...statuses },
  );
  return { items: rows.map(toListItem), nextToken };
}

async function getRunTask(
  options: TaskOperationsOptions,
  input: GetRunTaskRequest,
  { scope }: OperationContext,
): Promise<GetRunTaskResponse> {
  const { records, tasks } = options;
  const task = await tasks.find(records.direct, scope, input.taskId!);
  if (!task || task.parent !== input.id) throw errors.taskNotFound({ id: input.taskId!, run: input.id! });
  return {
    ...toListItem(task),
    statusMessage: task.statusMessage ?? (await whyNotCached(options, task)),
    failureReason: task.doc.failureReason,
    logStream: logStreamArn(scope, logStreams.task(task.parent, task.id)),
    imageDetails: imageDetails(task),
  };
}

function imageDetails({ doc: { image, outcome } }: Task): GetRunTaskResponse['imageDetails'] {
  return image === undefined ? undefined : { image, imageDigest: outcome?.imageDigest };
}

function toListItem(task: Task): TaskListItem & { readonly uuid: string } {
  const { doc, id, status } = task;
  return {
    taskId: id,
    uuid: doc.uuid,
    status,
    name: doc.name,
    cpus: doc.cpus,
    memory: doc.memoryGiB,
    gpus: doc.gpus,
    instanceType: doc.instanceType,
    cacheHit: doc.cachedAt !== undefined,
    cacheS3Uri: doc.cachedAt,
    creationTime: new Date(creationTime(task)),
    startTime: doc.startTime === undefined ? undefined : new Date(doc.startTime),
    stopTime: doc.stopTime === undefined ? undefined : new Date(doc.stopTime),
  };
}
