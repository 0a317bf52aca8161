import type { Readable } from 'node:stream';
import type { BucketViewObjects, Vault } from '@helicase/blobs';
import type { Clock, Ids, Log, ObjectKeys } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { Authorizer, RawRequest } from '@helicase/wire';
import type { Bucket, BucketRepository } from '../bucket/repository.ts';
import { askedEncryption, type Encryption, encryptionOf } from '../encryption/encryption.ts';
import { errors } from '../errors.ts';
import type { ObjectsCore } from '../object/objects-core.ts';
import type { ObjectRepository } from '../object/repository.ts';
import type { UploadRepository } from '../upload/repository.ts';
import { type Asked, authorizeOn } from './authorize.ts';
import type { BucketFinder } from './find-bucket.ts';

/** What is wrong with the text of a bucket's policy, in IAM's words; undefined where it is one. */
export type PolicyFault = (text: string) => string | undefined;

/** What the operations work with. */
export interface Rooms {
  readonly records: Records;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly authorizer: Authorizer;
  readonly buckets: BucketRepository;
  readonly objects: ObjectRepository;
  readonly uploads: UploadRepository;
  readonly core: ObjectsCore;
  readonly finder: BucketFinder;
  readonly policyFault: PolicyFault;
  /** Customers' keys; absent: nothing is sealed with them. */
  readonly objectKeys?: ObjectKeys;
}

/** One request, as an operation's handler gets it. */
export interface Call {
  readonly raw: RawRequest;
  readonly rooms: Rooms;
  readonly query: URLSearchParams;
  /** A request header by lower-case name. */
  header(name: string): string | undefined;
}

/** On an embedded bucket of the caller's account and region. */
export interface BucketCall extends Call {
  readonly bucket: Bucket;
}

export interface ObjectCall extends BucketCall {
  readonly key: string;
}

/** On a read-only view. */
export interface ViewCall extends Call {
  readonly view: BucketViewObjects;
  readonly bucketName: string;
  readonly key: string;
}

/** What a handler answers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: string | Readable;
}

/** Throws AccessDenied where the caller may not do this. */
export async function authorize(call: Call, asked: Asked): Promise<void> {
  await authorizeOn(call.rooms, call.raw, asked);
}

/** How this write shall be sealed: as its headers ask, or its bucket. Throws where the writer may not use the key. */
export function writeEncryption({
  header,
  raw,
  rooms,
  bucket,
  key,
}: ObjectCall): Promise<Encryption | undefined> {
  return encryptionOf(rooms.objectKeys, raw, bucket, key, askedEncryption(header));
}

/** The query's or header's number within bounds, or the default; InvalidArgument otherwise. */
export function numberIn(
  text: string | null | undefined,
  name: string,
  bounds: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  if (text === null || text === undefined || text === '') return bounds.otherwise;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  const reason = `it must be a number from ${bounds.min} to ${bounds.max}`;
  throw errors.invalidArgument({ name, value: text, reason });
}
