import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { type RemovalOptions, removeIfUnused } from '../workflow/removal.ts';
import type { WorkflowVersion } from './model.ts';

const AT_ONCE = 500;

/** A workflow's versions go with it; each stays for its unfinished runs. */
export async function deleteVersionsOf(
  options: RemovalOptions,
  tx: Transaction,
  scope: Scope,
  workflowId: string,
): Promise<void> {
  for (;;) {
    const { rows } = await options.workflowVersions.list(tx, scope, {
      ...{ parent: workflowId, limit: AT_ONCE },
      statuses: ['CREATING', 'ACTIVE', 'FAILED'],
    });
    for (const version of rows) await deleteVersion(options, tx, version);
    if (rows.length < AT_ONCE) return;
  }
}

export async function deleteVersion(
  options: RemovalOptions,
  tx: Transaction,
  { id, scope }: WorkflowVersion,
): Promise<void> {
  await options.workflowVersions.transition(tx, scope, id, 'DELETED');
  await removeIfUnused(options, tx, scope, { kind: 'version', id });
}
