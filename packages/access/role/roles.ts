import {
  type Actor,
  type Clock,
  parseArn,
  type Principal,
  type RolePassing,
  rolePrincipal,
  type Roles,
  type Scope,
} from '@helicase/kernel';
import type { Authorizer } from '@helicase/wire';
import type { Identities } from '../authorize/identities.ts';
import type { Entities, Row } from '../entity/entities.ts';
import { requesterOf } from '../authorize/requester.ts';
import { errors } from '../errors.ts';
import { contextOf, decide } from '../policy/index.ts';
import { policyFault } from '../policy-text.ts';
import type { RoleDoc } from './model.ts';

const SERVICE = 'omics.amazonaws.com';
/** The name of the sessions that HealthOmics opens. */
const SESSION = 'HealthOmics';
/** Milliseconds. A job is no temporary credential: it ends by itself, or is cancelled. */
const LONGEST_JOB = 366 * 24 * 60 * 60 * 1000;

export interface RolesPorts {
  readonly roles: Entities<RoleDoc>;
  readonly identities: Identities;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
}

/**
 * Gives jobs the actor of the role that they name: it is of their account, its trust policy lets HealthOmics assume it
 * for this account and resource (the confused deputy's conditions included), and who names it may pass it.
 */
export function assumableRoles(ports: RolesPorts): Roles {
  return {
    async assume(scope: Scope, arn: string, by: RolePassing = {}): Promise<Actor> {
      const role = await find(ports.roles, scope, arn);
      if (by.passedBy) await checkPass(ports.authorizer, by.passedBy, arn, by.sourceArn);
      checkTrust(ports.identities, scope, arn, role, by.sourceArn);
      return { scope, principal: jobPrincipal(ports.clock, arn, role.id, by.sessionPolicy) };
    },
  };
}

/** As a job acts: the role itself, or a session of it that a policy narrows. */
function jobPrincipal(clock: Clock, arn: string, id: string, policy: string | undefined): Principal {
  const principal = rolePrincipal(arn, id);
  if (policy === undefined) return principal;
  const fault = policyFault(policy, 'identity');
  if (fault !== undefined) throw errors.sessionPolicyMalformed({ fault });
  const now = clock.now();
  return {
    ...principal,
    ...{ arn: requesterOf(principal).arn, id: `${id}:${SESSION}` },
    session: {
      ...{ issuer: { arn, id }, name: SESSION, policies: [policy] },
      ...{ issuedAt: now, expiresAt: now + LONGEST_JOB },
    },
  };
}

async function find(roles: Entities<RoleDoc>, scope: Scope, arn: string): Promise<Row<RoleDoc>> {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'iam' || !/^role\/./.test(parsed.resource)) throw errors.roleArnMalformed({ arn });
  if (parsed.account !== scope.account) throw errors.roleOfAnotherAccount({ arn, account: scope.account });
  const role = await roles.find(scope.account, arn.slice(arn.lastIndexOf('/') + 1));
  if (!role || roles.arn(role) !== arn) throw errors.roleUnknown({ arn });
  return role;
}

async function checkPass(
  authorizer: Authorizer,
  passedBy: Actor,
  arn: string,
  sourceArn: string | undefined,
): Promise<void> {
  const verdict = await mayPass(authorizer, passedBy, { arn, service: SERVICE, sourceArn });
  if (!verdict.allowed) throw errors.passDenied({ message: verdict.message });
}

interface Passing {
  readonly arn: string;
  readonly service: string;
  /** What the service uses the role for. */
  readonly sourceArn?: string | undefined;
}

/** Whether somebody may hand the role to the service. */
export function mayPass(
  authorizer: Authorizer,
  { principal, scope }: Actor,
  { arn, service, sourceArn }: Passing,
): ReturnType<Authorizer['authorize']> {
  return authorizer.authorize({
    ...{ principal, scope, action: 'iam:PassRole', resources: [arn] },
    conditions: { 'iam:PassedToService': service, 'iam:AssociatedResourceArn': sourceArn },
  });
}

function checkTrust(
  identities: Identities,
  scope: Scope,
  arn: string,
  { doc }: Row<RoleDoc>,
  sourceArn = `arn:aws:omics:${scope.region}:${scope.account}:*`,
): void {
  const decision = decide(
    {
      requester: { account: scope.account, kind: 'service', arn: SERVICE },
      ...{ action: 'sts:assumerole', resource: arn, owner: scope.account, needsResourcePolicy: true },
      context: contextOf({
        'aws:SourceAccount': scope.account,
        'aws:SourceArn': sourceArn,
        'aws:PrincipalIsAWSService': 'true',
        'aws:PrincipalServiceName': SERVICE,
        'aws:SecureTransport': 'true',
      }),
    },
    { identity: [], resource: [identities.compiled('trust policy', doc.trustPolicy, 'attached')] },
  );
  if (!decision.allowed) throw errors.roleNotTrusting({ arn, service: SERVICE });
}
