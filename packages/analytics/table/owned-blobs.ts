import { sql } from 'kysely';
import type { BlobRef, OwnedBlob } from '@helicase/blobs';
import { type Records, tables } from '@helicase/records';

const READ_AT_ONCE = 500;

interface FileRow {
  account: string;
  region: string;
  store_id: string;
  job_id: string;
  item: number;
  part: number;
  blob: string;
}

/** Every Parquet file that a store of any account points to. */
export async function* ownedBlobs(records: Records): AsyncGenerator<OwnedBlob> {
  for (let last: FileRow | undefined; ;) {
    let query = tables<{ analytics_file: FileRow }>(records.direct).selectFrom('analytics_file').selectAll();
    if (last) query = query.where(beyond(last));
    const rows = await query
      .orderBy('account')
      .orderBy('region')
      .orderBy('store_id')
      .orderBy('job_id')
      .orderBy('item')
      .orderBy('part')
      .limit(READ_AT_ONCE)
      .execute();
    for (const row of rows) {
      const owner = `table of store ${row.store_id} of ${row.account}/${row.region}`;
      const counts = {
        scope: { account: row.account, region: row.region },
        kind: 'VariantOrAnnotationTable',
      };
      yield { owner, counts, blob: JSON.parse(row.blob) as BlobRef };
    }
    last = rows.at(-1);
    if (!last) return;
  }
}

function beyond({ account, region, store_id, job_id, item, part }: FileRow) {
  return sql<boolean>`(account, region, store_id, job_id, item, part) >
    (${account}, ${region}, ${store_id}, ${job_id}, ${item}, ${part})`;
}
