import {
  type Actor,
  parseArn,
  type RolePassing,
  rolePrincipal,
  type Roles,
  type Scope,
} from '@helicase/kernel';
import type { Authorizer } from '@helicase/wire';
import type { Identities } from '../authorize/identities.ts';
import type { Entities, Row } from '../entity/entities.ts';
import { errors } from '../errors.ts';
import { contextOf, decide } from '../policy/index.ts';
import type { RoleDoc } from './model.ts';

const SERVICE = 'omics.amazonaws.com';

export interface RolesPorts {
  readonly roles: Entities<RoleDoc>;
  readonly identities: Identities;
  readonly authorizer: Authorizer;
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
      return { scope, principal: rolePrincipal(arn, role.id) };
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
  { principal, scope }: Actor,
  arn: string,
  sourceArn: string | undefined,
): Promise<void> {
  const verdict = await authorizer.authorize({
    ...{ principal, scope, action: 'iam:PassRole', resources: [arn] },
    conditions: { 'iam:PassedToService': SERVICE, 'iam:AssociatedResourceArn': sourceArn },
  });
  if (!verdict.allowed) throw errors.passDenied({ message: verdict.message });
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
