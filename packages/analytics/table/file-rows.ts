import { sql } from 'kysely';
import type { BlobRef } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import { columnTypes, type Migration, tables, type Transaction } from '@helicase/records';
import type { FileKind } from './written-file.ts';

/** One Parquet file of a store's snapshot. A store's table is exactly its rows here: readers never list a folder. */
export interface TableFile {
  readonly storeId: string;
  readonly jobId: string;
  /** Which of the job's files it came from, and which part of that it is; both from 0. */
  readonly item: number;
  readonly part: number;
  readonly kind: FileKind;
  readonly blob: BlobRef;
  readonly rows: number;
  readonly ranges: Readonly<Record<string, readonly [number, number]>>;
  /** The snapshot that it came with; 0 where it was imported before there were snapshots. */
  readonly added: number;
  /** The snapshot that no longer has it. */
  readonly removed: number | undefined;
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
    kind: FileKind;
    added: number;
    removed: number | null;
  };
}

export const fileMigrations: readonly Migration[] = [
  {
    name: '2026-11-23-analytics-file',
    async up(db, dialect) {
      // Text compares by code point on both databases, so that files come in the same order.
      const { text } = columnTypes(dialect);
      const statement = `create table analytics_file (account ${text} not null, region ${text} not null,
        store_id ${text} not null, job_id ${text} not null, item bigint not null, part bigint not null,
        blob ${text} not null, rows bigint not null, ranges ${text} not null,
        primary key (account, region, store_id, job_id, item, part))`;
      await sql.raw(statement).execute(db);
    },
  },
  {
    name: '2026-11-25-analytics-file-kind',
    async up(db) {
      for (const column of [
        `kind text not null default 'rows'`,
        'added bigint not null default 0',
        'removed bigint',
      ])
        await sql.raw(`alter table analytics_file add column ${column}`).execute(db);
    },
  },
];

export async function addFile(
  tx: Transaction,
  scope: Scope,
  file: Omit<TableFile, 'removed'>,
): Promise<void> {
  const { storeId, jobId, item, part, kind, blob, rows, ranges, added } = file;
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
      kind,
      added,
      removed: null,
    })
    .execute();
}

/** The store's files in the order of their import: those of its latest snapshot, as one statement reads it. */
export async function listFiles(
  tx: Transaction,
  scope: Scope,
  storeId: string,
): Promise<readonly TableFile[]> {
  return (await filesOf(tx, scope, storeId).where('removed', 'is', null).execute()).map(fileOf);
}

/** Those that only older snapshots have, too. */
export async function everyFile(
  tx: Transaction,
  scope: Scope,
  storeId: string,
): Promise<readonly TableFile[]> {
  return (await filesOf(tx, scope, storeId).execute()).map(fileOf);
}

function filesOf(tx: Transaction, { account, region }: Scope, storeId: string) {
  return tables<FileTables>(tx)
    .selectFrom('analytics_file')
    .selectAll()
    .where('account', '=', account)
    .where('region', '=', region)
    .where('store_id', '=', storeId)
    .orderBy('job_id')
    .orderBy('item')
    .orderBy('part');
}

function fileOf(row: FileTables['analytics_file']): TableFile {
  return {
    storeId: row.store_id,
    jobId: row.job_id,
    item: Number(row.item),
    part: Number(row.part),
    blob: JSON.parse(row.blob) as BlobRef,
    rows: Number(row.rows),
    ranges: JSON.parse(row.ranges) as TableFile['ranges'],
    kind: row.kind,
    added: Number(row.added),
    removed: row.removed === null ? undefined : Number(row.removed),
  };
}

export async function removeFiles(tx: Transaction, scope: Scope, storeId: string): Promise<void> {
  await tables<FileTables>(tx)
    .deleteFrom('analytics_file')
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('store_id', '=', storeId)
    .execute();
}

/** Takes live files out of the table with the snapshot given; answers how many of them were there. */
export async function markRemoved(
  tx: Transaction,
  scope: Scope,
  files: readonly TableFile[],
  sequence: number,
): Promise<number> {
  let marked = 0;
  for (const file of files) {
    const { numUpdatedRows } = await tables<FileTables>(tx)
      .updateTable('analytics_file')
      .set({ removed: sequence })
      .where((where) => where.and(rowOf(scope, file)))
      .where('removed', 'is', null)
      .executeTakeFirst();
    marked += Number(numUpdatedRows);
  }
  return marked;
}

export async function removeFile(tx: Transaction, scope: Scope, file: TableFile): Promise<void> {
  await tables<FileTables>(tx)
    .deleteFrom('analytics_file')
    .where((where) => where.and(rowOf(scope, file)))
    .execute();
}

function rowOf({ account, region }: Scope, { storeId, jobId, item, part }: TableFile) {
  return { account, region, store_id: storeId, job_id: jobId, item, part };
}
