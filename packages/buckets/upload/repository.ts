import type { BlobRef } from '@helicase/blobs';
import { holdName, type Records, type Transaction } from '@helicase/records';
import type { Encryption } from '../encryption/encryption.ts';
import type { Checksum, Description } from '../object/model.ts';
import { type BucketTables, tablesOf } from '../tables.ts';

/** What CreateMultipartUpload settled. */
export interface UploadFacts extends Description {
  readonly checksum?: Pick<Checksum, 'algorithm' | 'type'> | undefined;
  readonly encryption?: Encryption | undefined;
}

export interface Upload extends UploadFacts {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAt: number;
}

export interface Part {
  readonly number: number;
  /** Hex MD5. */
  readonly etag: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly blobs: readonly BlobRef[];
  readonly checksum?: Checksum | undefined;
}

export class UploadRepository {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async insert(tx: Transaction, upload: Upload): Promise<void> {
    const { id, bucket, key, initiatedAt, ...doc } = upload;
    const values = { id, bucket, key, initiated_at: initiatedAt, doc: JSON.stringify(doc) };
    await tablesOf(tx).insertInto('bucket_upload').values(values).execute();
  }

  async find(tx: Transaction, bucket: string, key: string, id: string): Promise<Upload | undefined> {
    const row = await tablesOf(tx)
      .selectFrom('bucket_upload')
      .selectAll()
      .where('id', '=', id)
      .where('bucket', '=', bucket)
      .where('key', '=', key)
      .executeTakeFirst();
    return row && uploadOf(row);
  }

  /** Has others that change this upload wait until the transaction ends. */
  async findForChange(tx: Transaction, bucket: string, key: string, id: string): Promise<Upload | undefined> {
    await holdName(tx, this.#records.dialect, `buckets upload ${id}`);
    return this.find(tx, bucket, key, id);
  }

  /** Removes the upload and answers the parts that it had. */
  async remove(tx: Transaction, id: string): Promise<readonly Part[]> {
    await tablesOf(tx).deleteFrom('bucket_upload').where('id', '=', id).execute();
    const rows = await tablesOf(tx)
      .deleteFrom('bucket_part')
      .where('upload', '=', id)
      .returningAll()
      .execute();
    return rows.map(partOf);
  }

  async idsOfBucket(tx: Transaction, bucket: string): Promise<readonly string[]> {
    const rows = await tablesOf(tx)
      .selectFrom('bucket_upload')
      .select('id')
      .where('bucket', '=', bucket)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** By key, then id; after the marker. */
  async list(
    tx: Transaction,
    bucket: string,
    query: {
      readonly prefix: string;
      readonly afterKey: string;
      readonly afterId: string;
      readonly limit: number;
    },
  ): Promise<readonly Upload[]> {
    const rows = await tablesOf(tx)
      .selectFrom('bucket_upload')
      .selectAll()
      .where('bucket', '=', bucket)
      .where('key', '>=', query.prefix)
      .where('key', '<', `${query.prefix}\u{10ffff}`)
      .where(({ eb, and, or }) =>
        or([
          eb('key', '>', query.afterKey),
          and([eb('key', '=', query.afterKey), eb('id', '>', query.afterId)]),
        ]),
      )
      .orderBy('key')
      .orderBy('id')
      .limit(query.limit)
      .execute();
    return rows.map(uploadOf);
  }

  /** Answers the part that had this number before. */
  async putPart(tx: Transaction, upload: string, part: Part): Promise<Part | undefined> {
    const before = await this.#part(tx, upload, part.number);
    const { number, etag, size, modifiedAt, ...doc } = part;
    const values = { etag, size, modified_at: modifiedAt, doc: JSON.stringify(doc) };
    await tablesOf(tx)
      .insertInto('bucket_part')
      .values({ upload, number, ...values })
      .onConflict((conflict) => conflict.columns(['upload', 'number']).doUpdateSet(values))
      .execute();
    return before;
  }

  async parts(tx: Transaction, upload: string, after: number, limit: number): Promise<readonly Part[]> {
    const rows = await tablesOf(tx)
      .selectFrom('bucket_part')
      .selectAll()
      .where('upload', '=', upload)
      .where('number', '>', after)
      .orderBy('number')
      .limit(limit)
      .execute();
    return rows.map(partOf);
  }

  async #part(tx: Transaction, upload: string, number: number): Promise<Part | undefined> {
    const row = await tablesOf(tx)
      .selectFrom('bucket_part')
      .selectAll()
      .where('upload', '=', upload)
      .where('number', '=', number)
      .executeTakeFirst();
    return row && partOf(row);
  }
}

function uploadOf(row: BucketTables['bucket_upload']): Upload {
  const doc = JSON.parse(row.doc) as UploadFacts;
  return { ...doc, id: row.id, bucket: row.bucket, key: row.key, initiatedAt: Number(row.initiated_at) };
}

function partOf(row: BucketTables['bucket_part']): Part {
  const doc = JSON.parse(row.doc) as Pick<Part, 'blobs' | 'checksum'>;
  const { number, etag } = row;
  return { ...doc, number, etag, size: Number(row.size), modifiedAt: Number(row.modified_at) };
}
