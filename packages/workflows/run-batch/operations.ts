import type {
  BatchListItem,
  CancelRunBatchRequest,
  DeleteBatchRequest,
  DeleteRunBatchRequest,
  GetBatchRequest,
  GetBatchResponse,
  ListBatchRequest,
  ListBatchResponse,
  ListRunsInBatchRequest,
  ListRunsInBatchResponse,
  StartRunBatchRequest,
  StartRunBatchResponse,
} from '@aws-sdk/client-omics';
import type { Clock } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { listPage } from '../list-page.ts';
import { startRunResources } from '../run/operations.ts';
import { runRequest } from './batch-run.ts';
import { removeItems } from './batch-item.ts';
import { describeBatch } from './describe-batch.ts';
import { CANCEL_JOB, DELETE_JOB, type RunBatchJobOptions } from './jobs.ts';
import { listRunsInBatch } from './list-runs-in-batch.ts';
import {
  cancellable,
  deletable,
  type RunBatch,
  runBatchArn,
  type RunBatchStatus,
  runsDeletable,
} from './model.ts';
import { startRunBatch } from './start-run-batch.ts';

export interface RunBatchOperationsOptions extends RunBatchJobOptions {
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
}

export function runBatchOperations(options: RunBatchOperationsOptions): readonly AnyOperation[] {
  const one = (input: { batchId?: string }, { scope }: OperationContext) => [
    runBatchArn(scope, input.batchId!),
  ];
  const all = (_: object, { scope }: OperationContext) => [runBatchArn(scope, '*')];
  return [
    defineOperation<StartRunBatchRequest, StartRunBatchResponse>({
      name: 'StartRunBatch',
      action: 'omics:StartRunBatch',
      resources: (input, context) => startRunResources(runRequest(input.defaultRunSetting!, {}), context),
      readOnly: false,
      quota: 'start-run',
      handler: (input, context) => startRunBatch(options, input, context),
    }),
    defineOperation<GetBatchRequest, GetBatchResponse>({
      name: 'GetBatch',
      action: 'omics:GetBatch',
      resources: one,
      readOnly: true,
      quota: 'run-batches',
      handler: async (input, { scope }) => {
        const batch = await options.runBatches.find(options.records.direct, scope, input.batchId!);
        if (!batch) throw errors.runBatchNotFound({ id: input.batchId! });
        return describeBatch(options, batch);
      },
    }),
    defineOperation<ListBatchRequest, ListBatchResponse>({
      name: 'ListBatch',
      action: 'omics:ListBatch',
      resources: all,
      readOnly: true,
      quota: 'run-batches',
      handler: (input, context) => listBatches(options, input, context),
    }),
    defineOperation<ListRunsInBatchRequest, ListRunsInBatchResponse>({
      name: 'ListRunsInBatch',
      action: 'omics:ListRunsInBatch',
      resources: one,
      readOnly: true,
      quota: 'run-batches',
      handler: (input, context) => listRunsInBatch(options, input, context),
    }),
    defineOperation<CancelRunBatchRequest, object>({
      name: 'CancelRunBatch',
      action: 'omics:CancelRunBatch',
      resources: one,
      readOnly: false,
      quota: 'run-batches',
      handler: (input, context) =>
        begin(options, input.batchId!, context, {
          ...{ operation: 'CancelRunBatch', allowed: cancellable, status: 'STOPPING', kind: CANCEL_JOB },
        }),
    }),
    defineOperation<DeleteRunBatchRequest, object>({
      name: 'DeleteRunBatch',
      action: 'omics:DeleteRunBatch',
      resources: one,
      readOnly: false,
      quota: 'run-batches',
      handler: (input, context) =>
        begin(options, input.batchId!, context, {
          ...{
            operation: 'DeleteRunBatch',
            allowed: runsDeletable,
            status: 'RUNS_DELETING',
            kind: DELETE_JOB,
          },
        }),
    }),
    defineOperation<DeleteBatchRequest, object>({
      name: 'DeleteBatch',
      action: 'omics:DeleteBatch',
      resources: one,
      readOnly: false,
      quota: 'run-batches',
      handler: (input, context) => deleteBatch(options, input.batchId!, context),
    }),
  ];
}

interface LongRequest {
  readonly operation: string;
  readonly allowed: readonly RunBatchStatus[];
  readonly status: RunBatchStatus;
  readonly kind: string;
}

/** The batch's new status and the job that does what it says, at once. */
async function begin(
  { records, runBatches }: RunBatchOperationsOptions,
  id: string,
  { principal, scope }: OperationContext,
  { allowed, kind, operation, status }: LongRequest,
): Promise<object> {
  await records.transaction(async (tx) => {
    requireStatus(await runBatches.hold(tx, scope, id), id, operation, allowed);
    await runBatches.transition(tx, scope, id, status);
    await records.jobs.enqueue(tx, { actor: { scope, principal }, kind, subject: id, input: {} });
  });
  return {};
}

function requireStatus(
  batch: RunBatch | undefined,
  id: string,
  operation: string,
  allowed: readonly RunBatchStatus[],
): void {
  if (!batch) throw errors.runBatchNotFound({ id });
  const { status } = batch;
  if (allowed.includes(status)) return;
  throw errors.runBatchState({ id, status, operation, allowed: allowed.join(', ') });
}

async function listBatches(
  options: RunBatchOperationsOptions,
  input: ListBatchRequest,
  { scope }: OperationContext,
): Promise<ListBatchResponse> {
  const { pageTokens: tokens, records, runBatches: table } = options;
  const { maxItems: maxResults, name, runGroupId, startingToken, status } = input;
  const page = { maxResults, startingToken };
  const { nextToken, rows } = await listPage(
    { table, tx: records.direct, tokens, scope, operation: 'ListBatch', input: page },
    {
      order: 'newest-first',
      ...(status === undefined ? {} : { statuses: [status] }),
      where: { ...(name === undefined ? {} : { name }), ...(runGroupId === undefined ? {} : { runGroupId }) },
    },
  );
  return { items: rows.map(toListItem), nextToken };
}

function toListItem({ createdAt, doc, id, status }: RunBatch): BatchListItem {
  return {
    ...{ id, name: doc.name, totalRuns: doc.totalRuns, workflowId: doc.defaults.workflowId },
    status: status as BatchListItem['status'],
    createdAt: new Date(createdAt),
  };
}

/** "This operation does not delete the individual workflow runs." */
async function deleteBatch(
  { records, runBatches }: RunBatchOperationsOptions,
  id: string,
  { scope }: OperationContext,
): Promise<object> {
  await records.transaction(async (tx) => {
    requireStatus(await runBatches.hold(tx, scope, id), id, 'DeleteBatch', deletable);
    await runBatches.remove(tx, scope, id);
    await removeItems(tx, { scope, id });
  });
  return {};
}
