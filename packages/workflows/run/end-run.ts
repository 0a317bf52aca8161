import type { Clock } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { cancelUnfinished } from '../task/cancel-unfinished.ts';
import { given } from '../given.ts';
import { endIfProcessed } from '../run-batch/end-batch.ts';
import type { RunBatchTable } from '../run-batch/model.ts';
import type { TaskTable } from '../task/model.ts';
import { type RemovalOptions, removeIfUnused } from '../workflow/removal.ts';
import { ownerScope } from '../workflow/owner.ts';
import { definitionOf, type Run, type RunStatus } from './model.ts';

/** How a run ends. */
export interface Ending {
  readonly status: Extract<RunStatus, 'COMPLETED' | 'FAILED' | 'CANCELLED'>;
  /** One of the guide's failure reasons. */
  readonly reason?: string;
  readonly message?: string | undefined;
  /** Bytes that its files hold, where they were counted. */
  readonly storageUsed?: number;
}

export interface EndRunOptions extends RemovalOptions {
  readonly tasks: TaskTable;
  readonly clock: Clock;
  readonly runBatches: RunBatchTable;
}

/**
 * The last transition of a run, whoever brings it about: its unfinished tasks end with it, and the definition of a
 * deleted workflow goes once no other run needs it.
 */
export async function endRun(
  options: EndRunOptions,
  tx: Transaction,
  { doc: before, id, scope }: Run,
  { message, reason, status, storageUsed }: Ending,
): Promise<Run> {
  const stopTime = options.clock.now();
  await cancelUnfinished(options.tasks, tx, { id, scope }, stopTime);
  const failureReason = reason === undefined ? {} : { failureReason: reason };
  const ended = await options.runs.transition(tx, scope, id, status, {
    doc: (doc) => ({ ...doc, stopTime, ...failureReason, ...given({ storageUsed }) }),
    ...(message === undefined ? {} : { message }),
  });
  await removeIfUnused(options, tx, ownerScope(scope, before.workflowOwnerId), definitionOf(before));
  if (before.batchId !== undefined) await endIfProcessed(options, tx, scope, before.batchId);
  return ended;
}
