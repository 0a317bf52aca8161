import type { KeyObject } from 'node:crypto';
import type { Clock, Principal, Scope } from '@helicase/kernel';
import type { ServiceError } from '@helicase/kernel';
import type { Credentials } from '../operation.ts';
import type { Incoming } from '../request/incoming.ts';
import { timeRefusal } from './check-time.ts';
import type { Claim, V4Claim } from './claim.ts';
import type { Refusals } from './errors.ts';
import { Failures } from './failures.ts';
import { isSignedV2 } from './verify-v2.ts';
import { SigningKeys } from './signing-keys.ts';
import { isSignedV4, unsignedHeaders } from './verify-v4.ts';

export interface GuardOptions {
  readonly credentials: Credentials;
  readonly regions: readonly string[];
  readonly clock: Clock;
}

/** Who a claim says it is, with what is needed to prove it. */
export interface Identity {
  readonly claim: Claim;
  readonly principal: Principal;
  readonly scope: Scope;
  readonly secret: string;
  /** The key of version 4; chunks of a body are signed with it too. */
  readonly key: KeyObject | undefined;
  /** Why this is refused whatever the signature: the session or the request's time is over. */
  readonly refusal: ServiceError | undefined;
}

/** Authentication: first who and when, which need no body; then the signature, which may need its hash. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #keys = new SigningKeys();
  /** By address and access key together: nobody elsewhere can have another's key refused. */
  readonly #failed = new Failures({ most: 30, window: 60_000 });

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Whose key it is, in which region. Throws the family's refusal; one that has an account to be recorded in is answered. */
  async identify(incoming: Incoming, claim: Claim, refusals: Refusals, isGlobal: boolean): Promise<Identity> {
    const region = this.#region(claim, refusals, isGlobal);
    const now = this.#options.clock.now();
    if (this.#failed.isRefused(signer(incoming, claim), now)) throw refusals.throttled({});
    const found = await this.#options.credentials.find(claim.accessKeyId, claim.sessionToken);
    if (!found) {
      this.#failed.failed(signer(incoming, claim), now);
      throw refusals.unknownKey({});
    }
    const { principal, secretAccessKey: secret } = found;
    const key = claim.version === 4 ? this.#keys.of(secret, claim) : undefined;
    const refusal = found.expired ? refusals.expiredToken({}) : timeRefusal(claim, now, refusals);
    return { claim, principal, secret, key, refusal, scope: { account: principal.account, region } };
  }

  /**
   * Throws the family's refusal where the key did not sign this request with this payload hash. `bucket`: that which the
   * request's Host names.
   */
  verify(
    incoming: Incoming,
    { claim, secret, key }: Identity,
    payload: string,
    refusals: Refusals,
    bucket?: string,
  ): void {
    if (claim.version === 4) checkSignedHeaders(incoming, claim, refusals);
    const proven = key
      ? isSignedV4(incoming, claim as V4Claim, key, payload)
      : claim.version === 2 && isSignedV2(incoming, claim, secret, bucket);
    if (proven) return;
    this.#failed.failed(signer(incoming, claim), this.#options.clock.now());
    throw refusals.mismatch({});
  }

  #region(claim: Claim, refusals: Refusals, isGlobal: boolean): string {
    const { regions } = this.#options;
    if (claim.version === 2) return regions[0]!; // version 2 names no region
    const { region } = claim;
    if (regions.includes(region)) return region;
    if (isGlobal && (region === 'us-east-1' || region === 'aws-global')) return region;
    throw refusals.wrongRegion({ region, expected: regions.join(', ') });
  }
}

function signer({ request }: Incoming, { accessKeyId }: Claim): string {
  return `${request.socket.remoteAddress ?? ''} ${accessKeyId}`;
}

function checkSignedHeaders(incoming: Incoming, claim: V4Claim, refusals: Refusals): void {
  const unsigned = unsignedHeaders(incoming, claim);
  if (unsigned.length > 0) throw refusals.unsignedHeaders({ headers: unsigned.join(', ') });
}
