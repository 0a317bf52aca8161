import { sql } from 'kysely';
import type { BlobRef } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import { type Migration, tables, type Transaction } from '@helicase/records';

/** One Parquet file of a store's snapshot. A store's table is exactly its rows here: readers never list a folder. */
export interface TableFile {
  readonly storeId: string;
  readonly jobId: string;
  /** Which of the job's files it came from, and which part of that it is; both from 0. */
  readonly item: number;
  readonly part: number;
  readonly blob: BlobRef;
  readonly rows: number;
  readonly ranges: Readonly<Record<string, readonly [number, number]>>;
}

interface FileTables {
  analytics_file: {
    account: string;
    region: string;
    store_id: string;
    job_id: string;
    item: number;
    part: number;
    blob: string;
    rows: number;
    ranges: string;
  };
}

export const fileMigrations: readonly Migration[] = [
  {
    name: '2026-11-23-analytics-file',
    async up(db, dialect) {
      // Text compares by code point on both databases, so that files come in the same order.
      const text = dialect === 'postgres' ? 'text collate "C"' : 'text';
      const statement = `create table analytics_file (account ${text} not null, region ${text} not null,
        store_id ${text} not null, job_id ${text} not null, item bigint not null, part bigint not null,
        blob ${text} not null, rows bigint not null, ranges ${text} not null,
        primary key (account, region, store_id, job_id, item, part))`;
      await sql.raw(statement).execute(db);
    },
  },
];

export async function addFile(tx: Transaction, scope: Scope, file: TableFile): Promise<void> {
  const { storeId, jobId, item, part, blob, rows, ranges } = file;
  await tables<FileTables>(tx)
    .insertInto('analytics_file')
    .values({
      account: scope.account,
      region: scope.region,
      store_id: storeId,
      job_id: jobId,
      item,
      part,
      blob: JSON.stringify(blob),
      rows,
      ranges: JSON.stringify(ranges),
    })
    .execute();
}

/** The store's files in the order of their import; a snapshot, as one statement reads it. */
export async function listFiles(
  tx: Transaction,
  scope: Scope,
  storeId: string,
): Promise<readonly TableFile[]> {
  const rows = await tables<FileTables>(tx)
    .selectFrom('analytics_file')
    .selectAll()
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('store_id', '=', storeId)
    .orderBy('job_id')
    .orderBy('item')
    .orderBy('part')
    .execute();
  return rows.map((row) => ({
    storeId: row.store_id,
    jobId: row.job_id,
    item: Number(row.item),
    part: Number(row.part),
    blob: JSON.parse(row.blob) as BlobRef,
    rows: Number(row.rows),
    ranges: JSON.parse(row.ranges) as TableFile['ranges'],
  }));
}

export async function removeFiles(tx: Transaction, scope: Scope, storeId: string): Promise<void> {
  await tables<FileTables>(tx)
    .deleteFrom('analytics_file')
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('store_id', '=', storeId)
    .execute();
}
