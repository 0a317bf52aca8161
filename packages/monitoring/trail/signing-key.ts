import { createHash, createPrivateKey, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Scope } from '@helicase/kernel';
import type { Records, ResourceTable, Transaction } from '@helicase/records';
import type { TrailRoom } from './trail-room.ts';

/** Signs an account's digests of one region. Times in milliseconds. */
export interface SigningKeyDoc {
  /** The public key, PKCS #1 in DER, base64. */
  readonly publicKey: string;
  /** The private one, PKCS #8 in PEM, sealed under the account's key. */
  readonly sealed: string;
  readonly validFrom: number;
  readonly validTo: number;
}
/** Its id is the public key's fingerprint. */
export type SigningKeyTable = ResourceTable<SigningKeyDoc, 'ACTIVE', never, Transaction>;

/** Milliseconds that a key signs for; its public half is listed for ever, since digests stay. */
const VALIDITY = 365 * 24 * 60 * 60 * 1000;
const MOST = 1000;

export function declareSigningKeys(records: Records): SigningKeyTable {
  return records.resource<SigningKeyDoc, 'ACTIVE'>({ kind: 'trail-signing-key', machine: { ACTIVE: {} } });
}

/** Signs what a digest at this time says, as CloudTrail does: SHA256withRSA, hexadecimal. */
export interface DigestSigner {
  readonly fingerprint: string;
  sign(text: string): string;
}

/** The signer of a time; the first one of a year makes the key. */
export async function digestSigner(room: TrailRoom, scope: Scope, at: number): Promise<DigestSigner> {
  const keys = await signingKeys(room, scope);
  const found = keys.find(({ doc }) => doc.validFrom <= at && at < doc.validTo);
  const { doc, id } = found ?? (await makeKey(room, scope, at));
  const key = createPrivateKey(await room.keyring.openSecret(scope, doc.sealed));
  return {
    fingerprint: id,
    sign: (text) => sign('sha256', Buffer.from(text), key).toString('hex'),
  };
}

export async function signingKeys({ records, signingKeys: table }: TrailRoom, scope: Scope) {
  return (await table.list(records.direct, scope, { limit: MOST, order: 'oldest-first' })).rows;
}

async function makeKey({ keyring, records, signingKeys: table }: TrailRoom, scope: Scope, at: number) {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const doc = {
    publicKey: publicKey.toString('base64'),
    sealed: await keyring.sealSecret(scope, privateKey),
    validFrom: at,
    validTo: at + VALIDITY,
  };
  // CloudTrail's fingerprints are MD5 sums; nothing rests on them but the look-up.
  const id = createHash('md5').update(publicKey).digest('hex');
  return records.transaction((tx) => table.insert(tx, { scope, id, status: 'ACTIVE', doc }));
}
