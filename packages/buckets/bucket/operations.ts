import { createHash } from 'node:crypto';
import { errors } from '../errors.ts';
import { bucketArn } from '../protocol/authorize.ts';
import { type Answer, type BucketCall, type Call, numberIn } from '../protocol/call.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { childText, parseRequest, readSmallBody } from '../protocol/request-xml.ts';
import { xmlDocument } from '../protocol/xml.ts';
import { isBucketName } from './name.ts';

/** The default region, in which AWS has rules of its own. */
const FIRST_REGION = 'us-east-1';

export const bucketOperations: readonly S3Operation[] = [
  {
    name: 'ListBuckets',
    action: 's3:ListAllMyBuckets',
    readOnly: true,
    method: 'GET',
    on: 'service',
    handle: listBuckets,
  },
  {
    name: 'CreateBucket',
    action: 's3:CreateBucket',
    readOnly: false,
    method: 'PUT',
    on: 'name',
    handle: createBucket,
  },
  {
    name: 'DeleteBucket',
    action: 's3:DeleteBucket',
    readOnly: false,
    method: 'DELETE',
    on: 'bucket',
    handle: deleteBucket,
  },
  {
    name: 'HeadBucket',
    action: 's3:ListBucket',
    readOnly: true,
    method: 'HEAD',
    on: 'bucket',
    handle: async ({ bucket }) => headed(bucket.region, false),
    view: async ({ raw, view }) => headed(raw.scope.region, view.guard?.accessPointArn !== undefined),
  },
  {
    name: 'GetBucketLocation',
    action: 's3:GetBucketLocation',
    readOnly: true,
    method: 'GET',
    requires: ['location'],
    on: 'bucket',
    handle: async ({ bucket }) => located(bucket.region),
    view: async ({ raw }) => located(raw.scope.region),
  },
  {
    name: 'GetBucketVersioning',
    action: 's3:GetBucketVersioning',
    readOnly: true,
    method: 'GET',
    requires: ['versioning'],
    on: 'bucket',
    // A bucket that was never versioned answers no status at all.
    handle: async () => ({ status: 200, body: xmlDocument('VersioningConfiguration', {}) }),
  },
];

/** The account's canonical user id, as owners are named in lists. */
export function ownerOf(account: string): { ID: string } {
  return { ID: createHash('sha256').update(`canonical user of ${account}`).digest('hex') };
}

async function listBuckets(call: Call): Promise<Answer> {
  const { records, buckets } = call.rooms;
  const limit = numberIn(call.query.get('max-buckets'), 'max-buckets', {
    min: 1,
    max: 10_000,
    otherwise: 10_000,
  });
  const prefix = call.query.get('prefix') ?? '';
  // A name: it gives no right that asking for the next name would not give, and only own buckets are listed.
  const after = call.query.get('continuation-token') ?? '';
  const account = call.raw.principal.account;
  const rows = await buckets.list(records.direct, account, { prefix, after, limit: limit + 1 });
  const page = rows.slice(0, limit);
  const body = xmlDocument('ListAllMyBucketsResult', {
    Owner: ownerOf(account),
    Buckets: {
      Bucket: page.map(({ name, region, createdAt }) => ({
        Name: name,
        CreationDate: new Date(createdAt).toISOString(),
        BucketRegion: region,
      })),
    },
    ContinuationToken: rows.length > limit ? page.at(-1)!.name : undefined,
    Prefix: prefix === '' ? undefined : prefix,
  });
  return { status: 200, body };
}

/** A bucket that is not there yet belongs to nobody: only the caller's own policies are asked, and it will be its account's. */
async function authorizeNew(call: Call, name: string): Promise<void> {
  const { principal, scope, origin } = call.raw;
  const verdict = await call.rooms.authorizer.authorize({
    ...{
      principal,
      scope,
      action: 's3:CreateBucket',
      resources: [bucketArn(name)],
      owner: principal.account,
    },
    ...(origin ? { origin } : {}),
  });
  if (!verdict.allowed) throw errors.denied({ message: verdict.message });
}

async function createBucket(call: Call, name: string): Promise<Answer> {
  if (!isBucketName(name)) throw errors.invalidBucketName({ bucket: name });
  await authorizeNew(call, name);
  const { region } = call.raw.scope;
  checkLocation(await readSmallBody(call.raw.body), region);
  const { records, buckets, clock, finder } = call.rooms;
  if (await finder.isView(call.raw, name)) throw errors.bucketAlreadyExists({ bucket: name });
  const { account } = call.raw.principal;
  const made = { name, account, region, createdAt: clock.now() };
  if (!(await buckets.insert(records.direct, made))) await refuseSecond(call, name);
  return { status: 200, headers: { location: `/${name}`, 'content-length': 0 } };
}

/** In us-east-1, creating one's own bucket again succeeds; elsewhere it is an error. AWS keeps it so for old clients. */
async function refuseSecond(call: Call, name: string): Promise<void> {
  const { records, buckets } = call.rooms;
  const found = await buckets.find(records.direct, name);
  if (found && found.account !== call.raw.principal.account)
    throw errors.bucketAlreadyExists({ bucket: name });
  const again = found?.region === FIRST_REGION && call.raw.scope.region === FIRST_REGION;
  if (!again) throw errors.bucketAlreadyOwnedByYou({ bucket: name });
}

function checkLocation(body: Buffer, region: string): void {
  const given = body.length === 0 ? undefined : constraintOf(body);
  const asked = given ?? FIRST_REGION;
  if (asked !== region) throw errors.illegalLocationConstraint({ given: given ?? '(unspecified)', region });
}

function constraintOf(body: Buffer): string | undefined {
  const content = parseRequest(body, 'CreateBucketConfiguration', 'CreateBucket');
  const constraint = childText(content, 'LocationConstraint');
  return constraint === '' ? undefined : constraint;
}

async function deleteBucket(call: BucketCall): Promise<Answer> {
  const { records, buckets, objects, uploads, core } = call.rooms;
  const { name } = call.bucket;
  await records.transaction(async (tx) => {
    if (!(await buckets.seize(tx, name))) throw errors.noSuchBucket({ bucket: name });
    if (!(await objects.isEmpty(tx, name))) throw errors.bucketNotEmpty({ bucket: name });
    for (const id of await uploads.idsOfBucket(tx, name)) {
      for (const part of await uploads.remove(tx, id)) await core.release(tx, part.blobs);
    }
    await buckets.remove(tx, name);
  });
  return { status: 204 };
}

function headed(region: string, isAlias: boolean): Answer {
  const alias = { 'x-amz-access-point-alias': String(isAlias) };
  return { status: 200, headers: { 'x-amz-bucket-region': region, ...alias, 'content-length': 0 } };
}

/** AWS says nothing of the region where it is us-east-1. */
function located(region: string): Answer {
  const text = region === FIRST_REGION ? '' : region;
  return {
    status: 200,
    body: xmlDocument('LocationConstraint', {}).replace('></Loc', `>${text}</Loc`),
  };
}
