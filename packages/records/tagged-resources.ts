import { parseArn, type Scope, type TaggedResource, type TaggedResources, type Tags } from '@helicase/kernel';
import type { Transaction } from './records.ts';
import type { Resource, ResourceTable } from './resource.ts';
import type { TaggedDoc, TaggedKind } from './tagged-kind.ts';

/** A kind that carries tags, and its table. */
export interface TaggedTable {
  readonly kind: string;
  readonly tagged: TaggedKind<TaggedDoc, string, string>;
  readonly table: ResourceTable<TaggedDoc, string, string, Transaction>;
}

/** A kind that carries tags and has tables of its own: it does the same for its resources alone. */
export interface TaggedSource extends TaggedResources {
  /** Its place among the kinds. */
  readonly kind: string;
}

interface Ports {
  readonly direct: Transaction;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Complete once the records are open. */
  readonly tables: readonly TaggedTable[];
  readonly sources: readonly TaggedSource[];
}

type Row = Resource<TaggedDoc, string>;

const LISTED_AT_ONCE = 500;

/** The tags of every kind whose definition says that it has some. */
export function taggedResources({ direct, sources, tables, transaction }: Ports): TaggedResources {
  return {
    async find(scope, arn) {
      for (const source of sources) {
        const tags = await source.find(scope, arn);
        if (tags) return tags;
      }
      return (await locate(tables, direct, scope, arn))?.row.doc.tags;
    },
    async change(scope, arn, change) {
      for (const source of sources) if (await source.change(scope, arn, change)) return true;
      return transaction(async (tx) => {
        const found = await locate(tables, tx, scope, arn);
        if (!found) return false;
        // Held before it is read again: two changes at once must not lose one of them.
        const held = await found.table.hold(tx, scope, found.row.id);
        if (!held) return false;
        const tags: Tags = change(held.doc.tags);
        await found.table.update(tx, scope, held.id, (doc) => ({ ...doc, tags }));
        return true;
      });
    },
    scan: (scope, after) => scan(tables, sources, direct, scope, after),
  };
}

/** Those of kinds; what is gone does not count. */
export async function countTagged(
  tables: readonly TaggedTable[],
  tx: Transaction,
  scope: Scope,
  type: string,
): Promise<number> {
  let count = 0;
  for (const { table, tagged } of tables.filter((one) => one.tagged.type === type)) {
    const byStatus = Object.entries(await table.countByStatus(tx, scope, {}));
    for (const [status, of = 0] of byStatus) if (!tagged.gone?.includes(status)) count += of;
  }
  return count;
}

async function locate(
  tables: readonly TaggedTable[],
  tx: Transaction,
  scope: Scope,
  arn: string,
): Promise<{ readonly table: TaggedTable['table']; readonly row: Row } | undefined> {
  const resource = parseArn(arn)?.resource;
  if (resource === undefined) return undefined;
  for (const { table, tagged } of tables) {
    const among = tagged.among(resource);
    if (!among) continue;
    const { rows } = await table.list(tx, scope, { ...among, limit: LISTED_AT_ONCE });
    // The whole ARN decides: its service, account and region too, and the store that a read set's ARN names.
    const row = rows.find((candidate) => tagged.arn(candidate) === arn && !isGone(tagged, candidate));
    if (row) return { table, row };
  }
  return undefined;
}

function isGone({ gone }: TaggedTable['tagged'], row: Row): boolean {
  return gone?.includes(row.status) ?? false;
}

/** Places are `kind`, `createdAt`, `id`: where the keyset list of that kind goes on. */
async function* scan(
  tables: readonly TaggedTable[],
  sources: readonly TaggedSource[],
  direct: Transaction,
  scope: Scope,
  after?: string,
): AsyncGenerator<{ readonly place: string; readonly resource: TaggedResource }> {
  const [kind, ...start] =
    after === undefined ? [''] : (JSON.parse(after) as [string, ...(string | number)[]]);
  const sorted = [...tables, ...sources].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  for (const each of sorted.filter((one) => one.kind >= kind)) {
    if ('scan' in each) {
      for await (const { place, resource } of each.scan(
        scope,
        each.kind === kind ? String(start[0]) : undefined,
      ))
        yield { place: JSON.stringify([each.kind, place]), resource };
      continue;
    }
    const { table, tagged } = each;
    let keyset: readonly (string | number)[] | undefined = table.kind === kind ? start : undefined;
    do {
      const page = await table.list(direct, scope, {
        limit: LISTED_AT_ONCE,
        ...(keyset ? { after: keyset } : {}),
      });
      for (const row of page.rows.filter((one) => !isGone(tagged, one))) {
        const place = JSON.stringify([table.kind, row.createdAt, row.id]);
        yield { place, resource: { arn: tagged.arn(row), type: tagged.type, tags: row.doc.tags } };
      }
      keyset = page.next;
    } while (keyset);
  }
}
