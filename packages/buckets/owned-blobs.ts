import type { BlobRef, OwnedBlob } from '@helicase/blobs';
import { type Records, type Transaction } from '@helicase/records';
import { type BucketTables, tablesOf } from './tables.ts';

const READ_AT_ONCE = 500;

interface Doc {
  readonly blobs: readonly BlobRef[];
  readonly partSizes?: readonly number[];
}

/** Every blob that an object, or a part of an unfinished multipart upload, of any bucket points to. */
export async function* ownedBlobs(records: Records): AsyncGenerator<OwnedBlob> {
  for await (const row of rowsOfObjects(records.direct)) {
    const { blobs, partSizes } = JSON.parse(row.doc) as Doc;
    const owner = `object s3://${row.bucket}/${row.key}`;
    // Of an object made of parts, the ETag is no digest of its bytes.
    const whole = blobs.length === 1 && partSizes === undefined;
    for (const blob of blobs) yield { owner, blob, ...(whole ? { md5: row.etag } : {}) };
  }
  for await (const row of rowsOfParts(records.direct)) {
    const { blobs } = JSON.parse(row.doc) as Doc;
    for (const blob of blobs) yield { owner: `part ${row.number} of upload ${row.upload}`, blob };
  }
}

async function* rowsOfObjects(tx: Transaction): AsyncGenerator<BucketTables['bucket_object']> {
  for (let last: BucketTables['bucket_object'] | undefined; ;) {
    let query = tablesOf(tx).selectFrom('bucket_object').selectAll();
    if (last) {
      const { bucket, key } = last;
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('bucket', 'key'), '>', tuple(bucket, key)),
      );
    }
    const rows = await query.orderBy('bucket').orderBy('key').limit(READ_AT_ONCE).execute();
    yield* rows;
    last = rows.at(-1);
    if (!last) return;
  }
}

async function* rowsOfParts(tx: Transaction): AsyncGenerator<BucketTables['bucket_part']> {
  for (let last: BucketTables['bucket_part'] | undefined; ;) {
    let query = tablesOf(tx).selectFrom('bucket_part').selectAll();
    if (last) {
      const { upload, number } = last;
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('upload', 'number'), '>', tuple(upload, number)),
      );
    }
    const rows = await query.orderBy('upload').orderBy('number').limit(READ_AT_ONCE).execute();
    yield* rows;
    last = rows.at(-1);
    if (!last) return;
  }
}
