import type { Random } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { organizationErrors as errors } from './errors.ts';
import { type Organization, policyArn, targetArn } from './model.ts';
import type { Organizations } from './organizations.ts';

export interface OrganizationPorts {
  readonly organizations: Organizations;
  readonly pageTokens: PageTokens;
  readonly random: Random;
}

/** What a request of Organizations names, as its API calls them. */
export interface Naming {
  readonly PolicyId?: string;
  readonly TargetId?: string;
}

/** An operation that only the management account has. Its resources are the policy and the target that it names. */
export function organizationEntry<Input extends object, Output>(
  organizations: Organizations,
  name: string,
  handler: (input: Input, organization: Organization, context: OperationContext) => Promise<Output> | Output,
): AnyOperation {
  return defineOperation<Input, Output>({
    ...{ name, action: `organizations:${name}`, quota: 'organizations' },
    readOnly: /^(Describe|List)/.test(name),
    resources: async (input) => namedArns(await organizations.find(), input),
    // The management account's and AWS's policies alike are for those whom the management account lets.
    guard: async (_, { scope }) => ({ owner: scope.account }),
    async handler(input, context) {
      const organization = await organizations.find();
      if (context.scope.account !== organization.management) throw errors.notManaging({});
      return handler(input, organization, context);
    },
  });
}

function namedArns(organization: Organization, { PolicyId, TargetId }: Naming): readonly string[] {
  const named = [
    ...(PolicyId === undefined ? [] : [policyArn(organization, PolicyId)]),
    ...(TargetId === undefined ? [] : [targetArn(organization, TargetId)]),
  ];
  return named.length > 0 ? named : ['*'];
}
