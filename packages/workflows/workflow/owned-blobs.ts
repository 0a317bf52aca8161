import type { OwnedBlob } from '@helicase/blobs';
import type { Records } from '@helicase/records';
import type { WorkflowTable } from './model.ts';

/** Every definition that a workflow of any account points to. */
export async function* ownedBlobs(options: {
  readonly records: Records;
  readonly workflows: WorkflowTable;
}): AsyncGenerator<OwnedBlob> {
  for await (const { scope, id, doc } of options.workflows.scan(options.records.direct)) {
    const owner = `workflow ${id} of ${scope.account}/${scope.region}`;
    if (doc.definition) yield { owner, blob: doc.definition };
  }
}
