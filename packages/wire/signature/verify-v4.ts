import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Incoming } from '../request/incoming.ts';
import { canonicalPaths, stringToSign } from './canonical-request.ts';
import type { V4Claim } from './claim.ts';

/**
 * The key that a day's requests to one service of one region are signed with. As a key object: an HMAC made from bytes
 * costs four times as much.
 */
export function signingKey(secret: string, claim: Pick<V4Claim, 'date' | 'region' | 'service'>): KeyObject {
  const parts = [claim.date, claim.region, claim.service, 'aws4_request'];
  return createSecretKey(parts.reduce<Buffer>((key, text) => hmac(key, text), Buffer.from(`AWS4${secret}`)));
}

function hmac(key: Buffer | KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Whether the key signed this request with this payload hash. Takes the same time however wrong the signature is. */
export function isSignedV4(incoming: Incoming, claim: V4Claim, key: KeyObject, payload: string): boolean {
  return canonicalPaths(incoming.path, claim.service).some((path) =>
    sameSignature(hmac(key, stringToSign(incoming, claim, path, payload)), claim.signature),
  );
}

/** Compares an expected signature with the hexadecimal one that was sent, in constant time. */
export function sameSignature(expected: Buffer, sent: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(sent)) return false;
  return timingSafeEqual(expected, Buffer.from(sent, 'hex'));
}

/** Headers that must be signed and are not: `host`, and every `x-amz-*` that is present. */
export function unsignedHeaders(incoming: Incoming, claim: V4Claim): readonly string[] {
  const signed = new Set(claim.signedHeaders);
  const needed = [...incoming.headers.keys()].filter((name) => name === 'host' || name.startsWith('x-amz-'));
  // A presigned URL cannot know the hash of the body that is sent with it.
  if (claim.place === 'query') signed.add('x-amz-content-sha256');
  return needed.filter((name) => !signed.has(name));
}
