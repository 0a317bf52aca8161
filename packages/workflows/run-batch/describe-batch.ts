import type { GetBatchResponse, RunSummary, SubmissionSummary } from '@aws-sdk/client-omics';
import type { RunStatus } from '../run/model.ts';
import { countItems, type ItemCounts } from './batch-item.ts';
import type { RunBatchJobOptions } from './jobs.ts';
import { type RunBatch, runBatchArn } from './model.ts';

export async function describeBatch(
  { records, runs }: RunBatchJobOptions,
  batch: RunBatch,
): Promise<GetBatchResponse> {
  const { createdAt, doc, id, scope, status, statusMessage } = batch;
  const counts = await countItems(records.direct, batch);
  const statuses = await runs.countByStatus(records.direct, scope, { where: { batchId: id } });
  const { defaults, failedTime, name, processedTime, submittedTime, tags, totalRuns, uuid } = doc;
  return {
    ...{ id, arn: runBatchArn(scope, id), uuid, name, totalRuns, defaultRunSetting: defaults },
    status: status as GetBatchResponse['status'],
    tags: { ...tags },
    submissionSummary: submissionSummary(counts),
    runSummary: runSummary(statuses, counts),
    creationTime: new Date(createdAt),
    submittedTime: date(submittedTime),
    processedTime: date(processedTime),
    failedTime: date(failedTime),
    failureReason: status === 'FAILED' ? statusMessage : undefined,
  };
}

function date(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}

function submissionSummary(counts: readonly ItemCounts[]): SubmissionSummary {
  const sum = (which: (each: ItemCounts) => boolean) =>
    counts.filter(which).reduce((total, { count }) => total + count, 0);
  return {
    successfulStartSubmissionCount: sum(({ start }) => start === 'SUCCESS'),
    failedStartSubmissionCount: sum(({ start }) => start === 'FAILED'),
    pendingStartSubmissionCount: sum(({ cancel, start }) => start === null && cancel === null),
    successfulCancelSubmissionCount: sum(({ cancel }) => cancel === 'CANCEL_SUCCESS'),
    failedCancelSubmissionCount: sum(({ cancel }) => cancel === 'CANCEL_FAILED'),
    successfulDeleteSubmissionCount: sum((each) => each.delete === 'DELETE_SUCCESS'),
    failedDeleteSubmissionCount: sum((each) => each.delete === 'DELETE_FAILED'),
  };
}

function runSummary(runs: Partial<Record<RunStatus, number>>, counts: readonly ItemCounts[]): RunSummary {
  const there = Object.values(runs).reduce((total, count) => total + count, 0);
  const started = counts
    .filter(({ start }) => start === 'SUCCESS')
    .reduce((sum, { count }) => sum + count, 0);
  return {
    pendingRunCount: runs.PENDING ?? 0,
    startingRunCount: runs.STARTING ?? 0,
    runningRunCount: runs.RUNNING ?? 0,
    stoppingRunCount: runs.STOPPING ?? 0,
    completedRunCount: runs.COMPLETED ?? 0,
    deletedRunCount: started - there,
    failedRunCount: runs.FAILED ?? 0,
    cancelledRunCount: runs.CANCELLED ?? 0,
  };
}
