import type { Actor } from '@helicase/kernel';
import type { BucketGuard } from '@helicase/blobs';
import type { AuthorizationQuestion, ConditionKeys, Origin } from '@helicase/wire';
import type { Bucket } from '../bucket/repository.ts';
import { errors } from '../errors.ts';
import type { Rooms } from './call.ts';

/** Who asks: a request, or a job, which has no origin. */
export interface Asking extends Actor {
  readonly origin?: Origin;
}

/** What is asked for. Without a key it is the bucket itself, without a bucket all of them. */
export interface Asked {
  readonly action: string;
  readonly bucket?: string;
  readonly key?: string | undefined;
  readonly conditions?: ConditionKeys;
}

/** "The root principal in a bucket owner's account can perform [these], even if their bucket policy explicitly denies" them. */
const OWN_POLICY = /^s3:(?:Get|Put|Delete)BucketPolicy$/;

type Parts = Pick<Rooms, 'authorizer' | 'records' | 'buckets' | 'objects' | 'finder'>;

/** Throws AccessDenied where the asker may not do this, by its policies and the bucket's. */
export async function authorizeOn(parts: Parts, asking: Asking, asked: Asked): Promise<void> {
  const verdict = await parts.authorizer.authorize(await questionOn(parts, asking, asked));
  if (!verdict.allowed) throw errors.denied({ message: verdict.message });
}

/** What the authorizer is asked: the bucket's owner, policies and keys come with it. */
export async function questionOn(
  parts: Omit<Parts, 'authorizer'>,
  asking: Asking,
  asked: Asked,
): Promise<AuthorizationQuestion> {
  const { principal, scope, origin } = asking;
  const { action, bucket, key } = asked;
  const guard = bucket === undefined ? undefined : await guardOf(parts, asking, bucket);
  const resource = bucket === undefined ? '*' : resourceOf(bucket, key, guard?.accessPointArn);
  const tagsOf = guard?.tags;
  const isRescue = principal.kind === 'root' && principal.account === guard?.owner && OWN_POLICY.test(action);
  return {
    ...{ principal, scope, action, resources: [resource] },
    ...(origin ? { origin } : {}),
    ...(guard ? { owner: guard.owner } : {}),
    ...(guard?.policies && !isRescue ? { resourcePolicies: guard.policies } : {}),
    ...(tagsOf && key !== undefined ? { tags: () => tagsOf(key) } : {}),
    conditions: {
      ...asked.conditions,
      's3:ResourceAccount': guard?.owner,
      's3:DataAccessPointArn': guard?.accessPointArn,
      's3:DataAccessPointAccount': guard?.accessPointArn?.split(':')[4],
    },
  };
}

/** What policies name: through an access point it is the access point, and the object under it. */
function resourceOf(bucket: string, key: string | undefined, accessPointArn: string | undefined): string {
  if (accessPointArn !== undefined)
    return key === undefined ? accessPointArn : `${accessPointArn}/object/${key}`;
  return key === undefined ? bucketArn(bucket) : objectArn(bucket, key);
}

async function guardOf(
  parts: Omit<Parts, 'authorizer'>,
  asking: Asking,
  name: string,
): Promise<BucketGuard | undefined> {
  const bucket = await parts.buckets.find(parts.records.direct, name);
  return bucket ? guardOfBucket(parts, bucket) : parts.finder.viewGuard(asking, name);
}

function guardOfBucket(
  { objects, records }: Omit<Parts, 'authorizer'>,
  { name, account, policy }: Bucket,
): BucketGuard {
  return {
    owner: account,
    ...(policy === undefined ? {} : { policies: [policy] }),
    async tags(key) {
      const found = await objects.find(records.direct, name, key);
      return found && Object.fromEntries(found.tags);
    },
  };
}

export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

/** The question about `arn:aws:s3:::bucket` or an object in it; undefined where the ARN names neither. */
export async function questionAbout(
  parts: Omit<Parts, 'authorizer'>,
  asking: Asking,
  action: string,
  arn: string,
): Promise<AuthorizationQuestion | undefined> {
  const [, bucket, key] = /^arn:aws:s3:::([^/*?]+)(?:\/(.+))?$/s.exec(arn) ?? [];
  return bucket === undefined ? undefined : questionOn(parts, asking, { action, bucket, key });
}
