import type { ReadSetPartSource } from '@aws-sdk/client-omics';
import type { BlobRef } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import { type Migration, tables, type Transaction } from '@helicase/records';

export interface Part {
  readonly source: ReadSetPartSource;
  /** From 1. */
  readonly number: number;
  readonly blob: BlobRef;
  /** SHA-256 of the part's bytes, base64. */
  readonly checksum: string;
  /** Milliseconds; a part that was overwritten keeps the first time as `createdAt`. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface UploadKey {
  readonly scope: Scope;
  readonly id: string;
}

interface PartTables {
  read_set_upload_part: {
    account: string;
    region: string;
    upload: string;
    source: string;
    number: number;
    blob: string;
    checksum: string;
    created_at: number;
    updated_at: number;
  };
}
type PartRow = PartTables['read_set_upload_part'];

export const uploadPartMigration: Migration = {
  name: '2026-11-25-read-set-upload-part',
  async up(db) {
    await db.schema
      .createTable('read_set_upload_part')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('upload', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('blob', 'text', (column) => column.notNull())
      .addColumn('checksum', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('read_set_upload_part_key', [
        'account',
        'region',
        'upload',
        'source',
        'number',
      ])
      .execute();
  },
};

/** Stores the part over one with its number; answers the blob that is not used any more. */
export async function putPart(tx: Transaction, key: UploadKey, part: Part): Promise<BlobRef | undefined> {
  const before = await partsOf(tx, key, { source: part.source, from: part.number, limit: 1 });
  const replaced = before[0]?.number === part.number ? before[0] : undefined;
  await tables<PartTables>(tx)
    .insertInto('read_set_upload_part')
    .values(rowOf(key, replaced ? { ...part, createdAt: replaced.createdAt } : part))
    .onConflict((conflict) =>
      conflict.columns(['account', 'region', 'upload', 'source', 'number']).doUpdateSet({
        blob: JSON.stringify(part.blob),
        checksum: part.checksum,
        updated_at: part.updatedAt,
      }),
    )
    .execute();
  return replaced?.blob;
}

export interface PartQuery {
  readonly source?: ReadSetPartSource;
  /** The least number. */
  readonly from?: number;
  readonly limit?: number;
  readonly createdAfter?: number;
  readonly createdBefore?: number;
}

/** The upload's parts by source and number. */
export async function partsOf(tx: Transaction, key: UploadKey, query: PartQuery = {}): Promise<Part[]> {
  let select = tables<PartTables>(tx)
    .selectFrom('read_set_upload_part')
    .selectAll()
    .where('account', '=', key.scope.account)
    .where('region', '=', key.scope.region)
    .where('upload', '=', key.id)
    .orderBy('source')
    .orderBy('number');
  if (query.source !== undefined) select = select.where('source', '=', query.source);
  if (query.from !== undefined) select = select.where('number', '>=', query.from);
  if (query.createdAfter !== undefined) select = select.where('created_at', '>', query.createdAfter);
  if (query.createdBefore !== undefined) select = select.where('created_at', '<', query.createdBefore);
  if (query.limit !== undefined) select = select.limit(query.limit);
  return (await select.execute()).map(partOf);
}

/** Removes the upload's parts; answers their blobs. */
export async function removeParts(tx: Transaction, key: UploadKey): Promise<BlobRef[]> {
  const rows = await tables<PartTables>(tx)
    .deleteFrom('read_set_upload_part')
    .where('account', '=', key.scope.account)
    .where('region', '=', key.scope.region)
    .where('upload', '=', key.id)
    .returning('blob')
    .execute();
  return rows.map(({ blob }) => JSON.parse(blob) as BlobRef);
}

const LISTED_AT_ONCE = 500;

/** Every part of every upload of any account, for fsck. */
export async function* uploadedParts(
  tx: Transaction,
): AsyncGenerator<{ readonly id: string; readonly part: BlobRef }> {
  for (let last: PartRow | undefined; ;) {
    let select = tables<PartTables>(tx).selectFrom('read_set_upload_part').selectAll();
    if (last) {
      const { account, region, upload, source, number } = last;
      select = select.where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('account', 'region', 'upload', 'source', 'number'),
          '>',
          tuple(account, region, upload, source, number),
        ),
      );
    }
    const rows = await select
      .orderBy('account')
      .orderBy('region')
      .orderBy('upload')
      .orderBy('source')
      .orderBy('number')
      .limit(LISTED_AT_ONCE)
      .execute();
    for (const { upload, blob } of rows) yield { id: upload, part: JSON.parse(blob) as BlobRef };
    last = rows.at(-1);
    if (!last) return;
  }
}

function rowOf({ scope, id }: UploadKey, part: Part): PartRow {
  return {
    account: scope.account,
    region: scope.region,
    upload: id,
    source: part.source,
    number: part.number,
    blob: JSON.stringify(part.blob),
    checksum: part.checksum,
    created_at: part.createdAt,
    updated_at: part.updatedAt,
  };
}

function partOf(row: PartRow): Part {
  return {
    source: row.source as ReadSetPartSource,
    number: Number(row.number),
    blob: JSON.parse(row.blob) as BlobRef,
    checksum: row.checksum,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}
