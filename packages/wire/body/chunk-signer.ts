import { createHash, createHmac, type Hash, type KeyObject } from 'node:crypto';
import { formatAmzTime } from '../signature/amz-time.ts';
import { credentialScope, sha256Hex } from '../signature/canonical-request.ts';
import type { V4Claim } from '../signature/claim.ts';
import { sameSignature } from '../signature/verify-v4.ts';

const EMPTY = sha256Hex('');

/** Verifies the chain of chunk signatures, each of which signs the one before; the first is the request's own. */
export class ChunkSigner {
  readonly signsTrailers: boolean;
  readonly #key: KeyObject;
  readonly #prefix: string;
  #previous: string;
  #hash: Hash = createHash('sha256');

  constructor(claim: V4Claim, key: KeyObject, signsTrailers: boolean) {
    this.signsTrailers = signsTrailers;
    this.#key = key;
    this.#previous = claim.signature;
    this.#prefix = `${formatAmzTime(claim.time)}\n${credentialScope(claim)}`;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Whether this is the signature of the bytes since the last chunk. */
  isChunk(signature: string): boolean {
    const digest = this.#hash.digest('hex');
    this.#hash = createHash('sha256');
    return this.#next('AWS4-HMAC-SHA256-PAYLOAD', `${EMPTY}\n${digest}`, signature);
  }

  /** Whether this is the signature of the trailing headers (`name:value\n` each). */
  areTrailers(lines: string, signature: string): boolean {
    return this.#next('AWS4-HMAC-SHA256-TRAILER', sha256Hex(lines), signature);
  }

  #next(algorithm: string, digest: string, signature: string): boolean {
    const text = `${algorithm}\n${this.#prefix}\n${this.#previous}\n${digest}`;
    this.#previous = signature;
    return sameSignature(createHmac('sha256', this.#key).update(text).digest(), signature);
  }
}
