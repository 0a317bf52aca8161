import { holdName, type Records, type Transaction } from '@helicase/records';
import { type BucketTables, tablesOf } from '../tables.ts';
import type { ObjectContent, ObjectEntry, StoredObject } from './model.ts';

export class ObjectRepository {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async find(tx: Transaction, bucket: string, key: string): Promise<StoredObject | undefined> {
    const row = await tablesOf(tx)
      .selectFrom('bucket_object')
      .selectAll()
      .where('bucket', '=', bucket)
      .where('key', '=', key)
      .executeTakeFirst();
    return row && objectOf(row);
  }

  /** Has other writers of this key wait, and answers what is there. */
  async findForWrite(tx: Transaction, bucket: string, key: string): Promise<StoredObject | undefined> {
    await holdName(tx, this.#records.dialect, `buckets object ${bucket}/${key}`);
    return this.find(tx, bucket, key);
  }

  async put(
    tx: Transaction,
    place: { readonly bucket: string; readonly key: string; readonly modifiedAt: number },
    content: ObjectContent,
  ): Promise<void> {
    const { etag, size, ...doc } = content;
    const values = { etag, size, modified_at: place.modifiedAt, doc: JSON.stringify(doc) };
    await tablesOf(tx)
      .insertInto('bucket_object')
      .values({ bucket: place.bucket, key: place.key, ...values })
      .onConflict((conflict) => conflict.columns(['bucket', 'key']).doUpdateSet(values))
      .execute();
  }

  /** Answers what was removed. */
  async remove(tx: Transaction, bucket: string, key: string): Promise<StoredObject | undefined> {
    const row = await tablesOf(tx)
      .deleteFrom('bucket_object')
      .where('bucket', '=', bucket)
      .where('key', '=', key)
      .returningAll()
      .executeTakeFirst();
    return row && objectOf(row);
  }

  async isEmpty(tx: Transaction, bucket: string): Promise<boolean> {
    const query = tablesOf(tx).selectFrom('bucket_object').select('key').where('bucket', '=', bucket);
    return (await query.limit(1).execute()).length === 0;
  }

  /** In the order of the keys' UTF-8 bytes: `from` included, or after it. */
  async page(
    tx: Transaction,
    bucket: string,
    from: { readonly key: string; readonly included: boolean },
    below: string | undefined,
    limit: number,
  ): Promise<readonly ObjectEntry[]> {
    let query = tablesOf(tx)
      .selectFrom('bucket_object')
      .select(['key', 'etag', 'size', 'modified_at'])
      .where('bucket', '=', bucket)
      .where('key', from.included ? '>=' : '>', from.key);
    if (below !== undefined) query = query.where('key', '<', below);
    const rows = await query.orderBy('key').limit(limit).execute();
    return rows.map((row) => ({
      key: row.key,
      etag: row.etag,
      size: Number(row.size),
      modifiedAt: Number(row.modified_at),
    }));
  }
}

function objectOf(row: BucketTables['bucket_object']): StoredObject {
  const doc = JSON.parse(row.doc) as Omit<ObjectContent, 'etag' | 'size'>;
  const { bucket, key, etag } = row;
  return { ...doc, bucket, key, etag, size: Number(row.size), modifiedAt: Number(row.modified_at) };
}
