import type { Vault } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import type { JobRun, JobWorker, Records, Transaction } from '@helicase/records';
import type { AnnotationStores } from '../annotation-store/model.ts';
import { removeTable } from '../table/remove-table.ts';
import type { StoreVersions } from './model.ts';

export const CREATE_VERSION_KIND = 'annotation-store-version-create';
export const DELETE_VERSION_KIND = 'annotation-store-version-delete';
export const DELETE_ANNOTATION_STORE_KIND = 'annotation-store-delete';

type Run = JobRun<Record<string, never>, undefined, Transaction>;
type Worker = JobWorker<Record<string, never>, undefined, Transaction>;

export interface AnnotationWorkerPorts {
  readonly records: Records;
  readonly vault: Vault;
  readonly annotationStores: AnnotationStores;
  readonly versions: StoreVersions;
}

export function annotationWorkers(ports: AnnotationWorkerPorts): readonly Worker[] {
  return [createWorker(ports), deleteVersionWorker(ports), deleteStoreWorker(ports)];
}

/** A version has nothing to prepare; a store becomes ACTIVE with its first version, which has its id. */
function createWorker({ annotationStores, versions }: AnnotationWorkerPorts): Worker {
  return {
    kind: CREATE_VERSION_KIND,
    concurrency: 4,
    run: (run: Run) =>
      run.commit(async (tx) => {
        const { scope } = run.actor;
        const [version, store] = [
          await versions.find(tx, scope, run.subject),
          await annotationStores.find(tx, scope, run.subject),
        ];
        if (version?.status === 'CREATING') await versions.transition(tx, scope, run.subject, 'ACTIVE');
        if (store?.status === 'CREATING') await annotationStores.transition(tx, scope, run.subject, 'ACTIVE');
      }),
    exhausted: async (tx, { actor: { scope }, subject }, { message }) => {
      const failed = { message };
      if (await versions.find(tx, scope, subject))
        await versions.transition(tx, scope, subject, 'FAILED', failed);
      if ((await annotationStores.find(tx, scope, subject))?.status === 'CREATING')
        await annotationStores.transition(tx, scope, subject, 'FAILED', failed);
    },
  };
}

function deleteVersionWorker({ records, vault, versions }: AnnotationWorkerPorts): Worker {
  return {
    kind: DELETE_VERSION_KIND,
    concurrency: 2,
    run: async (run: Run) => {
      await run.commit((tx) => removeVersion(records, versions, tx, run.actor.scope, run.subject));
      await vault.sweep();
    },
    exhausted: async (tx, { actor: { scope }, subject }, { message }) => {
      if (await versions.find(tx, scope, subject))
        await versions.transition(tx, scope, subject, 'FAILED', { message });
    },
  };
}

/** Every version's files and blobs, the versions and the store go in one transaction; the bytes are swept afterwards. */
function deleteStoreWorker({ records, vault, annotationStores, versions }: AnnotationWorkerPorts): Worker {
  return {
    kind: DELETE_ANNOTATION_STORE_KIND,
    concurrency: 2,
    run: async (run: Run) => {
      const { scope } = run.actor;
      await run.commit(async (tx) => {
        const { rows } = await versions.list(tx, scope, { parent: run.subject, limit: 100 });
        for (const { id } of rows) await removeVersion(records, versions, tx, scope, id);
        await annotationStores.remove(tx, scope, run.subject);
      });
      await vault.sweep();
    },
    exhausted: async (tx, { actor: { scope }, subject }, { message }) => {
      if (await annotationStores.find(tx, scope, subject))
        await annotationStores.transition(tx, scope, subject, 'FAILED', { message });
    },
  };
}

async function removeVersion(
  records: Records,
  versions: StoreVersions,
  tx: Transaction,
  scope: Scope,
  id: string,
): Promise<void> {
  await removeTable(records, tx, scope, id);
  await versions.remove(tx, scope, id);
}
