import type { Scope } from '@helicase/kernel';

/** What a pagination token is bound to: it is refused anywhere else. */
export interface PageBinding {
  readonly scope: Scope;
  readonly operation: string;
  /** The list's filter, as given by the caller; any JSON value. */
  readonly filter: unknown;
}

/** Opaque, tamper-proof pagination tokens (AES-GCM under a key of the server's). */
export interface PageTokens {
  /** The token for the page after `position` (the last row's keyset). */
  issue(binding: PageBinding, position: readonly (string | number)[]): string;
  /** The position, or a ValidationException where the token is malformed, altered or of another list. */
  read(binding: PageBinding, token: string): readonly (string | number)[];
}
