import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { KeyRing } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import type { ChainHead } from './chain.ts';

/** Consecutive records of one chain, sealed under the account's key for audit. */
export interface AuditChunk {
  readonly scope: Scope;
  /** The chain before the first record. */
  readonly from: ChainHead;
  /** And after the last. */
  readonly to: ChainHead;
  readonly keyId: string;
  readonly sealed: Uint8Array;
}

const LARGEST = 256 * 1024 * 1024;

export async function sealRecords(
  keyring: KeyRing,
  scope: Scope,
  records: readonly string[],
): Promise<Pick<AuditChunk, 'keyId' | 'sealed'>> {
  const keyId = await keyring.keyFor(scope, 'audit');
  const plain = deflateRawSync(JSON.stringify(records), { level: 1 });
  return { keyId, sealed: await keyring.wrap(keyId, plain) };
}

/** The records' texts, oldest first. */
export async function openRecords(
  keyring: KeyRing,
  { keyId, sealed }: Pick<AuditChunk, 'keyId' | 'sealed'>,
): Promise<readonly string[]> {
  const plain = await keyring.unwrap(keyId, sealed);
  return JSON.parse(inflateRawSync(plain, { maxOutputLength: LARGEST }).toString('utf8')) as string[];
}
