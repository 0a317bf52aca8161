import { limitIn, type Scope, type ScopeLimit } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { errors } from './errors.ts';
import { type ItemJobDoc, type JobItem, type JobStatus, UNFINISHED } from './item-job/model.ts';
import type { Room } from './room.ts';
import type { Table } from './tables.ts';

/** The guide, "Storage quotas": "Read sets per sequence store", "References per reference store". */
export interface StoreQuotas {
  readonly readSets: ScopeLimit;
  readonly references: ScopeLimit;
}

/** More jobs or uploads than a store has under way. */
const BATCH = 1000;

/**
 * Refuses `more` read sets where the store would have too many. What was accepted and is under way has its place
 * already, so that an import that was accepted ends. The store's row is locked by the caller.
 */
export async function refuseReadSets(
  room: Room,
  tx: Transaction,
  scope: Scope,
  store: string,
  more: number,
): Promise<void> {
  const most = limitIn(room.storeQuotas?.readSets ?? Infinity, scope);
  if (most === Infinity) return;
  const { readSets, readSetImports, uploads } = room.tables;
  const uploading = await uploads.count(tx, scope, { parent: store, statuses: ['IN_PROGRESS'] });
  const held = await readSets.count(tx, scope, { parent: store });
  const taken = held + uploading + (await underWay(tx, readSetImports, scope, store));
  if (taken + more > most)
    throw errors.storeFull({ kind: 'Sequence store', id: store, things: 'read sets', taken, most });
}

/** The same of references. */
export async function refuseReferences(
  room: Room,
  tx: Transaction,
  scope: Scope,
  store: string,
  more: number,
): Promise<void> {
  const most = limitIn(room.storeQuotas?.references ?? Infinity, scope);
  if (most === Infinity) return;
  const { references, referenceImports } = room.tables;
  const held = await references.count(tx, scope, { parent: store });
  const taken = held + (await underWay(tx, referenceImports, scope, store));
  if (taken + more > most)
    throw errors.storeFull({ kind: 'Reference store', id: store, things: 'references', taken, most });
}

/** Items that may still become something. */
async function underWay<Item extends JobItem>(
  tx: Transaction,
  table: Table<ItemJobDoc<Item>, JobStatus>,
  scope: Scope,
  store: string,
): Promise<number> {
  let count = 0;
  let after: readonly (string | number)[] | undefined;
  do {
    const query = { parent: store, statuses: UNFINISHED, limit: BATCH, ...(after ? { after } : {}) };
    const page = await table.list(tx, scope, query);
    const items = page.rows.flatMap(({ doc }) => doc.items);
    count += items.filter(({ status }) => status !== 'FINISHED' && status !== 'FAILED').length;
    after = page.next;
  } while (after);
  return count;
}
