import type { Scope } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { type RunTable, unfinishedStatuses } from '../run/model.ts';
import type { WorkflowTable } from './model.ts';

/**
 * Removes a deleted workflow and lets its definition go once no unfinished run needs it ("deleting a workflow does
 * not affect any ongoing runs"). Called when it is deleted and when a run of it ends, in that transaction.
 */
export async function removeIfUnused(
  options: { readonly records: Records; readonly workflows: WorkflowTable; readonly runs: RunTable },
  tx: Transaction,
  scope: Scope,
  workflowId: string,
): Promise<void> {
  const workflow = await options.workflows.find(tx, scope, workflowId);
  if (workflow?.status !== 'DELETED') return;
  const using = await options.runs.count(tx, scope, { statuses: unfinishedStatuses, where: { workflowId } });
  if (using > 0) return;
  await options.workflows.remove(tx, scope, workflowId);
  if (workflow.doc.definition) await options.records.blobs.release(tx, workflow.doc.definition.id);
}
