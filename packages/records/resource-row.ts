import type { Resource } from './resource.ts';
import type { ResourceRow } from './schema/tables.ts';

/** A row with its lifted columns. */
export type AnyResourceRow = ResourceRow & { [lifted: `c_${string}`]: string | null };

export function resourceOf<Doc, Status extends string>(row: ResourceRow): Resource<Doc, Status> {
  return {
    scope: { account: row.account, region: row.region },
    id: row.id,
    parent: row.parent,
    status: row.status as Status,
    statusMessage: row.status_message ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision,
    doc: JSON.parse(row.doc) as Doc,
  };
}
