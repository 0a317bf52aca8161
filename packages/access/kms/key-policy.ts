import type { PutKeyPolicyRequest } from '@aws-sdk/client-kms';
import type { AnyOperation } from '@helicase/wire';
import { parsePolicy, PolicyFault } from '../policy/index.ts';
import { arnOf } from './customer-keys.ts';
import { kmsErrors as errors } from './errors.ts';
import { guardOf } from './guard.ts';
import { type KmsPorts, onKey } from './on-key.ts';

export function policyOperations(ports: KmsPorts): readonly AnyOperation[] {
  const { keys, authorizer } = ports;
  return [
    onKey(ports, 'GetKeyPolicy', async (_, key) => ({ Policy: key.doc.policy, PolicyName: 'default' })),
    onKey(ports, 'ListKeyPolicies', async () => ({ PolicyNames: ['default'], Truncated: false })),
    onKey<PutKeyPolicyRequest>(ports, 'PutKeyPolicy', async (input, key, { principal, scope }) => {
      const policy = checkedPolicy(input.Policy ?? '');
      const question = { principal, scope, action: 'kms:PutKeyPolicy', resources: [arnOf(key)] };
      const guard = { ...guardOf(key), resourcePolicies: [policy] };
      const later = await authorizer.authorize({ ...question, ...guard });
      if (!later.allowed && !input.BypassPolicyLockoutSafetyCheck) throw errors.lockout({});
      await keys.change(key, (doc) => ({ ...doc, policy }));
      return {};
    }),
  ];
}

/** The text, once it is a key policy. Throws with IAM's sentence. */
export function checkedPolicy(policy: string): string {
  try {
    parsePolicy(policy, 'resource');
  } catch (error) {
    if (error instanceof PolicyFault) throw errors.policyMalformed({ fault: error.message });
    throw error;
  }
  return policy;
}
