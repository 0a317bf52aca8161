import { parseArn } from '@helicase/kernel';
import type { Authorizer } from '@helicase/wire';

/**
 * Until policies are evaluated: the account's root may do everything in its own account, everyone else nothing.
 * Resources that name no account (S3 buckets) are checked by their room against the owner.
 */
export const rootOnlyAuthorizer: Authorizer = {
  async authorize({ principal, action, resources }) {
    const denied = resources.find((resource) => !isOwn(resource, principal.account));
    if (principal.kind === 'root' && denied === undefined) return { allowed: true };
    const resource = denied ?? resources[0] ?? '*';
    return {
      allowed: false,
      message: `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`,
    };
  },
};

function isOwn(resource: string, account: string): boolean {
  const owner = parseArn(resource)?.account;
  return owner === undefined || owner === '' || owner === '*' || owner === account;
}
