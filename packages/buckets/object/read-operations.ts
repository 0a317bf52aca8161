import type { Readable } from 'node:stream';
import { type BucketViewObject, type ByteRange, readBlobs } from '@helicase/blobs';
import { allowOpening } from '../encryption/encryption.ts';
import { errors } from '../errors.ts';
import { type Answer, type Call, numberIn, type ObjectCall, type ViewCall } from '../protocol/call.ts';
import { judgeRead, readConditions } from '../protocol/conditions.ts';
import { answerHeaders, checksumHeaders, overrides } from '../protocol/object-headers.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { parseRange } from '../protocol/range.ts';
import { NOTHING_SAID, type StoredObject } from './model.ts';

export const readOperations: readonly S3Operation[] = [
  {
    name: 'GetObject',
    action: 's3:GetObject',
    readOnly: true,
    method: 'GET',
    on: 'object',
    handle: async (call) => answer(call, await openable(call), true),
    view: async (call) => answer(call, await findInView(call), true),
  },
  {
    name: 'HeadObject',
    action: 's3:GetObject',
    readOnly: true,
    method: 'HEAD',
    on: 'object',
    handle: async (call) => answer(call, await findObject(call), false),
    view: async (call) => answer(call, await findInView(call), false),
  },
];

/** The object that the call names, whose bytes the caller may have. */
async function openable(call: ObjectCall): Promise<StoredObject> {
  const found = await findObject(call);
  await allowOpening(call.rooms.objectKeys, call.raw, found);
  return found;
}

/** The object that the call names, or NoSuchKey. */
export async function findObject(call: ObjectCall): Promise<StoredObject> {
  const { records, objects } = call.rooms;
  const found = await objects.find(records.direct, call.bucket.name, call.key);
  if (!found) throw errors.noSuchKey({ bucket: call.bucket.name, key: call.key });
  return found;
}

/** The view's object that the call names, or NoSuchKey. */
export async function findInView(call: ViewCall): Promise<StoredObject> {
  const { bucketName: bucket, key, view } = call;
  const found = await view.head(key);
  if (!found) throw errors.noSuchKey({ bucket, key });
  return storedInView(found, bucket, key);
}

/** A view's object as the protocol answers it. */
export function storedInView(found: BucketViewObject, bucket: string, key: string): StoredObject {
  const { blobs, size, etag, modifiedAt, tags, sha256 } = found;
  const checksum = sha256 && { algorithm: 'sha256' as const, value: sha256, type: 'FULL_OBJECT' as const };
  return {
    ...NOTHING_SAID,
    bucket,
    key,
    size,
    etag,
    modifiedAt,
    blobs,
    tags,
    ...(checksum ? { checksum } : {}),
  };
}

function answer(call: Call, found: StoredObject, withBody: boolean): Answer {
  const headers = answerHeaders(found);
  if (judgeRead(readConditions(call.header), found) === 'not-modified') {
    const { etag, 'last-modified': modified } = headers;
    return { status: 304, headers: { etag, 'last-modified': modified } };
  }
  const part = partOf(call, found);
  const range = part?.range ?? requestedRange(call, found);
  const whole = range === undefined;
  const length = range ? range.end - range.start + 1 : found.size;
  const full = {
    ...headers,
    ...overrides(call.query),
    ...(whole && call.header('x-amz-checksum-mode') === 'ENABLED' ? checksumHeaders(found.checksum) : {}),
    'content-length': length,
    'content-range': range && `bytes ${range.start}-${range.end}/${found.size}`,
    'x-amz-mp-parts-count': part?.count,
  };
  const status = whole ? 200 : 206;
  if (!withBody) return { status, headers: full };
  return { status, headers: full, body: bodyOf(call, found, range) };
}

function bodyOf(call: Call, found: StoredObject, range: ByteRange | undefined): Readable {
  return readBlobs(call.rooms.vault, found.blobs, range);
}

function requestedRange(call: Call, found: StoredObject): ByteRange | undefined {
  const unless = call.header('if-range');
  const fits =
    unless === undefined || unless === `"${found.etag}"` || Date.parse(unless) >= found.modifiedAt - 999;
  return fits ? parseRange(call.header('range'), found.size) : undefined;
}

/** `partNumber=n` asks for one part of a multipart upload; an object of one piece is its part 1. */
function partOf(
  call: Call,
  found: StoredObject,
): { range: ByteRange | undefined; count: number } | undefined {
  if (!call.query.has('partNumber')) return undefined;
  const bounds = { min: 1, max: 10_000, otherwise: 1 };
  const part = numberIn(call.query.get('partNumber'), 'partNumber', bounds);
  const sizes = found.partSizes ?? [found.size];
  const size = sizes[part - 1];
  if (size === undefined) throw errors.invalidPartNumber({ part, count: sizes.length });
  const start = sizes.slice(0, part - 1).reduce((sum, before) => sum + before, 0);
  return { range: size === 0 ? undefined : { start, end: start + size - 1 }, count: sizes.length };
}
