import { createHash } from 'node:crypto';
import type { BucketView, BucketViewObject, BucketViewObjects, ObjectFacts } from '@helicase/blobs';
import type { Room } from '../room.ts';
import { fileBlobs, fileSize, type StoredFile } from '../stored-file.ts';
import {
  type AccessPoint,
  accessPointAlias,
  accessPointArn,
  parseAccessPointArn,
  parseAlias,
  resourcePrefix,
} from './access-point.ts';
import { accessPolicyOf } from './policy.ts';
import { readSetShelf } from './read-set-shelf.ts';
import { referenceShelf } from './reference-shelf.ts';

/** One file of a store as S3 shows it. */
export interface ShownFile {
  /** Of the read set or reference. */
  readonly id: string;
  readonly file: StoredFile;
  /** Milliseconds. */
  readonly modifiedAt: number;
}

/** What a store shows: files by resource id and name. */
export interface Shelf {
  /** A ServiceError where there is such a file that cannot be read now. */
  find(
    id: string,
    name: string,
  ): Promise<(ShownFile & { readonly tags: BucketViewObject['tags'] }) | undefined>;
  /** Tags of a resource's files, whatever its state; none where there is no such resource. */
  tagsOf(id: string): Promise<BucketViewObject['tags']>;
  /** Files of resources whose id is not less than `fromId`, by id; whole resources, at least `limit` files where there are. */
  list(fromId: string, limit: number): Promise<readonly ShownFile[]>;
}

/** Sequence and reference stores as read-only buckets, under their access points' aliases. */
export function accessPointView(room: Room): BucketView {
  return {
    aliasOf(arn) {
      const point = parseAccessPointArn(arn);
      return point && accessPointAlias(point);
    },
    async find(actor, bucket) {
      const named = parseAlias(actor.scope.region, bucket);
      const point = named && (await pointOf(room, named));
      return point && viewOf(room, point);
    },
  };
}

async function pointOf(room: Room, named: Omit<AccessPoint, 'kind'>): Promise<AccessPoint | undefined> {
  const { sequenceStores, referenceStores } = room.tables;
  const { direct } = room.records;
  if (await sequenceStores.find(direct, named.scope, named.store)) return { ...named, kind: 'sequenceStore' };
  if (await referenceStores.find(direct, named.scope, named.store))
    return { ...named, kind: 'referenceStore' };
  return undefined;
}

async function viewOf(room: Room, point: AccessPoint): Promise<BucketViewObjects> {
  const policy = await accessPolicyOf(room, point);
  const shelf = point.kind === 'sequenceStore' ? readSetShelf(room, point) : referenceShelf(room, point);
  const prefix = resourcePrefix(point);
  return {
    guard: {
      owner: point.scope.account,
      accessPointArn: accessPointArn(point),
      ...(policy ? { policies: [policy.text] } : {}),
      async tags(key) {
        const place = placeOf(prefix, key);
        return place && Object.fromEntries(await shelf.tagsOf(place.id));
      },
    },
    async head(key) {
      const place = placeOf(prefix, key);
      const shown = place && (await shelf.find(place.id, place.name));
      if (!shown) return undefined;
      const { file, tags } = shown;
      const sha256 =
        file.sha256 === undefined ? {} : { sha256: Buffer.from(file.sha256, 'hex').toString('base64') };
      return { ...factsOf(point, prefix, shown), blobs: fileBlobs(file), tags, ...sha256 };
    },
    list: (asked, after, limit) => list(point, shelf, { prefix: asked, after: after ?? '', limit }),
  };
}

function placeOf(prefix: string, key: string): { readonly id: string; readonly name: string } | undefined {
  const match = key.startsWith(prefix) ? /^([0-9]+)\/(.+)$/s.exec(key.slice(prefix.length)) : null;
  return match ? { id: match[1]!, name: match[2]! } : undefined;
}

function factsOf(
  point: AccessPoint,
  prefix: string,
  shown: ShownFile,
): ObjectFacts & { readonly key: string } {
  const key = `${prefix}${shown.id}/${shown.file.name}`;
  return {
    key,
    uri: `s3://${accessPointAlias(point)}/${key}`,
    size: fileSize(shown.file),
    etag: etagOf(shown.file),
    modifiedAt: shown.modifiedAt,
  };
}

/**
 * Of the file's bytes, as they are now (the guide, "ETag calculation and data provenance": it may change with each
 * activation). Its ending is that of multipart uploads, whose ETags clients do not take for an MD5.
 */
function etagOf(file: StoredFile): string {
  if (file.sha256 !== undefined) return `${file.sha256.slice(0, 32)}-1`;
  const blobs = fileBlobs(file).map(({ id }) => id);
  return `${createHash('sha256').update(blobs.join()).digest('hex').slice(0, 32)}-1`;
}

interface ListAsked {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
}

async function list(point: AccessPoint, shelf: Shelf, { prefix: asked, after, limit }: ListAsked) {
  const prefix = resourcePrefix(point);
  if (!asked.startsWith(prefix) && !prefix.startsWith(asked)) return [];
  const found: (ObjectFacts & { readonly key: string })[] = [];
  // Ids are digits, so that their order is that of the keys.
  let fromId = [asked, after]
    .map((key) => idIn(prefix, key))
    .sort()
    .at(-1)!;
  if (fromId === BEHIND_ALL) return [];
  for (;;) {
    const batch = await shelf.list(fromId, limit);
    for (const shown of batch) {
      const facts = factsOf(point, prefix, shown);
      if (compareBytes(facts.key, after) > 0 && facts.key.startsWith(asked)) found.push(facts);
    }
    const last = batch.at(-1);
    const past = last && last.id > asked.slice(prefix.length) && !`${prefix}${last.id}/`.startsWith(asked);
    if (found.length >= limit || batch.length < limit || !last || past) break;
    fromId = `${last.id}/`; // '/' comes before every digit: the next id, whatever its length
  }
  return found.sort((a, b) => compareBytes(a.key, b.key)).slice(0, limit);
}

/** Greater than every id. */
const BEHIND_ALL = '~';

/** The id from which on keys are not less than this one. */
function idIn(prefix: string, key: string): string {
  if (key.startsWith(prefix)) return /^[0-9]*/.exec(key.slice(prefix.length))![0];
  return compareBytes(key, prefix) < 0 ? '' : BEHIND_ALL;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
