import { errors } from '../errors.ts';
import type { Answer, BucketCall } from '../protocol/call.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { readSmallBody } from '../protocol/request-xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html: 20 KB. */
const LONGEST = 20 * 1024;
const common = { on: 'bucket', requires: ['policy'] } as const;

/** A bucket's policy: what its account lets others do with it, and what it lets nobody do. */
export const policyOperations: readonly S3Operation[] = [
  {
    ...{ ...common, name: 'PutBucketPolicy', action: 's3:PutBucketPolicy', readOnly: false, method: 'PUT' },
    handle: putPolicy,
  },
  {
    ...{ ...common, name: 'GetBucketPolicy', action: 's3:GetBucketPolicy', readOnly: true, method: 'GET' },
    handle: getPolicy,
  },
  {
    ...{ ...common, name: 'DeleteBucketPolicy', action: 's3:DeleteBucketPolicy', readOnly: false },
    method: 'DELETE',
    handle: deletePolicy,
  },
];

async function putPolicy(call: BucketCall): Promise<Answer> {
  refuseForeign(call);
  const text = (await readSmallBody(call.raw.body)).toString('utf8');
  const size = Buffer.byteLength(text);
  if (size > LONGEST) throw errors.entityTooLarge({ what: 'bucket policy', limit: LONGEST });
  const fault = call.rooms.policyFault(text) ?? foreignResource(text, call.bucket.name);
  if (fault !== undefined) throw errors.malformedPolicy({ fault });
  await set(call, text);
  return { status: 204 };
}

async function getPolicy(call: BucketCall): Promise<Answer> {
  refuseForeign(call);
  const { name, policy } = call.bucket;
  if (policy === undefined) throw errors.noSuchBucketPolicy({ bucket: name });
  return { status: 200, headers: { 'content-type': 'application/json' }, body: policy };
}

async function deletePolicy(call: BucketCall): Promise<Answer> {
  refuseForeign(call);
  await set(call, null);
  return { status: 204 };
}

/** "If you are using an identity other than the root user …, the identity must belong to the bucket owner's account." */
function refuseForeign({ bucket, raw }: BucketCall): void {
  if (raw.principal.account !== bucket.account)
    throw errors.methodNotAllowed({ method: raw.request.method ?? '' });
}

async function set({ bucket, rooms }: BucketCall, policy: string | null): Promise<void> {
  const { buckets, records } = rooms;
  await records.transaction(async (tx) => {
    if (!(await buckets.hold(tx, bucket.name))) throw errors.noSuchBucket({ bucket: bucket.name });
    await buckets.setPolicy(tx, bucket.name, policy);
  });
}

/** A statement about another bucket would never say anything: S3 refuses it. The text is a policy already. */
function foreignResource(text: string, bucket: string): string | undefined {
  const { Statement } = JSON.parse(text) as { readonly Statement: object };
  const named = [Statement].flat().flatMap((statement) => {
    const { NotResource, Resource } = statement as {
      Resource?: string | string[];
      NotResource?: string | string[];
    };
    return [Resource ?? [], NotResource ?? []].flat();
  });
  const own = `arn:aws:s3:::${bucket}`;
  const isOwn = (arn: string) =>
    arn === '*' || arn === own || (arn.startsWith(own) && /[/*]/.test(arn[own.length]!));
  const other = named.find((arn) => !isOwn(arn));
  return other === undefined
    ? undefined
    : `Policy has invalid resource: ${other} is not of the bucket ${bucket}`;
}
