import type { Scope, SharedResources } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { type DefinitionKey, definitionKeyText, type RunTable, unfinishedStatuses } from '../run/model.ts';
import type { WorkflowVersion, WorkflowVersionTable } from '../workflow-version/model.ts';
import { type Workflow, workflowArn, type WorkflowTable } from './model.ts';

export interface RemovalOptions {
  readonly records: Records;
  readonly workflows: WorkflowTable;
  readonly workflowVersions: WorkflowVersionTable;
  readonly runs: RunTable;
  readonly shares: SharedResources;
}

/**
 * Removes a deleted workflow or version and lets its definition go once no unfinished run needs it ("deleting a
 * workflow does not affect any ongoing runs"). Called when it is deleted and when a run of it ends, in that transaction.
 */
export async function removeIfUnused(
  options: RemovalOptions,
  tx: Transaction,
  scope: Scope,
  { id, kind }: DefinitionKey,
): Promise<void> {
  const table = kind === 'workflow' ? options.workflows : options.workflowVersions;
  const definition = await table.find(tx, scope, id);
  if (definition?.status !== 'DELETED') return;
  if (await isInUse(options, tx, definition, { id, kind })) return;
  await table.remove(tx, scope, id);
  for (const blob of [definition.doc.definition, definition.doc.readme]) {
    if (blob) await options.records.blobs.release(tx, blob.id);
  }
}

/** By an unfinished run of its owner, or of an account that it was shared with. */
async function isInUse(
  { runs, shares }: RemovalOptions,
  tx: Transaction,
  { id, parent, scope }: Workflow | WorkflowVersion,
  key: DefinitionKey,
): Promise<boolean> {
  const arn = workflowArn(scope, key.kind === 'workflow' ? id : parent!);
  const where = { definitionKey: definitionKeyText(key) };
  for (const account of [scope.account, ...(await shares.subscribers(scope, arn))]) {
    const of = { account, region: scope.region };
    if ((await runs.count(tx, of, { statuses: unfinishedStatuses, where })) > 0) return true;
  }
  return false;
}
