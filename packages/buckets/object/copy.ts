import { readBlobs } from '@helicase/blobs';
import { allowOpening, type Encryption, encryptionHeaders } from '../encryption/encryption.ts';
import { errors } from '../errors.ts';
import { algorithmNamed } from '../checksum/algorithms.ts';
import { type Names, splitBucket } from '../protocol/address.ts';
import { type Answer, authorize, type Call, type ObjectCall, writeEncryption } from '../protocol/call.ts';
import { expectOwner } from '../protocol/expected-owner.ts';
import { judgeCopySource, readConditions, writeConditions } from '../protocol/conditions.ts';
import { describe, tagsOf } from '../protocol/object-headers.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { xmlDocument, type XmlElements } from '../protocol/xml.ts';
import { type Checksum, type Description, type StoredObject } from './model.ts';
import { scopeOf } from './objects-core.ts';
import { storedInView } from './read-operations.ts';
import { receive } from './receive.ts';

export const copyOperation: S3Operation = {
  name: 'CopyObject',
  action: 's3:PutObject',
  readOnly: false,
  method: 'PUT',
  copies: true,
  on: 'object',
  handle: copyObject,
};

async function copyObject(call: ObjectCall): Promise<Answer> {
  const source = await copySource(call);
  const description = describedCopy(call, source);
  const itself = source.bucket === call.bucket.name && source.key === call.key;
  const encryption = await writeEncryption(call);
  const stored =
    itself && !sealsAnew(source, encryption)
      ? await redescribe(call, source, description)
      : await copyBytes(call, source, description, encryption);
  return {
    status: 200,
    headers: encryptionHeaders(stored.encryption),
    body: xmlDocument('CopyObjectResult', copyResult(stored)),
  };
}

/** A copy onto itself under another key is a copy of the bytes. */
function sealsAnew({ encryption }: StoredObject, wanted: Encryption | undefined): boolean {
  return wanted !== undefined && wanted.sealedFor !== encryption?.sealedFor;
}

/** ETag, time and checksum, as both kinds of copy answer them. */
export function copyResult(copied: {
  readonly etag: string;
  readonly modifiedAt: number;
  readonly checksum?: Checksum | undefined;
}): XmlElements {
  return {
    LastModified: new Date(copied.modifiedAt).toISOString(),
    ETag: `"${copied.etag}"`,
    ...checksumElements(copied.checksum),
  };
}

/** `ChecksumCRC32C` and `ChecksumType`, for documents. */
export function checksumElements(checksum: Checksum | undefined): XmlElements {
  if (!checksum) return {};
  return { [`Checksum${checksum.algorithm.toUpperCase()}`]: checksum.value, ChecksumType: checksum.type };
}

/** The object that `x-amz-copy-source` names, which the caller must be allowed to read. */
export async function copySource(call: Call): Promise<StoredObject> {
  const { bucket, key } = sourceAddress(call.header('x-amz-copy-source')!, (arn) =>
    call.rooms.finder.aliasOf(arn),
  );
  await authorize(call, { action: 's3:GetObject', bucket, key });
  await expectOwner(call, 'x-amz-source-expected-bucket-owner', bucket);
  const { finder, objects, records } = call.rooms;
  const place = await finder.find(call.raw, bucket);
  const found = place.kind === 'bucket' ? await objects.find(records.direct, bucket, key) : await viewed();
  if (!found) throw errors.noSuchKey({ bucket, key });
  judgeCopySource(readConditions(call.header, 'x-amz-copy-source-'), found);
  await allowOpening(call.rooms.objectKeys, call.raw, found);
  return found;

  async function viewed(): Promise<StoredObject | undefined> {
    const facts = place.kind === 'view' ? await place.view.head(key) : undefined;
    return facts && storedInView(facts, bucket, key);
  }
}

/**
 * The bucket and key that `x-amz-copy-source` names: `bucket/key` or `/bucket/key`, or an access point's ARN and
 * `/object/key`; percent-encoded, with a version that can only be `null`.
 */
export function sourceAddress(
  header: string,
  aliasOf: Names['aliasOf'],
): { readonly bucket: string; readonly key: string } {
  const invalid = (reason: string) =>
    errors.invalidArgument({ name: 'x-amz-copy-source', value: header, reason });
  const [path, versionQuery] = header.replace(/^\//, '').split('?versionId=') as [string, string?];
  if (versionQuery !== undefined && versionQuery !== 'null') {
    throw errors.noSuchVersion({ version: versionQuery });
  }
  let named: { readonly bucket: string; readonly key: string };
  try {
    const { arn, bucket, rest } = splitBucket(path);
    const key = arn ? (/^object\/(.*)$/s.exec(rest)?.[1] ?? '') : rest;
    named = { bucket: (arn ? aliasOf(bucket) : undefined) ?? bucket, key: decodeURIComponent(key) };
  } catch {
    throw invalid('it cannot be decoded');
  }
  if (named.bucket === '' || named.key === '')
    throw invalid("it must be bucket/key, or an access point's ARN and /object/key");
  return named;
}

/** The directives say whether metadata and tags come from the source or from this request. */
function describedCopy(call: ObjectCall, source: StoredObject): Description {
  const own = describe(call);
  const metadata = directive(call, 'x-amz-metadata-directive') === 'REPLACE' ? own : source;
  const tags = directive(call, 'x-amz-tagging-directive') === 'REPLACE' ? tagsOf(call) : source.tags;
  return { headers: metadata.headers, metadata: metadata.metadata, tags };
}

function directive(call: ObjectCall, name: string): 'COPY' | 'REPLACE' {
  const value = call.header(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw errors.invalidArgument({ name, value, reason: 'it must be COPY or REPLACE' });
}

/** A copy onto itself changes what is said of the object and leaves its bytes where they are. */
async function redescribe(call: ObjectCall, source: StoredObject, said: Description): Promise<StoredObject> {
  const replaces = ['x-amz-metadata-directive', 'x-amz-tagging-directive'].some(
    (name) => call.header(name) === 'REPLACE',
  );
  if (!replaces) {
    throw errors.invalidRequest({
      reason:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
    });
  }
  const { records, objects, core } = call.rooms;
  return records.transaction(async (tx) => {
    const now = await objects.findForWrite(tx, source.bucket, source.key);
    if (!now) throw errors.noSuchKey({ bucket: source.bucket, key: source.key });
    const { bucket, key, modifiedAt: _modifiedAt, ...content } = now;
    return core.point(tx, bucket, key, { ...content, ...said }, writeConditions(call.header));
  });
}

async function copyBytes(
  call: ObjectCall,
  source: StoredObject,
  said: Description,
  encryption: Encryption | undefined,
): Promise<StoredObject> {
  const { vault, core } = call.rooms;
  const asked = call.header('x-amz-checksum-algorithm');
  const algorithm = asked === undefined ? source.checksum?.algorithm : algorithmNamed(asked);
  const bytes = readBlobs(vault, source.blobs);
  const declared = { size: source.size, algorithm };
  const received = await receive(vault, scopeOf(call.bucket), bytes, declared, encryption?.sealedFor);
  const content = { ...said, ...received, encryption };
  return core.commit(call.bucket.name, call.key, content, writeConditions(call.header));
}
