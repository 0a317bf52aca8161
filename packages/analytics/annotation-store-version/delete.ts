import type {
  DeleteAnnotationStoreVersionsRequest,
  DeleteAnnotationStoreVersionsResponse,
  VersionDeleteError,
} from '@aws-sdk/client-omics';
import type { Actor } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import type { OperationContext } from '@helicase/wire';
import { annotationStoreNamed } from '../annotation-store/model.ts';
import type { AnnotationStorePorts } from '../annotation-store/operations.ts';
import { UNFINISHED } from '../variant-import-job/model.ts';
import { cancelJob } from '../variant-import-job/operations.ts';
import { DELETE_VERSION_KIND } from './jobs.ts';
import { findVersion } from './model.ts';

/** Deletes the versions that can be, in one transaction, and says of the others why not. */
export async function deleteVersions(
  ports: AnnotationStorePorts,
  input: DeleteAnnotationStoreVersionsRequest,
  { scope, principal }: OperationContext,
): Promise<DeleteAnnotationStoreVersionsResponse> {
  const name = input.name!;
  const errors = await ports.records.transaction(async (tx) => {
    const store = await annotationStoreNamed(ports.annotationStores, tx, scope, name);
    const problems: VersionDeleteError[] = [];
    for (const versionName of new Set(input.versions)) {
      const actor = { scope, principal };
      const message = await deleteVersion(ports, tx, actor, store.id, versionName, input.force ?? false);
      if (message !== undefined) problems.push({ versionName, message });
    }
    return problems;
  });
  return { errors };
}

/** The messages are the guide's. */
async function deleteVersion(
  ports: AnnotationStorePorts,
  tx: Transaction,
  actor: Actor,
  storeId: string,
  versionName: string,
  force: boolean,
): Promise<string | undefined> {
  const { scope } = actor;
  const found = await findVersion(ports.versions, tx, scope, storeId, versionName);
  if (!found) return `Version with versionName: ${versionName} was not found.`;
  const version = await ports.versions.update(tx, scope, found.id, (doc) => doc); // locks the row
  if (version.status === 'DELETING') return undefined;
  if (version.status === 'UPDATING') return 'version is being updated';
  const { storeName } = version.doc;
  const query = { where: { destination: storeName }, statuses: UNFINISHED, limit: 1000 };
  const { rows } = await ports.jobs.list(tx, scope, query);
  const imports = rows.filter(({ doc }) => doc.storeId === version.id);
  if (imports.length > 0 && !force) return 'version has an inflight import running';
  for (const job of imports) await cancelJob(ports, tx, job);
  await ports.versions.transition(tx, scope, version.id, 'DELETING');
  const work = { actor, kind: DELETE_VERSION_KIND, subject: version.id, input: {} };
  await ports.records.jobs.enqueue(tx, work);
  return undefined;
}
