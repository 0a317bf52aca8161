import { parseArn } from '@helicase/kernel';
import type { IamPorts } from '../iam-ports.ts';
import type { CustomerKeys } from '../kms/customer-keys.ts';
import { guardOf } from '../kms/guard.ts';
import { trustOf } from '../sts/assume-role.ts';
import type { GuardOf } from './explanations.ts';

/** Keys and roles have policies of their own in this room; `other` knows the rest. */
export function guardsOf(
  ports: Pick<IamPorts, 'roles'> & { readonly keys: CustomerKeys },
  other: GuardOf,
): GuardOf {
  return async (asker, action, resource) => {
    const { account = '', region = '', service } = parseArn(resource) ?? {};
    if (service === 'kms') return guardOf(await ports.keys.find({ account, region }, resource));
    if (service === 'iam' && /^sts:/i.test(action)) return trustOf(ports, resource);
    return other(asker, action, resource);
  };
}
