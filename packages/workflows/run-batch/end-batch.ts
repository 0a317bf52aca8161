import type { Clock, Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { type RunTable, unfinishedStatuses } from '../run/model.ts';
import type { RunBatch, RunBatchTable } from './model.ts';

export interface EndBatchOptions {
  readonly runBatches: RunBatchTable;
  readonly runs: RunTable;
  readonly clock: Clock;
}

/**
 * The batch ends with its last run: PROCESSED, or CANCELLED where that was asked for. Called whenever a run of it ends
 * and when the last was submitted or asked to cancel, in that transaction. A batch that cannot end yet is not held:
 * the job that cancels its runs holds them, and would wait for whoever ends one.
 */
export async function endIfProcessed(
  { clock, runBatches, runs }: EndBatchOptions,
  tx: Transaction,
  scope: Scope,
  id: string,
): Promise<void> {
  if (!endingOf(await runBatches.find(tx, scope, id))) return;
  const ending = endingOf(await runBatches.hold(tx, scope, id));
  if (!ending) return;
  const { rows } = await runs.list(tx, scope, {
    // The last one that was made is most likely the last one to end.
    ...{ parent: '', statuses: unfinishedStatuses, where: { batchId: id } },
    ...{ order: 'newest-first', limit: 1 },
  });
  if (rows.length > 0) return;
  const processedTime = clock.now();
  await runBatches.transition(tx, scope, id, ending, { doc: (doc) => ({ ...doc, processedTime }) });
}

function endingOf(batch: RunBatch | undefined): 'PROCESSED' | 'CANCELLED' | undefined {
  if (batch?.status === 'INPROGRESS') return 'PROCESSED';
  return batch?.status === 'STOPPING' && batch.doc.cancelSubmitted ? 'CANCELLED' : undefined;
}
