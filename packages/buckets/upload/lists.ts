import { ownerOf } from '../bucket/operations.ts';
import { checksumElements } from '../object/copy.ts';
import { encodeKey, encodingOf } from '../object/list-operations.ts';
import { type Answer, type BucketCall, numberIn, type ObjectCall } from '../protocol/call.ts';
import { xmlDocument } from '../protocol/xml.ts';
import { errors } from '../errors.ts';
import { findUpload } from './find.ts';

export async function listParts(call: ObjectCall): Promise<Answer> {
  const upload = await findUpload(call);
  const { records, uploads } = call.rooms;
  const limit = numberIn(call.query.get('max-parts'), 'max-parts', { min: 0, max: 2 ** 31, otherwise: 1000 });
  const capped = Math.min(limit, 1000);
  const bounds = { min: 0, max: 2 ** 31, otherwise: 0 };
  const after = numberIn(call.query.get('part-number-marker'), 'part-number-marker', bounds);
  const rows = await uploads.parts(records.direct, upload.id, after, capped + 1);
  const page = rows.slice(0, capped);
  const owner = ownerOf(call.raw.principal.account);
  const body = xmlDocument('ListPartsResult', {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: after,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: capped,
    IsTruncated: rows.length > capped,
    Part: page.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.modifiedAt).toISOString(),
      ETag: `"${part.etag}"`,
      Size: part.size,
      ...{ ...checksumElements(part.checksum), ChecksumType: undefined },
    })),
    Initiator: owner,
    Owner: owner,
    StorageClass: 'STANDARD',
    ChecksumAlgorithm: upload.checksum?.algorithm.toUpperCase(),
    ChecksumType: upload.checksum?.type,
  });
  return { status: 200, body };
}

export async function listUploads(call: BucketCall): Promise<Answer> {
  const { query, rooms } = call;
  if (query.get('delimiter')) {
    throw errors.notImplemented({ feature: 'A delimiter with ListMultipartUploads' });
  }
  const prefix = query.get('prefix') ?? '';
  const afterKey = query.get('key-marker') ?? '';
  const given = query.get('upload-id-marker') ?? '';
  // Without an id marker everything of the marker's key is left out: above every id.
  const afterId = given === '' ? '\u{10ffff}' : given;
  const bounds = { min: 1, max: 2 ** 31, otherwise: 1000 };
  const limit = Math.min(numberIn(query.get('max-uploads'), 'max-uploads', bounds), 1000);
  const { records, uploads } = rooms;
  const rows = await uploads.list(records.direct, call.bucket.name, {
    prefix,
    afterKey,
    afterId,
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  const encoding = encodingOf(query);
  const encode = encoding === undefined ? (key: string) => key : encodeKey;
  const owner = ownerOf(call.raw.principal.account);
  const body = xmlDocument('ListMultipartUploadsResult', {
    Bucket: call.bucket.name,
    KeyMarker: encode(afterKey),
    UploadIdMarker: given,
    NextKeyMarker: last && encode(last.key),
    NextUploadIdMarker: last?.id,
    Prefix: encode(prefix),
    EncodingType: encoding,
    MaxUploads: limit,
    IsTruncated: last !== undefined,
    Upload: page.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      Initiator: owner,
      Owner: owner,
      StorageClass: 'STANDARD',
      Initiated: new Date(upload.initiatedAt).toISOString(),
      ChecksumAlgorithm: upload.checksum?.algorithm.toUpperCase(),
      ChecksumType: upload.checksum?.type,
    })),
  });
  return { status: 200, body };
}
