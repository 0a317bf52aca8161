import type { Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { VariantStore, VariantStores } from '../../variant-store/model.ts';

export const CATALOG = 'AwsDataCatalog';

/** A store as SQL sees it: one table, named as the store, in a database. */
export interface VisibleTable {
  readonly database: string;
  readonly table: string;
  readonly store: VariantStore;
}

const PAGE = 1000;

/**
 * The tables of a scope, each in two databases: `variant_<account>_<store id>`, as the service names it, and the
 * store's own name, which stands for the resource link that the guide's users make in Lake Formation.
 */
export async function visibleTables(
  records: Records,
  stores: VariantStores,
  scope: Scope,
): Promise<readonly VisibleTable[]> {
  const tables: VisibleTable[] = [];
  let after: readonly (string | number)[] | undefined;
  do {
    const statuses = ['ACTIVE', 'UPDATING'] as const;
    const found = await stores.list(records.direct, scope, {
      statuses,
      limit: PAGE,
      ...(after ? { after } : {}),
    });
    for (const store of found.rows) {
      const table = store.doc.name;
      tables.push({ database: table, table, store });
      tables.push({ database: `variant_${scope.account}_${store.id}`, table, store });
    }
    after = found.next;
  } while (after);
  return tables;
}
