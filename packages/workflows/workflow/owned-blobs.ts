import type { OwnedBlob } from '@helicase/blobs';
import type { Records } from '@helicase/records';
import type { WorkflowVersionTable } from '../workflow-version/model.ts';
import type { WorkflowTable } from './model.ts';

/** Every blob that a workflow or a version of one, of any account, points to. */
export async function* ownedBlobs(options: {
  readonly records: Records;
  readonly workflows: WorkflowTable;
  readonly workflowVersions: WorkflowVersionTable;
}): AsyncGenerator<OwnedBlob> {
  for (const table of [options.workflows, options.workflowVersions]) {
    for await (const { scope, id, doc, parent } of table.scan(options.records.direct)) {
      const what = parent === '' ? `workflow ${id}` : `version ${doc.versionName} of workflow ${parent}`;
      const owner = `${what} of ${scope.account}/${scope.region}`;
      if (doc.definition) yield { owner, blob: doc.definition };
      if (doc.readme) yield { owner: `README of ${owner}`, blob: doc.readme };
    }
  }
}
