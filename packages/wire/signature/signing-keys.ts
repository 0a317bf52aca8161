import type { KeyObject } from 'node:crypto';
import type { V4Claim } from './claim.ts';
import { signingKey } from './verify-v4.ts';

/** A day's keys of as many access keys as ever sign at once. */
const LIMIT = 5_000;

/** Signing keys by secret, day, region and service: four HMACs that are the same for all requests of a day. */
export class SigningKeys {
  readonly #keys = new Map<string, KeyObject>();

  of(secret: string, claim: Pick<V4Claim, 'date' | 'region' | 'service'>): KeyObject {
    const name = `${claim.date}/${claim.region}/${claim.service}/${secret}`;
    const known = this.#keys.get(name);
    if (known) return known;
    const key = signingKey(secret, claim);
    if (this.#keys.size >= LIMIT) this.#keys.delete(this.#keys.keys().next().value!);
    this.#keys.set(name, key);
    return key;
  }
}
