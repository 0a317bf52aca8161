import type { KeyRing } from '@helicase/blobs';
import type { Clock, Ids, Principal, Random } from '@helicase/kernel';
import type { KnownKey } from '@helicase/wire';
import { globalScope } from '../account/accounts.ts';

/** Temporary credentials as STS answers them. */
export interface TemporaryCredentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: Date;
}

interface Sealed {
  readonly kind: 'session';
  readonly accessKeyId: string;
  readonly secret: string;
  readonly principal: Principal;
}

export interface SessionTokensOptions {
  readonly keyring: KeyRing;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

/** Opened tokens that are kept; a server under load sees few sessions, each many times. */
const REMEMBERED = 5_000;

/**
 * Session tokens carry everything about their session, sealed under the account's key: nothing is stored, nothing grows,
 * and every server that has the root key reads them.
 */
export class SessionTokens {
  readonly #options: SessionTokensOptions;
  readonly #opened = new Map<string, Sealed>();

  constructor(options: SessionTokensOptions) {
    this.#options = options;
  }

  /** Credentials of this principal, which has a session. */
  async issue(principal: Principal): Promise<TemporaryCredentials> {
    const { ids, keyring, random } = this.#options;
    const accessKeyId = ids.iam('ASIA', 16);
    const secret = random.bytes(30).toString('base64');
    const sealed: Sealed = { kind: 'session', accessKeyId, secret, principal };
    const { account } = principal;
    const text = await keyring.sealSecret(globalScope(account), JSON.stringify(sealed));
    return {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secret,
      SessionToken: `${Buffer.from(account).toString('base64')}/${text}`,
      Expiration: new Date(principal.session!.expiresAt),
    };
  }

  /** Undefined where the token is not one of ours for this key id. */
  async open(accessKeyId: string, token: string): Promise<KnownKey | undefined> {
    const sealed = this.#opened.get(token) ?? (await this.#unseal(token));
    if (sealed?.kind !== 'session' || sealed.accessKeyId !== accessKeyId) return undefined;
    const { principal, secret: secretAccessKey } = sealed;
    if (principal.session!.expiresAt <= this.#options.clock.now())
      return { secretAccessKey, principal, expired: true };
    this.#remember(token, sealed);
    return { secretAccessKey, principal };
  }

  async #unseal(token: string): Promise<Sealed | undefined> {
    const [head, ...rest] = token.split('/');
    const account = Buffer.from(head!, 'base64').toString('utf8');
    if (!/^\d{12}$/.test(account)) return undefined;
    try {
      const text = await this.#options.keyring.openSecret(globalScope(account), rest.join('/'));
      return JSON.parse(text) as Sealed;
    } catch {
      return undefined; // altered, of another server, or a secret that is no session
    }
  }

  #remember(token: string, sealed: Sealed): void {
    if (this.#opened.size >= REMEMBERED) this.#opened.delete(this.#opened.keys().next().value!);
    this.#opened.set(token, sealed);
  }
}
