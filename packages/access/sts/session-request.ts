import { errors } from '../errors.ts';
import { defaultDocument, type ManagedPolicies } from '../managed-policy/managed-policies.ts';
import { checkPolicy } from '../policy-text.ts';

/** Characters: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const POLICY_LIMIT = 2048;

/** The session policies that a request gives, as texts; undefined where it gives none. */
export async function sessionPolicies(
  { policies }: { readonly policies: ManagedPolicies },
  account: string,
  inline: string | undefined,
  arns: readonly { readonly arn?: string | undefined }[] | undefined,
): Promise<readonly string[] | undefined> {
  if (inline === undefined && !arns?.length) return undefined;
  if ((inline?.length ?? 0) > POLICY_LIMIT) throw errors.sessionPolicyTooLarge({ limit: POLICY_LIMIT });
  const managed = await Promise.all((arns ?? []).map(({ arn }) => policies.get(account, arn!)));
  return [
    ...(inline === undefined ? [] : [checkPolicy(inline, 'identity')]),
    ...managed.map(defaultDocument),
  ];
}
