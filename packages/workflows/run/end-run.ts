import type { Clock } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { cancelUnfinished } from '../task/cancel-unfinished.ts';
import type { TaskTable } from '../task/model.ts';
import type { WorkflowTable } from '../workflow/model.ts';
import { removeIfUnused } from '../workflow/removal.ts';
import type { Run, RunStatus, RunTable } from './model.ts';

/** How a run ends. */
export interface Ending {
  readonly status: Extract<RunStatus, 'COMPLETED' | 'FAILED' | 'CANCELLED'>;
  /** One of the guide's failure reasons. */
  readonly reason?: string;
  readonly message?: string | undefined;
}

/**
 * The last transition of a run, whoever brings it about: its unfinished tasks end with it, and the definition of a
 * deleted workflow goes once no other run needs it.
 */
export async function endRun(
  options: {
    readonly records: Records;
    readonly workflows: WorkflowTable;
    readonly runs: RunTable;
    readonly tasks: TaskTable;
    readonly clock: Clock;
  },
  tx: Transaction,
  { doc: { workflowId }, id, scope }: Run,
  { message, reason, status }: Ending,
): Promise<Run> {
  const stopTime = options.clock.now();
  await cancelUnfinished(options.tasks, tx, { id, scope }, stopTime);
  const failureReason = reason === undefined ? {} : { failureReason: reason };
  const ended = await options.runs.transition(tx, scope, id, status, {
    doc: (doc) => ({ ...doc, stopTime, ...failureReason }),
    ...(message === undefined ? {} : { message }),
  });
  await removeIfUnused(options, tx, scope, workflowId);
  return ended;
}
