import { RootKeyUnusable } from '../errors.ts';
import { kmsWrapper } from './aws-kms.ts';
import { transitWrapper } from './vault-transit.ts';

/** Somebody else's key that the root key lies wrapped under: whoever has this machine's disk alone opens nothing. */
export interface RootKeyWrapper {
  /** How messages call it. */
  readonly name: string;
  /** What is kept in the file; text. */
  wrap(key: Uint8Array): Promise<string>;
  unwrap(wrapped: string): Promise<Uint8Array>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The wrapper that the environment names; undefined where it names none. */
export function rootKeyWrapper(environment: Environment): RootKeyWrapper | undefined {
  const { HELICASE_ROOT_KEY_KMS: kms, HELICASE_ROOT_KEY_VAULT: vault } = environment;
  if (kms && vault)
    throw new RootKeyUnusable('HELICASE_ROOT_KEY_KMS and HELICASE_ROOT_KEY_VAULT are both set: give one.');
  if (kms) return kmsWrapper(kms);
  return vault ? transitWrapper(vault, environment) : undefined;
}
