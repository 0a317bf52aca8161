import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import type { Workflow, WorkflowTable } from '../workflow/model.ts';
import type { WorkflowVersion, WorkflowVersionTable } from '../workflow-version/model.ts';
import { ownerScope } from '../workflow/owner.ts';
import { definitionOf, type RunDoc } from './model.ts';

/** What a run evaluates: the workflow, or the version of it; also where it was deleted meanwhile and a run needs it. */
export async function findDefinition(
  options: { readonly workflows: WorkflowTable; readonly workflowVersions: WorkflowVersionTable },
  tx: Transaction,
  scope: Scope,
  doc: Pick<RunDoc, 'workflowId' | 'workflowOwnerId' | 'workflowVersion'>,
): Promise<Workflow | WorkflowVersion | undefined> {
  const { id, kind } = definitionOf(doc);
  return (kind === 'workflow' ? options.workflows : options.workflowVersions).find(
    tx,
    ownerScope(scope, doc.workflowOwnerId),
    id,
  );
}
