import type { Clock, Scope } from '@helicase/kernel';
import type { JobRun, JobWorker, Records, Transaction } from '@helicase/records';
import { removePublishedBefore } from '../iceberg/published.ts';
import { everyFile, removeFile } from '../table/file-rows.ts';
import { listSnapshots, removeSnapshotsBefore } from '../table/snapshots.ts';

/** Snapshots that are older are forgotten, with the files that only they have: Iceberg's own default. */
export const KEPT = 5 * 24 * 60 * 60 * 1000;
export const FORGET_KIND = 'table-snapshots-forget';

/** The job's subject: a table, and the snapshot that replaced files of it. Each has one of its own. */
export function replacedIn(storeId: string, sequence: number): string {
  return `${storeId}/${sequence}`;
}

type Worker = JobWorker<Record<string, never>, undefined, Transaction>;
type Run = JobRun<Record<string, never>, undefined, Transaction>;

/** Forgets replaced files when nobody is to travel back to them any more. */
export function forgetWorker(records: Records, clock: Clock): Worker {
  return {
    kind: FORGET_KIND,
    concurrency: 1,
    run: (run: Run) =>
      run.commit((tx) =>
        forget(records, tx, run.actor.scope, run.subject.split('/')[0]!, clock.now() - KEPT),
      ),
    exhausted: async () => {}, // the table is as it was, with older snapshots than need be
  };
}

async function forget(
  records: Records,
  tx: Transaction,
  scope: Scope,
  storeId: string,
  before: number,
): Promise<void> {
  const snapshots = await listSnapshots(tx, scope, storeId);
  const oldest = snapshots.find(({ createdAt }) => createdAt > before) ?? snapshots.at(-1);
  if (!oldest) return;
  for (const file of await everyFile(tx, scope, storeId)) {
    if (file.removed === undefined || file.removed > oldest.sequence) continue;
    await records.blobs.release(tx, file.blob.id);
    await removeFile(tx, scope, file);
  }
  await removePublishedBefore(records, tx, scope, storeId, oldest.sequence);
  await removeSnapshotsBefore(tx, scope, storeId, oldest.sequence);
}
