import type { Clock, Ids, Random } from '@helicase/kernel';
import {
  type AnyOperation,
  type Authorizer,
  type ConditionKeys,
  defineOperation,
  type OperationContext,
} from '@helicase/wire';
import { arnOf, type CustomerKeys, type Key } from './customer-keys.ts';
import { kmsErrors as errors } from './errors.ts';
import { contextConditions, guardOf } from './guard.ts';
import type { EncryptionContext } from './model.ts';

export interface KmsPorts {
  readonly keys: CustomerKeys;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

export interface OnKey {
  readonly KeyId?: string | undefined;
}
type Perform<Input> = (input: Input, key: Key, context: OperationContext) => Promise<object>;

/** An operation on one key: its policy and grants decide with the caller's own policies. */
export function onKey<Input extends OnKey>(
  { keys }: KmsPorts,
  name: string,
  perform: Perform<Input>,
  keyNameOf: (input: Input) => string | Promise<string> = ({ KeyId }) => KeyId!,
): AnyOperation {
  const find = async (input: Input, { scope }: OperationContext) => keys.find(scope, await keyNameOf(input));
  return defineOperation<Input, object>({
    name,
    action: `kms:${name}`,
    resources: async (input, context) => [arnOf(await find(input, context))],
    guard: async (input, context) => guardOf(await find(input, context), contextKeys(input)),
    readOnly: /^(Get|List|Describe)/.test(name),
    quota: 'kms',
    handler: async (input, context) => perform(input, await find(input, context), context),
  });
}

function contextKeys(input: object): ConditionKeys {
  const { EncryptionContext: context } = input as { readonly EncryptionContext?: EncryptionContext };
  return contextConditions(context);
}

/** Throws where the caller may not do this with the key: for operations that name two things. */
export async function allowed(
  { authorizer }: KmsPorts,
  { principal, scope, origin }: OperationContext,
  action: string,
  key: Key,
  conditions: ConditionKeys = {},
): Promise<void> {
  const question = { principal, scope, action, resources: [arnOf(key)], ...guardOf(key, conditions) };
  const verdict = await authorizer.authorize({ ...question, ...(origin ? { origin } : {}) });
  if (!verdict.allowed) throw errors.accessDenied({ message: verdict.message });
}
