import { errors } from '../errors.ts';
import { findObject } from '../object/read-operations.ts';
import type { Answer, BucketCall } from '../protocol/call.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { children, childText, type Parsed, parseRequest, readSmallBody } from '../protocol/request-xml.ts';
import { xmlDocument } from '../protocol/xml.ts';
import { ownerOf } from './operations.ts';

/**
 * Who owns what is in a bucket, and whom access lists let in: always its account, and nobody else. AWS calls this
 * "bucket owner enforced", and its buckets are so from the start:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 * Reading it is answered, saying it again is taken, and what would change it is refused in AWS's words.
 */
export const ownershipOperations: readonly S3Operation[] = [
  {
    ...read('GetBucketAcl', 's3:GetBucketAcl', 'acl'),
    on: 'bucket',
    handle: async (call) => accessList(call),
  },
  {
    ...write('PutBucketAcl', 's3:PutBucketAcl', 'acl'),
    on: 'bucket',
    handle: takeAccessList,
  },
  {
    ...read('GetObjectAcl', 's3:GetObjectAcl', 'acl'),
    on: 'object',
    handle: async (call) => (await findObject(call), accessList(call)),
  },
  {
    ...write('PutObjectAcl', 's3:PutObjectAcl', 'acl'),
    on: 'object',
    handle: async (call) => (await findObject(call), takeAccessList(call)),
  },
  {
    ...read('GetBucketOwnershipControls', 's3:GetBucketOwnershipControls', 'ownershipControls'),
    on: 'bucket',
    handle: async () => ({
      status: 200,
      body: xmlDocument('OwnershipControls', { Rule: { ObjectOwnership: ENFORCED } }),
    }),
  },
  {
    ...write('PutBucketOwnershipControls', 's3:PutBucketOwnershipControls', 'ownershipControls'),
    on: 'bucket',
    handle: takeOwnership,
  },
  {
    ...read('GetPublicAccessBlock', 's3:GetBucketPublicAccessBlock', 'publicAccessBlock'),
    on: 'bucket',
    handle: async () => ({ status: 200, body: xmlDocument(BLOCK, Object.fromEntries(BLOCKED)) }),
  },
  {
    ...write('PutPublicAccessBlock', 's3:PutBucketPublicAccessBlock', 'publicAccessBlock'),
    on: 'bucket',
    handle: takePublicAccessBlock,
  },
];

const ENFORCED = 'BucketOwnerEnforced';
const BLOCK = 'PublicAccessBlockConfiguration';
/** Nobody comes in without a key, whatever a policy says. */
const BLOCKED = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'].map(
  (name) => [name, true] as const,
);
const CANONICAL_USER =
  '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">';

function read(name: string, action: string, subresource: string) {
  return { name, action, readOnly: true, method: 'GET', requires: [subresource] } as const;
}

function write(name: string, action: string, subresource: string) {
  return { name, action, readOnly: false, method: 'PUT', requires: [subresource] } as const;
}

function accessList({ bucket }: BucketCall): Answer {
  const owner = ownerOf(bucket.account);
  const body = xmlDocument('AccessControlPolicy', {
    Owner: owner,
    AccessControlList: { Grant: { Grantee: owner, Permission: 'FULL_CONTROL' } },
  });
  return { status: 200, body: body.replace('<Grantee>', CANONICAL_USER) };
}

/** The list may be a canned one in the header, which was looked at with all headers, or a document. */
async function takeAccessList(call: BucketCall): Promise<Answer> {
  const document = await readSmallBody(call.raw.body);
  if (document.length === 0 && call.header('x-amz-acl') === undefined) throw errors.missingSecurityHeader({});
  if (document.length > 0) {
    const list = parseRequest(document, 'AccessControlPolicy', 'an access list');
    if (!isOwnersAlone(list, ownerOf(call.bucket.account).ID)) throw errors.accessListNotSupported({});
  }
  return { status: 200, headers: { 'content-length': 0 } };
}

function isOwnersAlone(list: Parsed, owner: string): boolean {
  const [grants = ''] = children(list, 'AccessControlList');
  const given = children(grants, 'Grant');
  return (
    given.length > 0 &&
    given.every((grant) => {
      const [grantee = ''] = children(grant, 'Grantee');
      return childText(grantee, 'ID') === owner && childText(grant, 'Permission') === 'FULL_CONTROL';
    })
  );
}

async function takeOwnership(call: BucketCall): Promise<Answer> {
  const document = parseRequest(
    await readSmallBody(call.raw.body),
    'OwnershipControls',
    'PutBucketOwnershipControls',
  );
  const [rule = ''] = children(document, 'Rule');
  const wanted = childText(rule, 'ObjectOwnership') ?? '';
  if (!['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'].includes(wanted))
    throw errors.malformedXml({
      operation: 'PutBucketOwnershipControls',
      reason: `"${wanted}" is no ObjectOwnership`,
    });
  if (wanted !== ENFORCED) throw errors.notImplemented({ feature: `Object ownership ${wanted}` });
  return { status: 200, headers: { 'content-length': 0 } };
}

async function takePublicAccessBlock(call: BucketCall): Promise<Answer> {
  const document = parseRequest(await readSmallBody(call.raw.body), BLOCK, 'PutPublicAccessBlock');
  const open = BLOCKED.map(([name]) => name).find((name) => childText(document, name) === 'false');
  if (open) throw errors.notImplemented({ feature: `Public access (${open} = false)` });
  return { status: 200, headers: { 'content-length': 0 } };
}
