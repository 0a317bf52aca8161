import { RootKeyUnusable } from '../errors.ts';
import type { RootKeyWrapper } from './root-key-wrapper.ts';

const TIMEOUT = 30_000;

/**
 * A key of HashiCorp Vault's transit engine, as `https://vault.lab:8200/transit/helicase` (mount and key name), with
 * VAULT_TOKEN and VAULT_NAMESPACE as Vault's own tools take them:
 * https://developer.hashicorp.com/vault/api-docs/secret/transit
 */
export function transitWrapper(
  url: string,
  { VAULT_TOKEN: token, VAULT_NAMESPACE: namespace }: Readonly<Record<string, string | undefined>>,
): RootKeyWrapper {
  const [, origin, mount, key] = /^(https?:\/\/[^/]+)\/(?:v1\/)?(.+)\/([^/]+)$/.exec(url) ?? [];
  if (key === undefined)
    throw new RootKeyUnusable(
      `HELICASE_ROOT_KEY_VAULT is "${url}", and must name a transit key: https://vault.lab:8200/transit/helicase.`,
    );
  if (!token) throw new RootKeyUnusable('HELICASE_ROOT_KEY_VAULT needs VAULT_TOKEN.');
  const headers = {
    'content-type': 'application/json',
    'x-vault-token': token,
    ...(namespace ? { 'x-vault-namespace': namespace } : {}),
  };
  const ask = async (verb: 'encrypt' | 'decrypt', member: string, body: object): Promise<string> => {
    const response = await fetch(`${origin}/v1/${mount}/${verb}/${key}`, {
      ...{ method: 'POST', headers, body: JSON.stringify(body), redirect: 'error' as const },
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const answer = (await response.json().catch(() => ({}))) as Answer;
    const value = answer.data?.[member];
    if (response.ok && typeof value === 'string') return value;
    throw new Error(`Vault answered ${response.status}: ${(answer.errors ?? []).join('; ') || 'no reason'}`);
  };
  return {
    name: `the transit key ${url}`,
    wrap: (plain) => ask('encrypt', 'ciphertext', { plaintext: Buffer.from(plain).toString('base64') }),
    unwrap: async (ciphertext) => Buffer.from(await ask('decrypt', 'plaintext', { ciphertext }), 'base64'),
  };
}

interface Answer {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly string[];
}
