import type { Scope } from '@helicase/kernel';
import { contentsInCommon } from '../content/contents.ts';
import { heldFiles, type ReadSetDoc } from '../read-set/model.ts';
import type { Room } from '../room.ts';
import { filesOf, fileSize } from '../stored-file.ts';

export type Tier = 'ACTIVE' | 'ARCHIVED';

/** What the read sets of one store take in one tier. */
export interface TierUsage {
  readonly scope: Scope;
  readonly storeId: string;
  readonly tier: Tier;
  readonly readSets: number;
  readonly bases: number;
  /** Of the files with their indexes, before sealing; what read sets of the store share counts once. */
  readonly bytes: number;
  /** Of the source files as they were imported, shared or not. */
  readonly sourceBytes: number;
}

type Usage = { -readonly [Member in keyof TierUsage]: TierUsage[Member] };

/** Bytes for each 10^9 bases; undefined where there are none. */
export function bytesPerGigabase({ bases, bytes }: Pick<TierUsage, 'bases' | 'bytes'>): number | undefined {
  return bases === 0 ? undefined : (bytes / bases) * 1e9;
}

/** Of every store of every account that has read sets, in the stores' order. Read sets without files do not count. */
export async function storageUsage(room: Room): Promise<readonly TierUsage[]> {
  const usages = new Map<string, Usage>();
  const countOnce = await contentsInCommon(room.records.direct);
  const counted = new Set<string>();
  for await (const { doc, parent, scope } of room.tables.readSets.scan(room.records.direct)) {
    if (!doc.etag) continue;
    const usage = usageOf(usages, scope, parent, doc.archive ? 'ARCHIVED' : 'ACTIVE');
    usage.readSets += 1;
    usage.bases += doc.totalBaseCount ?? 0;
    usage.sourceBytes += sourceBytes(doc);
    for (const { blob, head } of filesOf(heldFiles(doc))) {
      usage.bytes += head?.size ?? 0;
      if (counted.has(blob.id)) continue;
      if (countOnce.has(blob.id)) counted.add(blob.id);
      usage.bytes += blob.size;
    }
  }
  return [...usages.values()].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

const orderOf = ({ scope, storeId, tier }: TierUsage): string =>
  [scope.account, scope.region, storeId, tier].join(' ');

function usageOf(usages: Map<string, Usage>, scope: Scope, storeId: string, tier: Tier): Usage {
  const none: Usage = { scope, storeId, tier, readSets: 0, bases: 0, bytes: 0, sourceBytes: 0 };
  const found = usages.get(orderOf(none)) ?? none;
  usages.set(orderOf(none), found);
  return found;
}

function sourceBytes({ files: { source1, source2 } }: ReadSetDoc): number {
  return filesOf({ source1, source2 }).reduce((sum, file) => sum + fileSize(file), 0);
}
