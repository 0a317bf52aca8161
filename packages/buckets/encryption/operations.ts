import { errors } from '../errors.ts';
import type { Answer, BucketCall } from '../protocol/call.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { children, childText, parseRequest, readSmallBody } from '../protocol/request-xml.ts';
import { xmlDocument } from '../protocol/xml.ts';
import type { DefaultEncryption } from './encryption.ts';

const common = { on: 'bucket', requires: ['encryption'] } as const;
const DOCUMENT = 'ServerSideEncryptionConfiguration';

/** A bucket's default encryption. */
export const encryptionOperations: readonly S3Operation[] = [
  {
    ...{ ...common, name: 'PutBucketEncryption', action: 's3:PutEncryptionConfiguration', readOnly: false },
    method: 'PUT',
    handle: put,
  },
  {
    ...{ ...common, name: 'GetBucketEncryption', action: 's3:GetEncryptionConfiguration', readOnly: true },
    method: 'GET',
    handle: get,
  },
  {
    ...{ ...common, name: 'DeleteBucketEncryption', action: 's3:PutEncryptionConfiguration' },
    ...{ readOnly: false, method: 'DELETE' },
    handle: remove,
  },
];

async function put(call: BucketCall): Promise<Answer> {
  await set(call, readConfiguration(await readSmallBody(call.raw.body)));
  return { status: 200, headers: { 'content-length': 0 } };
}

async function get({ bucket }: BucketCall): Promise<Answer> {
  const { encryption, name } = bucket;
  if (!encryption) throw errors.noBucketEncryption({ bucket: name });
  const { algorithm, key } = encryption;
  const byDefault = { SSEAlgorithm: algorithm, ...(key === undefined ? {} : { KMSMasterKeyID: key }) };
  const Rule = { ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: 'false' };
  return { status: 200, body: xmlDocument(DOCUMENT, { Rule }) };
}

async function remove(call: BucketCall): Promise<Answer> {
  await set(call, null);
  return { status: 204 };
}

function readConfiguration(body: Buffer): DefaultEncryption {
  const operation = 'PutBucketEncryption';
  const malformed = (reason: string) => errors.malformedXml({ operation, reason });
  const [rule, ...others] = children(parseRequest(body, DOCUMENT, operation), 'Rule');
  const [byDefault] = rule ? children(rule, 'ApplyServerSideEncryptionByDefault') : [];
  if (!byDefault || others.length > 0) throw malformed('it needs one Rule with a default');
  if (childText(rule!, 'BucketKeyEnabled') === 'true')
    throw errors.notImplemented({ feature: 'BucketKeyEnabled' });
  const algorithm = childText(byDefault, 'SSEAlgorithm');
  const key = childText(byDefault, 'KMSMasterKeyID');
  if (algorithm === 'AES256' && key === undefined) return { algorithm };
  if (algorithm === 'aws:kms' && key !== undefined) return { algorithm, key };
  throw malformed('SSEAlgorithm must be AES256, or aws:kms with a KMSMasterKeyID');
}

async function set({ bucket, rooms }: BucketCall, encryption: DefaultEncryption | null): Promise<void> {
  const { buckets, records } = rooms;
  await records.transaction(async (tx) => {
    if (!(await buckets.hold(tx, bucket.name))) throw errors.noSuchBucket({ bucket: bucket.name });
    await buckets.setEncryption(tx, bucket.name, encryption);
  });
}
