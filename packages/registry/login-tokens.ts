import type { KeyRing } from '@helicase/blobs';
import type { Clock, Principal, Scope } from '@helicase/kernel';

/** Whom a docker login is. */
export interface Login {
  readonly principal: Principal;
  /** The account and region that gave the token. */
  readonly scope: Scope;
}

interface Sealed extends Login {
  readonly kind: 'registry login';
  /** Milliseconds. */
  readonly expiresAt: number;
}

export interface LoginTokensOptions {
  readonly keyring: KeyRing;
  readonly clock: Clock;
}

/** "The authorization token is valid for 12 hours." */
const LIFETIME = 12 * 60 * 60 * 1000;

/**
 * What GetAuthorizationToken gives: the principal, sealed under the account's key, so that nothing is stored. What it may
 * do is asked at each request, by the policies of that moment; a user or role that is gone may nothing.
 */
export class LoginTokens {
  readonly #options: LoginTokensOptions;

  constructor(options: LoginTokensOptions) {
    this.#options = options;
  }

  async issue({
    principal,
    scope,
  }: Login): Promise<{ readonly password: string; readonly expiresAt: number }> {
    const { clock, keyring } = this.#options;
    // Never longer than the temporary credentials that it was asked for with.
    const expiresAt = Math.min(clock.now() + LIFETIME, principal.session?.expiresAt ?? Infinity);
    const sealed: Sealed = { kind: 'registry login', principal, scope, expiresAt };
    const text = await keyring.sealSecret(scope, JSON.stringify(sealed));
    return { password: `${scope.account}.${scope.region}.${text}`, expiresAt };
  }

  /** Undefined where it is none of ours, was altered, or is over. */
  async open(password: string): Promise<Login | undefined> {
    const [, account, region, text] = /^(\d{12})\.([a-z0-9-]+)\.(.+)$/.exec(password) ?? [];
    if (account === undefined) return undefined;
    try {
      const opened = await this.#options.keyring.openSecret({ account, region: region! }, text!);
      const sealed = JSON.parse(opened) as Sealed;
      const isGood = sealed.kind === 'registry login' && sealed.expiresAt > this.#options.clock.now();
      return isGood ? { principal: sealed.principal, scope: sealed.scope } : undefined;
    } catch {
      return undefined;
    }
  }
}
