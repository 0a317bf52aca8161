import { ownerOf } from '../bucket/operations.ts';
import { errors } from '../errors.ts';
import { type Answer, type BucketCall, type Call, numberIn, type ViewCall } from '../protocol/call.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { xmlDocument, type XmlElements } from '../protocol/xml.ts';
import { type KeyPages, listPage } from './listing.ts';
import type { ObjectEntry } from './model.ts';

export const listOperations: readonly S3Operation[] = [
  {
    name: 'ListObjects',
    action: 's3:ListBucket',
    readOnly: true,
    method: 'GET',
    on: 'bucket',
    handle: (call) => listVersionOne(call, call.bucket.name, pagesOf(call)),
    view: (call) => listVersionOne(call, call.bucketName, viewPages(call)),
  },
  {
    name: 'ListObjectsV2',
    action: 's3:ListBucket',
    readOnly: true,
    method: 'GET',
    requires: ['list-type=2'],
    on: 'bucket',
    handle: (call) => listVersionTwo(call, call.bucket.name, pagesOf(call)),
    view: (call) => listVersionTwo(call, call.bucketName, viewPages(call)),
  },
  {
    name: 'ListObjectVersions',
    action: 's3:ListBucketVersions',
    readOnly: true,
    method: 'GET',
    requires: ['versions'],
    on: 'bucket',
    handle: listVersions,
  },
];

function pagesOf(call: BucketCall): KeyPages {
  const { records, objects } = call.rooms;
  return (from, below, limit) => objects.page(records.direct, call.bucket.name, from, below, limit);
}

/** A view lists behind a key, not from one on: the key itself is looked up, but where it is the prefix anyway. */
function viewPages({ view, query }: ViewCall): KeyPages {
  const prefix = query.get('prefix') ?? '';
  return async (from, below, limit) => {
    const fromStart = from.included && from.key === prefix;
    const first = from.included && !fromStart ? await entryAt(view, from.key) : undefined;
    const rest = await view.list(prefix, fromStart ? undefined : from.key, limit);
    const found = first?.key.startsWith(prefix) ? [first, ...rest] : rest;
    return found.filter(({ key }) => below === undefined || isBelow(key, below)).slice(0, limit);
  };
}

async function entryAt(view: ViewCall['view'], key: string): Promise<ObjectEntry | undefined> {
  const facts = await view.head(key);
  return facts && { ...facts, key };
}

function isBelow(key: string, bound: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(bound)) < 0;
}

interface ListAsked {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  /** Encodes keys where the caller asked for it. */
  readonly encode: (key: string) => string;
  readonly encoding: string | undefined;
}

function askedOf({ query }: Call): ListAsked {
  const encoding = encodingOf(query);
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: numberIn(query.get('max-keys'), 'max-keys', { min: 0, max: 2 ** 31 - 1, otherwise: 1000 }),
    encode: encoding === undefined ? (key) => key : encodeKey,
    encoding,
  };
}

export function encodingOf(query: URLSearchParams): string | undefined {
  const encoding = query.get('encoding-type') ?? undefined;
  if (encoding === undefined || encoding === 'url') return encoding;
  throw errors.invalidArgument({ name: 'encoding-type', value: encoding, reason: 'it can only be url' });
}

/** As S3 does for `encoding-type=url`: everything but unreserved characters and the slash. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/');
}

async function listVersionOne(call: Call, name: string, pages: KeyPages): Promise<Answer> {
  const asked = askedOf(call);
  const marker = call.query.get('marker') ?? '';
  const limit = Math.min(asked.limit, 1000);
  const { objects, commonPrefixes, next } = await listPage({ ...asked, limit, after: marker }, pages);
  const body = xmlDocument('ListBucketResult', {
    Name: name,
    Prefix: asked.encode(asked.prefix),
    Marker: asked.encode(marker),
    // Without a delimiter AWS leaves it out: the last key says the same.
    NextMarker: next !== undefined && asked.delimiter !== '' ? asked.encode(next) : undefined,
    MaxKeys: limit,
    Delimiter: asked.delimiter === '' ? undefined : asked.encode(asked.delimiter),
    IsTruncated: next !== undefined,
    EncodingType: asked.encoding,
    Contents: contents(objects, asked, ownerOf(call.raw.principal.account)),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: asked.encode(prefix) })),
  });
  return { status: 200, body };
}

async function listVersionTwo(call: Call, name: string, pages: KeyPages): Promise<Answer> {
  const asked = askedOf(call);
  const startAfter = call.query.get('start-after') ?? '';
  const token = call.query.get('continuation-token') ?? undefined;
  const limit = Math.min(asked.limit, 1000);
  // An empty token is said again in the answer, and is none.
  const after = token === undefined || token === '' ? startAfter : positionOf(token);
  const { objects, commonPrefixes, next } = await listPage({ ...asked, limit, after }, pages);
  const owner = call.query.get('fetch-owner') === 'true' ? ownerOf(call.raw.principal.account) : undefined;
  const body = xmlDocument('ListBucketResult', {
    Name: name,
    Prefix: asked.encode(asked.prefix),
    StartAfter: startAfter === '' ? undefined : asked.encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: next === undefined ? undefined : tokenOf(next),
    KeyCount: objects.length + commonPrefixes.length,
    MaxKeys: limit,
    Delimiter: asked.delimiter === '' ? undefined : asked.encode(asked.delimiter),
    IsTruncated: next !== undefined,
    EncodingType: asked.encoding,
    Contents: contents(objects, asked, owner),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: asked.encode(prefix) })),
  });
  return { status: 200, body };
}

/** As S3 answers for a bucket without versioning: each object is its only version, `null`. */
async function listVersions(call: BucketCall): Promise<Answer> {
  const asked = askedOf(call);
  const marker = call.query.get('key-marker') ?? '';
  const versionMarker = call.query.get('version-id-marker');
  if (versionMarker && marker === '') {
    const reason = 'it needs a key-marker';
    throw errors.invalidArgument({ name: 'version-id-marker', value: versionMarker, reason });
  }
  const limit = Math.min(asked.limit, 1000);
  const { objects, commonPrefixes, next } = await listPage({ ...asked, limit, after: marker }, pagesOf(call));
  const versions = contents(objects, asked, ownerOf(call.raw.principal.account));
  const body = xmlDocument('ListVersionsResult', {
    Name: call.bucket.name,
    Prefix: asked.encode(asked.prefix),
    KeyMarker: asked.encode(marker),
    VersionIdMarker: versionMarker ?? '',
    NextKeyMarker: next === undefined ? undefined : asked.encode(next),
    NextVersionIdMarker: next === undefined ? undefined : 'null',
    MaxKeys: limit,
    Delimiter: asked.delimiter === '' ? undefined : asked.encode(asked.delimiter),
    IsTruncated: next !== undefined,
    EncodingType: asked.encoding,
    Version: versions.map((version) => ({ ...version, VersionId: 'null', IsLatest: true })),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: asked.encode(prefix) })),
  });
  return { status: 200, body };
}

function contents(
  objects: readonly ObjectEntry[],
  asked: ListAsked,
  owner: { ID: string } | undefined,
): XmlElements[] {
  return objects.map(({ key, size, etag, modifiedAt }) => ({
    Key: asked.encode(key),
    LastModified: new Date(modifiedAt).toISOString(),
    ETag: `"${etag}"`,
    Size: size,
    StorageClass: 'STANDARD',
    Owner: owner,
  }));
}

/** Tokens give no right that `start-after` would not give too; they are only opaque. */
function tokenOf(position: string): string {
  return Buffer.from(`1${position}`, 'utf8').toString('base64url');
}

function positionOf(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text.length > 1 && text.startsWith('1')) return text.slice(1);
  const reason = 'it is not one that this server gave';
  throw errors.invalidArgument({ name: 'continuation-token', value: token, reason });
}
