import { type Kysely, sql } from 'kysely';
import type { AnyResourceRow } from './resource-row.ts';

const SCANNED_AT_ONCE = 500;

/** All rows of a resource's table by its primary key; each batch starts after the last row of the one before. */
export async function* scanRows(
  rows: Kysely<Record<string, AnyResourceRow>>,
  table: string,
): AsyncGenerator<AnyResourceRow> {
  for (let last: AnyResourceRow | undefined; ;) {
    let select = rows.selectFrom(table).selectAll();
    if (last) {
      select = select.where(
        sql<boolean>`(account, region, id) > (${last.account}, ${last.region}, ${last.id})`,
      );
    }
    const batch = await select
      .orderBy('account')
      .orderBy('region')
      .orderBy('id')
      .limit(SCANNED_AT_ONCE)
      .execute();
    yield* batch;
    last = batch.at(-1);
    if (!last || batch.length < SCANNED_AT_ONCE) return;
  }
}
