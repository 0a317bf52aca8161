import { ServiceError } from '@helicase/kernel';
import { errors } from '../errors.ts';
import { type Answer, authorize, type BucketCall } from '../protocol/call.ts';
import { readDeclaredDocument } from '../protocol/declared.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { children, childText, type Parsed, parseRequest } from '../protocol/request-xml.ts';
import { xmlDocument, type XmlElements } from '../protocol/xml.ts';

export const deleteObjectsOperation: S3Operation = {
  name: 'DeleteObjects',
  action: 's3:DeleteObject',
  readOnly: false,
  method: 'POST',
  requires: ['delete'],
  on: 'bucket',
  handle: deleteObjects,
};

const LIMIT = 1000;

interface Asked {
  readonly keys: readonly string[];
  readonly quiet: boolean;
}

/** Up to a thousand keys in one commit; each is authorized on its own. */
async function deleteObjects(call: BucketCall): Promise<Answer> {
  const { keys, quiet } = askedOf(await readDeclaredDocument(call));
  const failed: XmlElements[] = [];
  const allowed: string[] = [];
  for (const key of keys) {
    const refusal = await refusalOf(call, key);
    if (refusal) failed.push(refusal);
    else allowed.push(key);
  }
  await removeAll(call, allowed);
  const deleted = quiet ? [] : allowed.map((Key) => ({ Key }));
  return { status: 200, body: xmlDocument('DeleteResult', { Deleted: deleted, Error: failed }) };
}

async function removeAll(call: BucketCall, keys: readonly string[]): Promise<void> {
  const { records, core } = call.rooms;
  // In one order for everybody, so that two such requests never wait for each other.
  const sorted = [...new Set(keys)].sort();
  await records.transaction(async (tx) => {
    for (const key of sorted) await core.removeIn(tx, call.bucket.name, key);
  });
}

async function refusalOf(call: BucketCall, key: string): Promise<XmlElements | undefined> {
  try {
    await authorize(call, { action: 's3:DeleteObject', bucket: call.bucket.name, key });
    return undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { Key: key, Code: error.code, Message: error.message };
  }
}

function askedOf(body: Buffer): Asked {
  const content = parseRequest(body, 'Delete', 'DeleteObjects');
  const keys = children(content, 'Object').map(keyOf);
  if (keys.length < 1 || keys.length > LIMIT) {
    const reason = `it names ${keys.length} objects, and may name 1 to ${LIMIT}`;
    throw errors.malformedXml({ operation: 'DeleteObjects', reason });
  }
  return { keys, quiet: childText(content, 'Quiet') === 'true' };
}

function keyOf(object: Parsed): string {
  const version = childText(object, 'VersionId');
  if (version !== undefined && version !== 'null' && version !== '') throw errors.noSuchVersion({ version });
  for (const condition of ['ETag', 'LastModifiedTime', 'Size']) {
    if (childText(object, condition) === undefined) continue;
    throw errors.notImplemented({ feature: `${condition} as a condition in DeleteObjects` });
  }
  const key = childText(object, 'Key');
  if (!key) throw errors.malformedXml({ operation: 'DeleteObjects', reason: 'an Object has no Key' });
  return key;
}
