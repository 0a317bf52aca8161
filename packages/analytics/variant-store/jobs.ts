import type { Vault } from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';
import type { JobRun, JobWorker, Records, Transaction } from '@helicase/records';
import { removeTable } from '../table/remove-table.ts';
import type { VariantStores } from './model.ts';

export const CREATE_KIND = 'variant-store-create';
export const DELETE_KIND = 'variant-store-delete';

type Run = JobRun<Record<string, never>, undefined, Transaction>;
type Worker = JobWorker<Record<string, never>, undefined, Transaction>;

/** A store has nothing to prepare: its table is the files it has, and it has none. */
export function createWorker(stores: VariantStores): Worker {
  return {
    kind: CREATE_KIND,
    concurrency: 4,
    run: (run: Run) =>
      run.commit(async (tx) => {
        const store = await stores.find(tx, run.actor.scope, run.subject);
        if (store?.status === 'CREATING') await stores.transition(tx, run.actor.scope, run.subject, 'ACTIVE');
      }),
    exhausted: (tx, { actor, subject }, error) => fail(stores, tx, actor, subject, error),
  };
}

/** Files, their blobs and the store go in one transaction; the bytes are swept afterwards. */
export function deleteWorker(stores: VariantStores, records: Records, vault: Vault): Worker {
  return {
    kind: DELETE_KIND,
    concurrency: 2,
    run: async (run: Run) => {
      const { scope } = run.actor;
      await run.commit(async (tx) => {
        await removeTable(records, tx, scope, run.subject);
        await stores.remove(tx, scope, run.subject);
      });
      await vault.sweep();
    },
    exhausted: (tx, { actor, subject }, error) => fail(stores, tx, actor, subject, error),
  };
}

async function fail(stores: VariantStores, tx: Transaction, { scope }: Actor, id: string, error: Error) {
  const store = await stores.find(tx, scope, id);
  if (store) await stores.transition(tx, scope, id, 'FAILED', { message: error.message });
}
