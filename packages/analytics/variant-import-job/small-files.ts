import type { Objects } from '@helicase/blobs';
import { type Actor, ServiceError } from '@helicase/kernel';
import { ENDED, type ImportJob } from './model.ts';

/** A file below this is imported together with others; a larger one by itself, on every core. */
const SMALL = 4 * 1024 * 1024;
/** So much is imported together: what a cancelled job loses, and how often readers see more. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_FILES = 64;

/**
 * The items that are not ended, by their numbers: small files next to each other in one group, each other one in its own,
 * and so one that is not there, which its import tells.
 */
export async function* groupsOf(
  objects: Objects,
  actor: Actor,
  { doc: { items } }: ImportJob,
): AsyncGenerator<readonly number[]> {
  let group: number[] = [];
  let bytes = 0;
  for (const [index, { source, status }] of items.entries()) {
    if (ENDED.has(status)) continue;
    const size = await sizeOf(objects, actor, source);
    if (group.length > 0 && (size >= SMALL || bytes + size > MOST_BYTES || group.length >= MOST_FILES)) {
      yield group;
      [group, bytes] = [[], 0];
    }
    if (size >= SMALL) yield [index];
    else {
      group.push(index);
      bytes += size;
    }
  }
  if (group.length > 0) yield group;
}

/** Infinite where it cannot be said. */
async function sizeOf(objects: Objects, actor: Actor, source: string): Promise<number> {
  try {
    return (await objects.head(actor, source)).size;
  } catch (error) {
    if (error instanceof ServiceError && error.status < 500) return Infinity;
    throw error;
  }
}
