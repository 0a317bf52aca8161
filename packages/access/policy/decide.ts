import type { Policy } from './compile.ts';
import { type Decisive, type Question, type Verdict, verdictOf } from './verdict.ts';

/** The kinds of policies that bear on a request. */
export type PolicyType = 'service-control' | 'endpoint' | 'resource' | 'identity' | 'boundary' | 'session';

export interface Policies {
  /** What is attached to the user and its groups, or to the role. */
  readonly identity: readonly Policy[];
  /** Absent: no permissions boundary. */
  readonly boundary?: readonly Policy[];
  /** Absent: not a session, or one without policies. A federated user's session without policies has an empty list. */
  readonly session?: readonly Policy[];
  /** From the organization's root to the account; each level must allow. */
  readonly serviceControl?: readonly (readonly Policy[])[];
  /** Absent: the request came by no private endpoint. */
  readonly endpoint?: readonly Policy[];
  readonly resource?: readonly Policy[];
}

export interface Access extends Question {
  /** The account that owns the resource. */
  readonly owner: string;
  /** Keys and roles: nobody may without the resource's own policy, not even their account. */
  readonly needsResourcePolicy?: boolean;
}

export type Decision =
  | { readonly allowed: true; readonly type: PolicyType; readonly by: Decisive }
  | { readonly allowed: false; readonly type: PolicyType; readonly by?: Decisive };

const ROOT: Decisive = { policy: 'root', statement: 'the account’s root user' };

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: an explicit deny anywhere
 * wins; then service control and endpoint policies must allow; then the resource's policy or the requester's own do.
 */
export function decide(access: Access, policies: Policies): Decision {
  const ask = (list: readonly Policy[] | undefined) => list && verdictOf(list, access);
  const levels = (policies.serviceControl ?? []).map((level) => verdictOf(level, access));
  const verdicts: Verdicts = {
    identity: verdictOf(policies.identity, access),
    boundary: ask(policies.boundary),
    session: ask(policies.session),
    endpoint: ask(policies.endpoint),
    resource: verdictOf(policies.resource ?? [], access),
  };
  return (
    denied(levels, verdicts) ??
    (levels.every(allows) ? undefined : refused('service-control')) ??
    missingAllow('endpoint', verdicts) ??
    decideGrants(access, verdicts)
  );
}

interface Verdicts {
  readonly identity: Verdict;
  readonly boundary: Verdict | undefined;
  readonly session: Verdict | undefined;
  readonly endpoint: Verdict | undefined;
  readonly resource: Verdict;
}

function denied(levels: readonly Verdict[], verdicts: Verdicts): Decision | undefined {
  const all: readonly (readonly [PolicyType, Verdict | undefined])[] = [
    ...levels.map((level) => ['service-control', level] as const),
    ['endpoint', verdicts.endpoint],
    ['resource', verdicts.resource],
    ['identity', verdicts.identity],
    ['boundary', verdicts.boundary],
    ['session', verdicts.session],
  ];
  const found = all.find(([, verdict]) => verdict?.deny);
  return found && { allowed: false, type: found[0], by: found[1]!.deny! };
}

function decideGrants(access: Access, verdicts: Verdicts): Decision {
  const { requester, owner } = access;
  const { allow } = verdicts.resource;
  if (requester.kind === 'service' || requester.kind === 'web-identity') {
    return granted('resource', allow.get('direct')) ?? refused('resource');
  }
  return requester.account === owner ? decideOwn(access, verdicts) : decideForeign(access, verdicts);
}

/** Within one account, either side is enough; a resource's policy that names the requester itself knows no limits. */
function decideOwn(access: Access, verdicts: Verdicts): Decision {
  const { allow } = verdicts.resource;
  const isDelegated = allow.has('account') || !access.needsResourcePolicy;
  const own = isDelegated ? ownAllow(access, verdicts) : undefined;
  const issued = allow.get('issuer');
  const missing = access.needsResourcePolicy && allow.size === 0 ? 'resource' : 'identity';
  return (
    granted('resource', allow.get('direct')) ??
    (own || issued ? undefined : refused(missing)) ??
    limited(verdicts) ??
    granted('identity', own) ??
    granted('resource', issued)!
  );
}

/** Between accounts both sides must allow. */
function decideForeign(access: Access, verdicts: Verdicts): Decision {
  const [by] = verdicts.resource.allow.values();
  if (!by) return refused('resource');
  if (!ownAllow(access, verdicts)) return refused('identity');
  return limited(verdicts) ?? { allowed: true, type: 'resource', by };
}

function ownAllow({ requester }: Access, { identity }: Verdicts): Decisive | undefined {
  return requester.kind === 'root' ? ROOT : identity.allow.get('direct');
}

function limited(verdicts: Verdicts): Decision | undefined {
  return missingAllow('boundary', verdicts) ?? missingAllow('session', verdicts);
}

function missingAllow(type: 'endpoint' | 'boundary' | 'session', verdicts: Verdicts): Decision | undefined {
  const verdict = verdicts[type];
  return verdict && !allows(verdict) ? refused(type) : undefined;
}

function allows({ allow }: Verdict): boolean {
  return allow.size > 0;
}

function granted(type: PolicyType, by: Decisive | undefined): Decision | undefined {
  return by && { allowed: true, type, by };
}

function refused(type: PolicyType): Decision {
  return { allowed: false, type };
}
