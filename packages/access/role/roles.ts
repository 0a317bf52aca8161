import { type Actor, parseArn, rolePrincipal, type Roles, type Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import { errors } from '../errors.ts';
import { roleArn } from './model.ts';
import { findRole, type RoleTable } from './repository.ts';

/** Gives jobs the actor of the role they name. Trust policies are stored, not evaluated yet. */
export function assumableRoles(records: Records, table: RoleTable): Roles {
  return {
    async assume(scope: Scope, arn: string): Promise<Actor> {
      const parsed = parseArn(arn);
      if (parsed?.service !== 'iam' || !/^role\/./.test(parsed.resource))
        throw errors.roleArnMalformed({ arn });
      if (parsed.account !== scope.account)
        throw errors.roleOfAnotherAccount({ arn, account: scope.account });
      const name = parsed.resource.slice(parsed.resource.lastIndexOf('/') + 1);
      const role = await findRole(table, records.direct, scope.account, name);
      if (!role || roleArn(scope.account, role.doc) !== arn) throw errors.roleUnknown({ arn });
      return { scope, principal: rolePrincipal(arn, role.id) };
    },
  };
}
