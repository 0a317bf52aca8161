import type { Records } from '@helicase/records';
import { missDifferences } from '@helicase/runtime';
import { entriesOfCall } from '../run-cache/cache-entry.ts';
import type { RunTable } from '../run/model.ts';
import type { Task } from './model.ts';

export interface WhyNotCachedOptions {
  readonly records: Records;
  readonly runs: RunTable;
}

/**
 * Why a task of a run with a cache ran: how what determines it differs from what the cache had of the same call when
 * it began. Undefined where the run has no cache, or nothing ran.
 */
export async function whyNotCached(
  { records, runs }: WhyNotCachedOptions,
  { createdAt: before, doc, parent, scope, status }: Task,
): Promise<string | undefined> {
  if (status !== 'COMPLETED' || doc.cachedAt !== undefined) return undefined;
  const cache = (await runs.find(records.direct, scope, parent))?.doc.cache;
  if (!cache) return undefined;
  if (!doc.key) return 'Not cached: the task may not be reused, or what determines it could not be read.';
  const kept = await entriesOfCall(records.direct, { scope, id: cache.id }, doc.call, {
    ...{ before, otherThanRun: parent },
  });
  const differences = missDifferences(
    kept.map(({ key }) => key),
    doc.key,
  );
  if (!differences) return `Not cached: run cache ${cache.id} had nothing of ${doc.call}.`;
  if (differences.length === 0) return 'Not cached: what the run cache had of it could not be read.';
  return `Not cached, for these differ from what run cache ${cache.id} had: ${differences.join('; ')}.`;
}
