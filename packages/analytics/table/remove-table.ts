import type { Scope } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { removePublished } from '../iceberg/published.ts';
import { everyFile, removeFiles } from './file-rows.ts';
import { removeSnapshots } from './snapshots.ts';

/** Everything that a store's table is: its files, whose bytes are swept afterwards, and its snapshots. */
export async function removeTable(
  records: Records,
  tx: Transaction,
  scope: Scope,
  storeId: string,
): Promise<void> {
  for (const { blob } of await everyFile(tx, scope, storeId)) await records.blobs.release(tx, blob.id);
  await removeFiles(tx, scope, storeId);
  await removeSnapshots(tx, scope, storeId);
  await removePublished(records, tx, scope, storeId);
}
