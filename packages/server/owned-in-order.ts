import { setImmediate as others } from 'node:timers/promises';
import type { OwnedBlob } from '@helicase/blobs';

/** Rows after which other work of this process gets its turn. */
const ROWS_AT_ONCE = 500;

/**
 * The next blobs by id behind `after`, each once, with all that own it. Rooms tell their blobs in orders of their own,
 * in which nothing can be found again when what lay there was deleted; among ids a place stays a place.
 */
export async function ownedInOrder(
  owned: AsyncIterable<OwnedBlob>,
  after: string,
  limit: number,
): Promise<readonly OwnedBlob[]> {
  const found = new Map<string, OwnedBlob>();
  let rows = 0;
  let bound: string | undefined;
  for await (const next of owned) {
    if (++rows % ROWS_AT_ONCE === 0) await others();
    const { id } = next.blob;
    if (id <= after || (bound !== undefined && id > bound)) continue;
    const other = found.get(id);
    found.set(id, other ? { ...other, owner: `${other.owner} and ${next.owner}` } : next);
    if (found.size >= 2 * limit) bound = cut(found, limit);
  }
  cut(found, limit);
  return [...found.values()].sort(byId);
}

/** Keeps the `limit` lowest ids and answers the highest of them. */
function cut(found: Map<string, OwnedBlob>, limit: number): string | undefined {
  const ids = [...found.keys()].sort();
  for (const id of ids.slice(limit)) found.delete(id);
  return ids.slice(0, limit).at(-1);
}

function byId(one: OwnedBlob, other: OwnedBlob): number {
  return one.blob.id < other.blob.id ? -1 : 1;
}
