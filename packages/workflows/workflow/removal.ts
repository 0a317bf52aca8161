import type { Scope } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { type DefinitionKey, definitionKeyText, type RunTable, unfinishedStatuses } from '../run/model.ts';
import type { WorkflowVersionTable } from '../workflow-version/model.ts';
import type { WorkflowTable } from './model.ts';

export interface RemovalOptions {
  readonly records: Records;
  readonly workflows: WorkflowTable;
  readonly workflowVersions: WorkflowVersionTable;
  readonly runs: RunTable;
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
  const using = await options.runs.count(tx, scope, {
    statuses: unfinishedStatuses,
    where: { definitionKey: definitionKeyText({ id, kind }) },
  });
  if (using > 0) return;
  await table.remove(tx, scope, id);
  for (const blob of [definition.doc.definition, definition.doc.readme]) {
    if (blob) await options.records.blobs.release(tx, blob.id);
  }
}
