import type { AnyOperation } from '@helicase/wire';
import { aliasOperations } from './alias.ts';
import { ciphertextOperations } from './ciphertext.ts';
import { grantOperations } from './grant.ts';
import { keyOperations } from './key-operations.ts';
import { policyOperations } from './key-policy.ts';
import { stateOperations } from './key-state.ts';
import type { KmsPorts } from './on-key.ts';

/** The KMS API for symmetric keys. */
export function kmsOperations(ports: KmsPorts): readonly AnyOperation[] {
  return [
    ...keyOperations(ports),
    ...stateOperations(ports),
    ...policyOperations(ports),
    ...aliasOperations(ports),
    ...grantOperations(ports),
    ...ciphertextOperations(ports),
  ];
}
