import type { UpdateWorkflowRequest } from '@aws-sdk/client-omics';
import type { Vault } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import { errors } from '../errors.ts';
import { given } from '../given.ts';
import type { WorkflowDoc, WorkflowStatus } from './model.ts';
import { storeText } from './new-definition.ts';
import { README_BYTES } from './register-job.ts';

export interface UpdateDefinitionOptions {
  readonly records: Records;
  /** Workflows, or versions of them. */
  readonly table: ResourceTable<WorkflowDoc, WorkflowStatus, never, Transaction>;
  readonly vault: Vault;
}

/** What UpdateWorkflow and UpdateWorkflowVersion change alike. */
export async function updateDefinition(
  { records, table, vault }: UpdateDefinitionOptions,
  scope: Scope,
  find: (tx: Transaction) => Promise<Resource<WorkflowDoc, WorkflowStatus>>,
  input: Omit<UpdateWorkflowRequest, 'id'>,
): Promise<void> {
  const { description, name, readmeMarkdown, storageCapacity, storageType } = input;
  const changes = given({ name, description, storageType, storageCapacity });
  const { id } = await find(records.direct);
  const readme = readmeMarkdown === undefined ? undefined : Buffer.from(readmeMarkdown);
  if (readme && readme.length > README_BYTES) {
    throw errors.readmeTooLarge({ size: readme.length, limit: README_BYTES });
  }
  const blob = readme && (await storeText(vault, scope, id, readme));
  await records.transaction(async (tx) => {
    const before = await find(tx);
    if (blob) await records.blobs.keep(tx, blob.id);
    if (blob && before.doc.readme) await records.blobs.release(tx, before.doc.readme.id);
    await table.update(tx, scope, id, (doc) => ({ ...doc, ...changes, ...(blob && { readme: blob }) }));
  });
}
