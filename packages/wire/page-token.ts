import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Scope } from '@helicase/kernel';
import { errors } from './errors.ts';
import { stableJson } from './stable-json.ts';

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

const NONCE = 12;
const TAG = 16;
const VERSION = Buffer.of(1);

/** Tokens under keys derived from `key` (16 bytes or more); servers that share the key read each other's. */
export function createPageTokens(key: Uint8Array): PageTokens {
  const seal = derive(key, 'page token seal');
  const nonces = derive(key, 'page token nonce');
  return {
    issue(binding, position) {
      const bound = boundBytes(binding);
      const plain = Buffer.from(JSON.stringify(position));
      // The nonce is made of what is sealed (as in SIV modes): no two different tokens share one, no randomness needed.
      const nonce = createHmac('sha256', nonces).update(bound).update(plain).digest().subarray(0, NONCE);
      const cipher = createCipheriv('aes-256-gcm', seal, nonce).setAAD(bound);
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([VERSION, nonce, sealed, cipher.getAuthTag()]).toString('base64url');
    },
    read(binding, token) {
      try {
        return open(seal, boundBytes(binding), token);
      } catch {
        throw errors.pageTokenInvalid({ operation: binding.operation });
      }
    },
  };
}

function open(seal: Buffer, bound: Buffer, token: string): readonly (string | number)[] {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes[0] !== VERSION[0] || bytes.length < 1 + NONCE + TAG) throw new Error('not a token');
  if (bytes.toString('base64url') !== token) throw new Error('not canonical');
  const decipher = createDecipheriv('aes-256-gcm', seal, bytes.subarray(1, 1 + NONCE), {
    authTagLength: TAG,
  });
  decipher.setAAD(bound).setAuthTag(bytes.subarray(-TAG));
  const plain = Buffer.concat([decipher.update(bytes.subarray(1 + NONCE, -TAG)), decipher.final()]);
  return JSON.parse(plain.toString('utf8')) as readonly (string | number)[];
}

function derive(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
}

function boundBytes({ scope, operation, filter }: PageBinding): Buffer {
  return Buffer.from(stableJson([scope.account, scope.region, operation, filter ?? null]));
}
