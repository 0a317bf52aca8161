import { readBlobs } from '@helicase/blobs';
import { ALGORITHMS, type Algorithm, algorithmNamed } from '../checksum/algorithms.ts';
import { isCombinable } from '../checksum/combine.ts';
import { type Encryption, encryptionHeaders, encryptionOf } from '../encryption/encryption.ts';
import { errors } from '../errors.ts';
import { copyResult, copySource } from '../object/copy.ts';
import type { Checksum } from '../object/model.ts';
import { scopeOf } from '../object/objects-core.ts';
import { type Declared, receive } from '../object/receive.ts';
import { type Answer, numberIn, type ObjectCall, writeEncryption } from '../protocol/call.ts';
import { declaredOf } from '../protocol/declared.ts';
import { checksumHeaders, describe } from '../protocol/object-headers.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { parseCopyRange } from '../protocol/range.ts';
import { xmlDocument } from '../protocol/xml.ts';
import { completeUpload } from './completion.ts';
import { findUpload } from './find.ts';
import { listParts, listUploads } from './lists.ts';
import type { Part, Upload } from './repository.ts';

export const uploadOperations: readonly S3Operation[] = [
  {
    name: 'CreateMultipartUpload',
    action: 's3:PutObject',
    readOnly: false,
    method: 'POST',
    requires: ['uploads'],
    on: 'object',
    handle: createUpload,
  },
  {
    name: 'UploadPart',
    action: 's3:PutObject',
    readOnly: false,
    method: 'PUT',
    requires: ['partNumber', 'uploadId'],
    on: 'object',
    handle: uploadPart,
  },
  {
    name: 'UploadPartCopy',
    action: 's3:PutObject',
    readOnly: false,
    method: 'PUT',
    requires: ['partNumber', 'uploadId'],
    copies: true,
    on: 'object',
    handle: uploadPartCopy,
  },
  {
    name: 'CompleteMultipartUpload',
    action: 's3:PutObject',
    readOnly: false,
    method: 'POST',
    requires: ['uploadId'],
    on: 'object',
    handle: completeUpload,
  },
  {
    name: 'AbortMultipartUpload',
    action: 's3:AbortMultipartUpload',
    readOnly: false,
    method: 'DELETE',
    requires: ['uploadId'],
    on: 'object',
    handle: abortUpload,
  },
  {
    name: 'ListParts',
    action: 's3:ListMultipartUploadParts',
    readOnly: true,
    method: 'GET',
    requires: ['uploadId'],
    on: 'object',
    handle: listParts,
  },
  {
    name: 'ListMultipartUploads',
    action: 's3:ListBucketMultipartUploads',
    readOnly: true,
    method: 'GET',
    requires: ['uploads'],
    on: 'bucket',
    handle: listUploads,
  },
];

async function createUpload(call: ObjectCall): Promise<Answer> {
  const { records, uploads, buckets, ids, clock } = call.rooms;
  const { name: bucket } = call.bucket;
  const checksum = uploadChecksum(call);
  const encryption = await writeEncryption(call);
  const facts = { ...describe(call), checksum, encryption };
  const upload: Upload = { ...facts, id: ids.uuid(), bucket, key: call.key, initiatedAt: clock.now() };
  await records.transaction(async (tx) => {
    if (!(await buckets.hold(tx, bucket))) throw errors.noSuchBucket({ bucket });
    await uploads.insert(tx, upload);
  });
  const document = { Bucket: bucket, Key: call.key, UploadId: upload.id };
  return {
    status: 200,
    headers: {
      'x-amz-checksum-algorithm': checksum?.algorithm.toUpperCase(),
      'x-amz-checksum-type': checksum?.type,
      ...encryptionHeaders(encryption),
    },
    body: xmlDocument('InitiateMultipartUploadResult', document),
  };
}

/** Which checksum the parts have and what the whole's is made of; S3's rules of what goes with what. */
function uploadChecksum(call: ObjectCall): Pick<Checksum, 'algorithm' | 'type'> | undefined {
  const named = call.header('x-amz-checksum-algorithm');
  if (named === undefined) return undefined;
  const algorithm = algorithmNamed(named);
  if (!algorithm) {
    const reason = `it must be one of ${ALGORITHMS.join(', ').toUpperCase()}`;
    throw errors.invalidArgument({ name: 'x-amz-checksum-algorithm', value: named, reason });
  }
  const type =
    call.header('x-amz-checksum-type') ?? (algorithm === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (!typeFits(algorithm, type)) {
    const reason = `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`;
    throw errors.invalidRequest({ reason });
  }
  return { algorithm, type };
}

function typeFits(algorithm: Algorithm, type: string): type is Checksum['type'] {
  if (type === 'FULL_OBJECT') return isCombinable(algorithm);
  return type === 'COMPOSITE' && algorithm !== 'crc64nvme';
}

async function uploadPart(call: ObjectCall): Promise<Answer> {
  const upload = await findUpload(call);
  const declared = declaredOf(call);
  const agreed = upload.checksum?.algorithm;
  if (agreed && declared.algorithm && declared.algorithm !== agreed) {
    const reason = `Checksum Type mismatch occurred, expected checksum Type: ${agreed}, actual checksum Type: ${declared.algorithm}`;
    throw errors.invalidRequest({ reason });
  }
  const algorithm = declared.algorithm ?? agreed;
  const part = await storePart(call, upload, call.raw.body, { ...declared, algorithm });
  return {
    status: 200,
    headers: {
      etag: `"${part.etag}"`,
      ...partChecksumHeader(part),
      ...encryptionHeaders(upload.encryption),
      'content-length': 0,
    },
  };
}

/** A part's checksum is answered without a type: that is the whole's. */
function partChecksumHeader(part: Part): Record<string, string> {
  const { 'x-amz-checksum-type': _type, ...headers } = checksumHeaders(part.checksum);
  return headers;
}

async function uploadPartCopy(call: ObjectCall): Promise<Answer> {
  const upload = await findUpload(call);
  const source = await copySource(call);
  const header = call.header('x-amz-copy-source-range');
  const range = header === undefined ? undefined : parseCopyRange(header, source.size);
  const bytes = readBlobs(call.rooms.vault, source.blobs, range);
  const part = await storePart(call, upload, bytes, { algorithm: upload.checksum?.algorithm });
  const { ChecksumType: _type, ...result } = copyResult(part);
  return { status: 200, body: xmlDocument('CopyPartResult', result) };
}

/** As CreateMultipartUpload settled it, if whoever sends this part may use the key too. */
async function uploadEncryption(
  { bucket, key, raw, rooms }: ObjectCall,
  { encryption }: Upload,
): Promise<Encryption | undefined> {
  if (encryption?.keyArn === undefined) return encryption;
  const asked = { algorithm: encryption.algorithm, key: encryption.keyArn };
  return encryptionOf(rooms.objectKeys, raw, bucket, key, asked);
}

async function storePart(
  call: ObjectCall,
  upload: Upload,
  body: AsyncIterable<Uint8Array>,
  declared: Declared,
): Promise<Part> {
  const bounds = { min: 1, max: 10_000, otherwise: 0 };
  const number = numberIn(call.query.get('partNumber'), 'partNumber', bounds);
  const { records, uploads, vault, core, clock } = call.rooms;
  const sealed = await uploadEncryption(call, upload);
  const received = await receive(vault, scopeOf(call.bucket), body, declared, sealed?.sealedFor);
  const part: Part = { ...received, number, modifiedAt: clock.now() };
  try {
    await records.transaction(async (tx) => {
      const still = await uploads.findForChange(tx, upload.bucket, upload.key, upload.id);
      if (!still) throw errors.noSuchUpload({ upload: upload.id });
      const before = await uploads.putPart(tx, upload.id, part);
      await core.keep(tx, part.blobs);
      await core.release(tx, before?.blobs ?? []);
    });
  } catch (error) {
    await core.discard(part.blobs);
    throw error;
  }
  return part;
}

async function abortUpload(call: ObjectCall): Promise<Answer> {
  const { records, uploads, core } = call.rooms;
  const id = call.query.get('uploadId')!;
  await records.transaction(async (tx) => {
    const found = await uploads.findForChange(tx, call.bucket.name, call.key, id);
    if (!found) throw errors.noSuchUpload({ upload: id });
    for (const part of await uploads.remove(tx, id)) await core.release(tx, part.blobs);
  });
  return { status: 204 };
}
