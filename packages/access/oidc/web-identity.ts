import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { Clock } from '@helicase/kernel';

/** What a token says, once its signature is proven. */
export interface WebIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Why a token is not taken. */
export class WebIdentityRefused extends Error {
  readonly isExpired: boolean;
  constructor(reason: string, isExpired = false) {
    super(reason);
    this.name = 'WebIdentityRefused';
    this.isExpired = isExpired;
  }
}

interface Key extends JsonWebKey {
  readonly kid?: string;
}

const CACHE_MILLISECONDS = 10 * 60_000;
/** An unknown key id fetches the keys anew, but not more often than this. */
const REFRESH_MILLISECONDS = 10_000;
const FETCH_TIMEOUT = 5_000;
const RESPONSE_LIMIT = 1024 * 1024;
/** Seconds that clocks may differ. */
const LEEWAY = 60;

/** Algorithms that have a public key; `none` and shared secrets are refused. */
const ALGORITHMS: Readonly<Record<string, { hash: string; dsa?: 'ieee-p1363' }>> = {
  RS256: { hash: 'sha256' },
  RS384: { hash: 'sha384' },
  RS512: { hash: 'sha512' },
  ES256: { hash: 'sha256', dsa: 'ieee-p1363' },
  ES384: { hash: 'sha384', dsa: 'ieee-p1363' },
};

/** Fetches JSON over the network. */
export type FetchJson = (url: string) => Promise<unknown>;

/** Proves OpenID Connect tokens by the issuer's published keys, which are kept for ten minutes. */
export class WebIdentities {
  readonly #clock: Clock;
  readonly #fetch: FetchJson;
  readonly #keys = new Map<string, { readonly keys: readonly Key[]; readonly at: number }>();

  constructor(clock: Clock, fetchJson: FetchJson = fetchLimited) {
    this.#clock = clock;
    this.#fetch = fetchJson;
  }

  /** The issuer that an unproven token names: which provider to ask. */
  issuerOf(token: string): string | undefined {
    const issuer = decoded(token.split('.')[1])?.['iss'];
    return typeof issuer === 'string' ? issuer.replace(/^https?:\/\//, '').replace(/\/$/, '') : undefined;
  }

  /** Throws WebIdentityRefused. `url` is the provider's, as the account has it. */
  async verify(token: string, url: string): Promise<WebIdentity> {
    const [head, body, signature, ...more] = token.split('.');
    const header = decoded(head);
    const claims = decoded(body);
    if (!header || !claims || signature === undefined || more.length > 0) {
      throw new WebIdentityRefused('the token is not a signed JSON Web Token');
    }
    const algorithm = ALGORITHMS[String(header['alg'])];
    if (!algorithm) throw new WebIdentityRefused(`its algorithm ${String(header['alg'])} is not taken`);
    const key = await this.#keyOf(url, header['kid']);
    const publicKey = createPublicKey({ key, format: 'jwk' });
    const options = { key: publicKey, ...(algorithm.dsa ? { dsaEncoding: algorithm.dsa } : {}) };
    const isSigned = verify(
      algorithm.hash,
      Buffer.from(`${head}.${body}`),
      options,
      Buffer.from(signature, 'base64url'),
    );
    if (!isSigned) throw new WebIdentityRefused('its signature is not of the issuer’s key');
    return this.#identity(claims, url);
  }

  #identity(claims: Readonly<Record<string, unknown>>, url: string): WebIdentity {
    const { iss, sub, aud, exp, nbf } = claims;
    const seconds = this.#clock.now() / 1000;
    if (typeof exp !== 'number' || exp + LEEWAY < seconds) {
      throw new WebIdentityRefused('it has expired', true);
    }
    if (typeof nbf === 'number' && nbf - LEEWAY > seconds)
      throw new WebIdentityRefused('it is not valid yet');
    if (typeof sub !== 'string' || typeof iss !== 'string')
      throw new WebIdentityRefused('it has no sub or iss');
    if (iss.replace(/\/$/, '') !== url.replace(/\/$/, ''))
      throw new WebIdentityRefused('its issuer is another');
    const audiences = (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string');
    return { issuer: iss, subject: sub, audiences, claims };
  }

  async #keyOf(url: string, id: unknown): Promise<Key> {
    const now = this.#clock.now();
    const known = this.#keys.get(url);
    const found = known && now - known.at < CACHE_MILLISECONDS ? named(known.keys, id) : undefined;
    if (found) return found;
    if (known && now - known.at < REFRESH_MILLISECONDS)
      throw new WebIdentityRefused('its key is not the issuer’s');
    const keys = await this.#published(url);
    this.#keys.set(url, { keys, at: now });
    const fresh = named(keys, id);
    if (!fresh) throw new WebIdentityRefused('its key is not the issuer’s');
    return fresh;
  }

  async #published(url: string): Promise<readonly Key[]> {
    const discovery = await this.#fetch(`${url.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const address = (discovery as { readonly jwks_uri?: unknown } | null)?.jwks_uri;
    if (typeof address !== 'string') throw new WebIdentityRefused('its issuer publishes no keys');
    const set = (await this.#fetch(address)) as { readonly keys?: unknown } | null;
    return Array.isArray(set?.keys) ? (set.keys as Key[]) : [];
  }
}

function named(keys: readonly Key[], id: unknown): Key | undefined {
  return id === undefined && keys.length === 1
    ? keys[0]
    : keys.find(({ kid }) => kid !== undefined && kid === id);
}

function decoded(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

async function fetchLimited(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT), redirect: 'error' });
    const text = await response.text();
    if (!response.ok || text.length > RESPONSE_LIMIT) throw new Error(`it answered ${response.status}`);
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new WebIdentityRefused(
      `its issuer’s keys cannot be fetched from ${url}: ${(error as Error).message}`,
    );
  }
}
