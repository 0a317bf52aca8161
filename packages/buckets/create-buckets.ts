import type { BucketView, Objects, OwnedBlob, Vault } from '@helicase/blobs';
import type { Actor, Clock, Ids, Log, ObjectKeys } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { AuthorizationQuestion, Authorizer, RawService } from '@helicase/wire';
import { BucketRepository } from './bucket/repository.ts';
import { ObjectsCore } from './object/objects-core.ts';
import { ObjectRepository } from './object/repository.ts';
import { EmbeddedObjects } from './objects-port/embedded.ts';
import { type ExternalBucketConfig, ExternalObjects } from './objects-port/external.ts';
import { RoutedObjects } from './objects-port/objects.ts';
import { s3Operations } from './operations.ts';
import { ownedBlobs } from './owned-blobs.ts';
import { authorizeOn, questionAbout } from './protocol/authorize.ts';
import type { PolicyFault, Rooms } from './protocol/call.ts';
import { BucketFinder } from './protocol/find-bucket.ts';
import { bucketOf, serve, toldOf } from './protocol/service.ts';
import { migrations } from './tables.ts';
import { UploadRepository } from './upload/repository.ts';

export interface BucketsOptions {
  /** Not open yet: this declares its migrations. */
  readonly records: Records;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly authorizer: Authorizer;
  readonly policyFault: PolicyFault;
  /** Customers' keys that objects are sealed with (SSE-KMS). */
  readonly objectKeys?: ObjectKeys;
  readonly external?: readonly ExternalBucketConfig[];
  /** Read-only buckets of other rooms; asked in this order where no embedded bucket has the name. */
  readonly views?: readonly BucketView[];
  /** Host names whose first label is a bucket, in virtual-host style; `localhost` unless told. */
  readonly domains?: readonly string[];
}

export interface Buckets {
  /** The S3 protocol. */
  readonly raw: RawService;
  /** Objects behind `s3://` URIs, for the other rooms. */
  readonly objects: Objects;
  /** What the authorizer would be asked about the ARN of a bucket or object; undefined where it is none. */
  question(actor: Actor, action: string, arn: string): Promise<AuthorizationQuestion | undefined>;
  /** Every blob that a record of this room points to, for fsck. */
  blobs(): AsyncIterable<OwnedBlob>;
}

export function createBuckets(options: BucketsOptions): Buckets {
  const { records, vault, clock, ids, log, authorizer } = options;
  records.migrations(migrations);
  const buckets = new BucketRepository(records);
  const objects = new ObjectRepository(records);
  const uploads = new UploadRepository(records);
  const core = new ObjectsCore({ records, vault, clock, log, buckets, objects });
  const finder = new BucketFinder(records, buckets, options.views ?? []);
  const rooms: Rooms = {
    records,
    vault,
    clock,
    ids,
    log,
    authorizer,
    buckets,
    objects,
    uploads,
    core,
    finder,
    policyFault: options.policyFault,
    ...(options.objectKeys ? { objectKeys: options.objectKeys } : {}),
  };
  const parts = { rooms, operations: s3Operations, domains: options.domains ?? ['localhost'] };
  const external = (options.external ?? []).map((config) => ({
    prefix: config.prefix,
    objects: new ExternalObjects(config, vault),
  }));
  return {
    raw: {
      name: 's3',
      handle: (request) => serve(parts, request),
      describe: (request) => toldOf(parts, request),
      bucketOf: (request) => bucketOf(parts, request),
    },
    objects: new RoutedObjects(new EmbeddedObjects(rooms), external, (actor, action, { bucket, key }) => {
      const isList = action === 's3:ListBucket';
      const asked = isList ? { action, bucket, conditions: { 's3:prefix': key } } : { action, bucket, key };
      return authorizeOn(rooms, actor, asked);
    }),
    question: (actor, action, arn) => questionAbout(rooms, actor, action, arn),
    blobs: () => ownedBlobs(records),
  };
}
