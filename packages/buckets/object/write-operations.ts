import { type Answer, type ObjectCall } from '../protocol/call.ts';
import { writeConditions } from '../protocol/conditions.ts';
import { declaredOf, readDeclaredDocument } from '../protocol/declared.ts';
import { encryptionHeaders } from '../encryption/encryption.ts';
import { writeEncryption } from '../protocol/call.ts';
import { checksumHeaders, describe } from '../protocol/object-headers.ts';
import type { S3Operation } from '../protocol/operation.ts';
import { parseRequest } from '../protocol/request-xml.ts';
import { xmlDocument } from '../protocol/xml.ts';
import { scopeOf } from './objects-core.ts';
import { findInView, findObject } from './read-operations.ts';
import { receive } from './receive.ts';
import { parseTagging } from './tags.ts';
import type { Description } from './model.ts';
import { errors } from '../errors.ts';

export const writeOperations: readonly S3Operation[] = [
  {
    name: 'PutObject',
    action: 's3:PutObject',
    readOnly: false,
    method: 'PUT',
    on: 'object',
    handle: putObject,
  },
  {
    name: 'DeleteObject',
    action: 's3:DeleteObject',
    readOnly: false,
    method: 'DELETE',
    on: 'object',
    handle: deleteObject,
  },
  {
    name: 'GetObjectTagging',
    action: 's3:GetObjectTagging',
    readOnly: true,
    method: 'GET',
    requires: ['tagging'],
    on: 'object',
    handle: async (call) => tagging(await findObject(call)),
    view: async (call) => tagging(await findInView(call)),
  },
  {
    name: 'PutObjectTagging',
    action: 's3:PutObjectTagging',
    readOnly: false,
    method: 'PUT',
    requires: ['tagging'],
    on: 'object',
    handle: putTagging,
  },
  {
    name: 'DeleteObjectTagging',
    action: 's3:DeleteObjectTagging',
    readOnly: false,
    method: 'DELETE',
    requires: ['tagging'],
    on: 'object',
    handle: deleteTagging,
  },
];

async function putObject(call: ObjectCall): Promise<Answer> {
  const { vault, core } = call.rooms;
  const description = describe(call);
  const conditions = writeConditions(call.header);
  const encryption = await writeEncryption(call);
  const { raw, bucket, key } = call;
  const received = await receive(vault, scopeOf(bucket), raw.body, declaredOf(call), encryption?.sealedFor);
  const content = { ...description, ...received, encryption };
  const stored = await core.commit(bucket.name, key, content, conditions);
  return {
    status: 200,
    headers: {
      etag: `"${stored.etag}"`,
      ...checksumHeaders(stored.checksum),
      ...encryptionHeaders(encryption),
      'content-length': 0,
    },
  };
}

/** Deleting what is not there succeeds too. */
async function deleteObject(call: ObjectCall): Promise<Answer> {
  await call.rooms.core.remove(call.bucket.name, call.key, { match: call.header('if-match') });
  return { status: 204 };
}

function tagging({ tags }: Description): Answer {
  const Tag = tags.map(([Key, Value]) => ({ Key, Value }));
  return { status: 200, body: xmlDocument('Tagging', { TagSet: { Tag } }) };
}

async function putTagging(call: ObjectCall): Promise<Answer> {
  const body = await readDeclaredDocument(call);
  await changeTags(call, parseTagging(parseRequest(body, 'Tagging', 'PutObjectTagging')));
  return { status: 200, headers: { 'content-length': 0 } };
}

async function deleteTagging(call: ObjectCall): Promise<Answer> {
  await changeTags(call, []);
  return { status: 204 };
}

/** Tags are not part of the object: neither its ETag nor its time changes with them. */
async function changeTags(call: ObjectCall, tags: Description['tags']): Promise<void> {
  const { records, objects } = call.rooms;
  const { name: bucket } = call.bucket;
  await records.transaction(async (tx) => {
    const found = await objects.findForWrite(tx, bucket, call.key);
    if (!found) throw errors.noSuchKey({ bucket, key: call.key });
    const { key, modifiedAt, bucket: _bucket, ...content } = found;
    await objects.put(tx, { bucket, key, modifiedAt }, { ...content, tags });
  });
}
