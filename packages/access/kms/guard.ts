import type { ConditionKeys, ResourceGuard } from '@helicase/wire';
import type { Key } from './customer-keys.ts';
import { type EncryptionContext, grantPolicy } from './model.ts';

/** A key's side of the question: its policy, its grants, and the encryption context that it is asked with. */
export function guardOf(key: Key, conditions: ConditionKeys = {}): ResourceGuard {
  const grants = grantPolicy(key.doc.grants);
  return {
    owner: key.scope.account,
    resourcePolicies: [key.doc.policy, ...(grants === undefined ? [] : [grants])],
    needsResourcePolicy: true,
    conditions,
  };
}

export function contextConditions(context: EncryptionContext | undefined): ConditionKeys {
  const pairs = Object.entries(context ?? {});
  return {
    ...Object.fromEntries(pairs.map(([key, value]) => [`kms:EncryptionContext:${key}`, value])),
    'kms:EncryptionContextKeys': pairs.length > 0 ? pairs.map(([key]) => key) : undefined,
  };
}
