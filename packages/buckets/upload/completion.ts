import { createHash } from 'node:crypto';
import type { Transaction } from '@helicase/records';
import { ALGORITHMS, createDigester } from '../checksum/algorithms.ts';
import { combineCrcs, isCombinable } from '../checksum/combine.ts';
import { encryptionHeaders } from '../encryption/encryption.ts';
import { errors } from '../errors.ts';
import { checksumElements } from '../object/copy.ts';
import type { Checksum, ObjectContent, StoredObject } from '../object/model.ts';
import type { Answer, ObjectCall } from '../protocol/call.ts';
import { type Conditions, writeConditions } from '../protocol/conditions.ts';
import { checksumHeader } from '../protocol/declared.ts';
import { children, childText, type Parsed, parseRequest, readSmallBody } from '../protocol/request-xml.ts';
import { xmlDocument } from '../protocol/xml.ts';
import type { Part, Upload } from './repository.ts';

const LEAST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

interface ListedPart {
  readonly number: number;
  readonly etag: string;
  /** By algorithm, where the caller repeats it. */
  readonly checksums: ReadonlyMap<string, string>;
}

/** Makes an object of the listed parts without touching their bytes; parts that are not listed go. */
export async function completeUpload(call: ObjectCall): Promise<Answer> {
  const listed = listedParts(await readSmallBody(call.raw.body));
  const conditions = writeConditions(call.header);
  const id = call.query.get('uploadId')!;
  const stored = await call.rooms.records.transaction((tx) => completeIn(tx, call, id, listed, conditions));
  const body = xmlDocument('CompleteMultipartUploadResult', {
    Location: `http://${call.raw.host}/${call.bucket.name}/${encodeURI(call.key)}`,
    Bucket: call.bucket.name,
    Key: call.key,
    ETag: `"${stored.etag}"`,
    ...checksumElements(stored.checksum),
  });
  return { status: 200, headers: encryptionHeaders(stored.encryption), body };
}

async function completeIn(
  tx: Transaction,
  call: ObjectCall,
  id: string,
  listed: readonly ListedPart[],
  conditions: Conditions,
): Promise<StoredObject> {
  const { uploads, core, objects } = call.rooms;
  const { name: bucket } = call.bucket;
  const upload = await uploads.findForChange(tx, bucket, call.key, id);
  if (!upload) {
    // A client that lost the answer asks again: the object that this upload made is the answer.
    const made = await objects.find(tx, bucket, call.key);
    if (made?.upload === id) return made;
    throw errors.noSuchUpload({ upload: id });
  }
  const all = await uploads.remove(tx, id);
  const parts = chosenParts(all, listed);
  const content = await composed(upload, parts, call);
  const left = all.filter((part) => !parts.includes(part));
  for (const part of left) await core.release(tx, part.blobs);
  return core.point(tx, bucket, call.key, content, conditions);
}

async function composed(upload: Upload, parts: readonly Part[], call: ObjectCall): Promise<ObjectContent> {
  const { encryption, headers, metadata, tags, id } = upload;
  const md5s = parts.map(({ etag }) => Buffer.from(etag, 'hex'));
  const md5 = createHash('md5').update(Buffer.concat(md5s)).digest('hex');
  return {
    headers,
    metadata,
    tags,
    blobs: parts.flatMap(({ blobs }) => blobs),
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: `${md5}-${parts.length}`,
    checksum: compareWhole(call, await wholeChecksum(upload, parts)),
    partSizes: parts.map(({ size }) => size),
    upload: id,
    encryption,
  };
}

/** The whole's checksum from its parts': the CRC of everything, or the digest of the digests. */
async function wholeChecksum(upload: Upload, parts: readonly Part[]): Promise<Checksum | undefined> {
  if (!upload.checksum) return undefined;
  const { algorithm, type } = upload.checksum;
  const digests = parts.map(({ checksum }) => Buffer.from(checksum?.value ?? '', 'base64'));
  if (type === 'FULL_OBJECT' && isCombinable(algorithm)) {
    const crcs = parts.map(({ size }, index) => ({ crc: digests[index]!, size }));
    return { algorithm, type, value: combineCrcs(algorithm, crcs).toString('base64') };
  }
  const digester = await createDigester(algorithm);
  for (const digest of digests) digester.update(digest);
  return { algorithm, type, value: `${digester.digest().toString('base64')}-${parts.length}` };
}

function compareWhole(call: ObjectCall, found: Checksum | undefined): Checksum | undefined {
  const given = checksumHeader(call);
  if (given && found && given.algorithm === found.algorithm && given.value !== found.value) {
    // Composite values come with or without the number of parts.
    if (found.type === 'COMPOSITE' && found.value.startsWith(`${given.value}-`)) return found;
    const digest = found.algorithm.toUpperCase();
    throw errors.badDigest({ digest, declared: given.value, found: found.value });
  }
  return found;
}

function chosenParts(all: readonly Part[], listed: readonly ListedPart[]): readonly Part[] {
  const byNumber = new Map(all.map((part) => [part.number, part]));
  return listed.map((asked, index) => {
    const part = byNumber.get(asked.number);
    if (!part || part.etag !== asked.etag || !checksumsFit(part, asked)) {
      throw errors.invalidPart({ part: asked.number });
    }
    if (index < listed.length - 1 && part.size < LEAST_PART) {
      throw errors.entityTooSmall({ part: part.number, size: part.size });
    }
    return part;
  });
}

function checksumsFit(part: Part, asked: ListedPart): boolean {
  const { checksum } = part;
  if (!checksum) return true;
  const given = asked.checksums.get(checksum.algorithm);
  return given === undefined || given === checksum.value;
}

function listedParts(body: Buffer): readonly ListedPart[] {
  const operation = 'CompleteMultipartUpload';
  const parts = children(parseRequest(body, operation, operation), 'Part').map(listedPart);
  if (parts.length < 1 || parts.length > MOST_PARTS) {
    const reason = `it lists ${parts.length} parts, and may list 1 to ${MOST_PARTS}`;
    throw errors.malformedXml({ operation, reason });
  }
  for (const [index, { number }] of parts.entries()) {
    const before = parts[index - 1]?.number ?? 0;
    if (number <= before) throw errors.invalidPartOrder({ part: number, before });
  }
  return parts;
}

function listedPart(part: Parsed): ListedPart {
  const number = Number(childText(part, 'PartNumber'));
  const etag = childText(part, 'ETag');
  if (!Number.isInteger(number) || number < 1 || etag === undefined) {
    const reason = 'a Part lacks its PartNumber or ETag';
    throw errors.malformedXml({ operation: 'CompleteMultipartUpload', reason });
  }
  const checksums = ALGORITHMS.flatMap((algorithm) => {
    const value = childText(part, `Checksum${algorithm.toUpperCase()}`);
    return value === undefined ? [] : [[algorithm, value] as const];
  });
  return { number, etag: etag.trim().replace(/^"(.*)"$/, '$1'), checksums: new Map(checksums) };
}
