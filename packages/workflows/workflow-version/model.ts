import type { Scope } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import { workflowArn, type WorkflowDoc, workflowMachine, type WorkflowStatus } from '../workflow/model.ts';

/** A version is registered, run and deleted as a workflow is; its parent is the workflow's id, its id is not shown. */
export type WorkflowVersion = Resource<WorkflowDoc, WorkflowStatus>;
export type WorkflowVersionTable = ResourceTable<WorkflowDoc, WorkflowStatus, 'versionName', Transaction>;

export function workflowVersionTable(records: Records): WorkflowVersionTable {
  return records.resource<WorkflowDoc, WorkflowStatus, 'versionName'>({
    kind: 'workflow-version',
    machine: workflowMachine,
    columns: { versionName: (doc) => doc.versionName ?? null },
    tagged: {
      type: 'omics:workflowVersion',
      arn: ({ scope, parent, doc }) => workflowVersionArn(scope, parent, doc.versionName!),
      among: (resource) => {
        const [, parent, versionName] = /^workflow\/([0-9]+)\/version\/([^/]+)$/.exec(resource) ?? [];
        return parent === undefined ? undefined : { parent, where: { versionName: versionName! } };
      },
      gone: ['DELETED'],
    },
  });
}

export function workflowVersionArn(scope: Scope, workflowId: string, versionName: string): string {
  return `${workflowArn(scope, workflowId)}/version/${versionName}`;
}
