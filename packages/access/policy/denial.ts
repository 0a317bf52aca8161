import type { Decision, PolicyType } from './decide.ts';

const NAMES: Readonly<Record<PolicyType, string>> = {
  'service-control': 'service control policy',
  endpoint: 'VPC endpoint policy',
  resource: 'resource-based policy',
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
};

export interface Denied {
  readonly arn: string;
  /** As AWS writes it: `omics:GetRun`. */
  readonly action: string;
  readonly resource: string;
}

/**
 * AWS's sentence. It tells the kind of policy, never its name or text: who was denied need not know those.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function denialSentence(
  { arn, action, resource }: Denied,
  { by, type }: Exclude<Decision, { allowed: true }>,
): string {
  const name = NAMES[type];
  const why = by
    ? `with an explicit deny in ${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
    : `because no ${name} allows the ${action} action`;
  return `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}

/** The decision with the statement that made it: for those who may see policies. */
export function decisionSentence({ allowed, by, type }: Decision): string {
  if (!by) return `no ${NAMES[type]} allows it`;
  const statement = `${NAMES[type]} "${by.policy}", ${by.statement}`;
  return allowed ? `allowed by ${statement}` : `explicit deny in ${statement}`;
}
