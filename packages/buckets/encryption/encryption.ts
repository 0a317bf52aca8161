import type { Actor, ObjectKeys } from '@helicase/kernel';
import type { Bucket } from '../bucket/repository.ts';
import { errors } from '../errors.ts';
import { objectArn } from '../protocol/authorize.ts';

/** How a bucket's objects are sealed where their writer says nothing. */
export interface DefaultEncryption {
  readonly algorithm: Algorithm;
  /** Id, ARN or alias, as it was given. */
  readonly key?: string | undefined;
}
type Algorithm = 'aws:kms' | 'AES256';

/** How an object's bytes are sealed. Absent: they lie plain, as tools on this machine read them. */
export interface Encryption {
  readonly algorithm: Algorithm;
  /** The customer's key, by ARN. */
  readonly keyArn?: string;
  /** What the vault seals for. */
  readonly sealedFor: string;
}

type Header = (name: string) => string | undefined;
const HEADER = 'x-amz-server-side-encryption';
const KEY_HEADER = `${HEADER}-aws-kms-key-id`;

/** What a write's headers ask for; undefined where they say nothing. */
export function askedEncryption(header: Header): DefaultEncryption | undefined {
  const [algorithm, key] = [header(HEADER), header(KEY_HEADER)];
  if (algorithm === undefined && key === undefined) return undefined;
  if (algorithm === 'aws:kms') return { algorithm, key };
  if (key !== undefined) {
    const reason = 'a key is named, and the algorithm is not aws:kms';
    throw errors.invalidArgument({ name: HEADER, value: String(algorithm), reason });
  }
  if (algorithm === 'AES256') return { algorithm };
  throw errors.invalidArgument({ name: HEADER, value: algorithm!, reason: 'it must be AES256 or aws:kms' });
}

/** How a write shall be sealed. Throws where the writer may not use the key. */
export async function encryptionOf(
  keys: ObjectKeys | undefined,
  by: Actor,
  bucket: Bucket,
  objectKey: string,
  asked: DefaultEncryption | undefined,
): Promise<Encryption | undefined> {
  const wanted = asked ?? bucket.encryption;
  if (!wanted) return undefined;
  if (wanted.algorithm === 'AES256') return { algorithm: 'AES256', sealedFor: 'sse-s3' };
  const key = wanted.key ?? (bucket.encryption?.algorithm === 'aws:kms' ? bucket.encryption.key : undefined);
  if (key === undefined) throw errors.noEncryptionKey({ bucket: bucket.name });
  if (!keys) throw errors.notImplemented({ feature: 'aws:kms without a room of keys' });
  return { algorithm: 'aws:kms', ...(await keys.sealing(by, key, objectArn(bucket.name, objectKey))) };
}

/** Throws where the reader may not use the key that the object is sealed with. */
export async function allowOpening(
  keys: ObjectKeys | undefined,
  by: Actor,
  found: { readonly bucket: string; readonly key: string; readonly encryption?: Encryption | undefined },
): Promise<void> {
  const keyArn = found.encryption?.keyArn;
  if (keyArn !== undefined) await keys?.allowOpening(by, keyArn, objectArn(found.bucket, found.key));
}

export function encryptionHeaders(encryption: Encryption | undefined): Record<string, string> {
  if (!encryption) return {};
  const { algorithm, keyArn } = encryption;
  return { [HEADER]: algorithm, ...(keyArn === undefined ? {} : { [KEY_HEADER]: keyArn }) };
}
