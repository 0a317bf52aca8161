import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { KeyRing } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import type { ChainHead } from './chain.ts';

/** Consecutive records of one chain. */
export interface AuditChunk {
  readonly scope: Scope;
  /** The chain before the first record. */
  readonly from: ChainHead;
  /** And after the last. */
  readonly to: ChainHead;
  /** Their texts, oldest first. */
  readonly records: readonly string[];
}

/** Records under the account's key for audit. */
export interface SealedRecords {
  readonly keyId: string;
  readonly sealed: Uint8Array;
  /** False where nobody took the time to. */
  readonly deflated: boolean;
}

const LARGEST = 256 * 1024 * 1024;
const [deflate, inflate] = [promisify(deflateRaw), promisify(inflateRaw)];

/** Deflated off the main thread: for rows that are kept for years. */
export async function sealRecords(
  keyring: KeyRing,
  scope: Scope,
  records: readonly string[],
): Promise<SealedRecords> {
  const keyId = await keyring.keyFor(scope, 'audit');
  const plain = await deflate(records.join('\n'), { level: 1 });
  return { keyId, sealed: await keyring.wrap(keyId, plain), deflated: true };
}

/** As they are, since a request waits for it: for the journal's lines, which are gone in seconds. */
export async function sealQuickly(
  keyring: KeyRing,
  scope: Scope,
  records: readonly string[],
): Promise<SealedRecords> {
  const keyId = await keyring.keyFor(scope, 'audit');
  return { keyId, sealed: await keyring.wrap(keyId, Buffer.from(records.join('\n'))), deflated: false };
}

/** The records' texts, oldest first. */
export async function openRecords(
  keyring: KeyRing,
  { deflated, keyId, sealed }: SealedRecords,
): Promise<readonly string[]> {
  const opened = await keyring.unwrap(keyId, sealed);
  const plain = deflated ? await inflate(opened, { maxOutputLength: LARGEST }) : opened;
  const text = plain.toString('utf8');
  // A record is a JSON object, without line ends; earlier releases made one JSON array of them.
  return text.startsWith('[') ? (JSON.parse(text) as string[]) : text.split('\n');
}
