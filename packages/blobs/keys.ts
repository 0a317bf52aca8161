import type { Scope } from '@helicase/kernel';

/** Root key -> account key -> store key -> a key per blob. Each is AES-256, wrapped by the one above (AES-256-GCM). */
export interface KeyRing {
  /** The id of the key for `purpose` (`sequenceStore/1`, `secrets`, `tables/…`) in this scope; made on first use. */
  keyFor(scope: Scope, purpose: string): Promise<string>;
  wrap(keyId: string, plain: Uint8Array): Promise<Uint8Array>;
  /** Throws KeyUnavailable where the key is gone, disabled, or not of this chain. */
  unwrap(keyId: string, wrapped: Uint8Array): Promise<Buffer>;
  /** Whether a customer's key says when this one may be used. Throws where it may not be now. */
  isGuarded(keyId: string): Promise<boolean>;
  /** Small secrets (secret access keys): sealed under the scope's `secrets` key. */
  sealSecret(scope: Scope, plain: string): Promise<string>;
  openSecret(scope: Scope, sealed: string): Promise<string>;
}

/** Where wrapped keys are kept; `records.keys` is one. */
export interface WrappedKeyRows {
  load(keyId: string): Promise<{ readonly wrapped: Uint8Array; readonly parent: string } | undefined>;
  save(
    keyId: string,
    row: { readonly wrapped: Uint8Array; readonly parent: string },
  ): Promise<{ readonly wrapped: Uint8Array; readonly parent: string }>;
}
