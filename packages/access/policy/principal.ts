import type { Element, PrincipalName, Statement } from './document.ts';
import type { Requester } from './requester.ts';

/**
 * How a statement of a resource's policy names the requester. `direct`: the requester itself. `issuer`: the role or
 * user behind its session, or everyone. `account`: only its account, which delegates to the account's own policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
 */
export type Naming = 'direct' | 'issuer' | 'account';

/** Undefined where the statement is not about the requester. */
export function namingOf(
  { principal, effect }: Pick<Statement, 'principal' | 'effect'>,
  requester: Requester,
): Naming | undefined {
  if (!principal) return 'direct';
  if (!principal.not) return strongest(principal, requester);
  const isExempt = effect === 'Deny' ? isWhollyNamed(principal, requester) : isNamed(principal, requester);
  return isExempt ? undefined : unnamedAs(requester);
}

const STRENGTH: readonly Naming[] = ['direct', 'issuer', 'account'];

function strongest({ values }: Element<PrincipalName>, requester: Requester): Naming | undefined {
  const found = values.map((name) => namedAs(name, requester));
  return STRENGTH.find((naming) => found.includes(naming));
}

function namedAs({ type, value }: PrincipalName, requester: Requester): Naming | undefined {
  if (type !== typeOf(requester)) return undefined;
  if (value === requester.arn) return 'direct';
  if (value === '*') return unnamedAs(requester);
  if (value === requester.issuer) return 'issuer';
  return type === 'AWS' && value === rootArn(requester) ? 'account' : undefined;
}

function unnamedAs(requester: Requester): Naming {
  return requester.issuer === undefined ? 'direct' : 'issuer';
}

function isNamed({ values }: Element<PrincipalName>, requester: Requester): boolean {
  return values.some((name) => namedAs(name, requester) !== undefined);
}

/**
 * NotPrincipal with Deny spares only whom it names in full: a session with its role, and their account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function isWhollyNamed({ values }: Element<PrincipalName>, requester: Requester): boolean {
  const type = typeOf(requester);
  const names = values.filter((name) => name.type === type).map((name) => name.value);
  const needed = type === 'AWS' ? [requester.arn, requester.issuer, rootArn(requester)] : [requester.arn];
  return names.includes('*') || needed.every((name) => name === undefined || names.includes(name));
}

function typeOf({ kind }: Requester): PrincipalName['type'] {
  if (kind === 'service') return 'Service';
  return kind === 'web-identity' ? 'Federated' : 'AWS';
}

function rootArn({ account }: Requester): string {
  return `arn:aws:iam::${account}:root`;
}
