import type {
  ListAccountsResponse,
  ListRootsResponse,
  Organization as OrganizationAnswer,
} from '@aws-sdk/client-organizations';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { attachmentOperations } from './attachment-operations.ts';
import { organizationEntry, type OrganizationPorts } from './entry.ts';
import { type Organization, organizationArn, targetArn } from './model.ts';
import { page, type PagedRequest } from './page.ts';
import { policyOperations } from './policy-operations.ts';

/** As far as service control policies need it: the root and its accounts, policies and what they are attached to. */
export function organizationOperations(ports: OrganizationPorts): readonly AnyOperation[] {
  const { organizations, pageTokens } = ports;
  return [
    // Every account may ask whose it is.
    defineOperation<object, { readonly Organization: OrganizationAnswer }>({
      ...{ name: 'DescribeOrganization', action: 'organizations:DescribeOrganization' },
      ...{ resources: () => ['*'], readOnly: true, quota: 'organizations' },
      handler: async () => ({ Organization: describe(await organizations.find()) }),
    }),
    organizationEntry<PagedRequest, ListRootsResponse>(organizations, 'ListRoots', (_, organization) => ({
      Roots: [describeRoot(organization)],
    })),
    organizationEntry<PagedRequest, ListAccountsResponse>(
      organizations,
      'ListAccounts',
      (input, organization, context) => {
        const list = { operation: 'ListAccounts', items: organization.accounts, key: (id: string) => id };
        const { items, NextToken } = page(pageTokens, context, list, input);
        return { Accounts: items.map((id) => describeAccount(organization, id)), ...NextToken };
      },
    ),
    ...policyOperations(ports),
    ...attachmentOperations(ports),
  ];
}

const ENABLED = [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' } as const];

function describe(organization: Organization): OrganizationAnswer {
  const { id, management } = organization;
  return {
    ...{ Id: id, Arn: organizationArn(organization, 'organization', id), FeatureSet: 'ALL' as const },
    ...{ MasterAccountId: management, MasterAccountArn: targetArn(organization, management) },
    AvailablePolicyTypes: ENABLED,
  };
}

function describeRoot(organization: Organization) {
  const { root } = organization;
  return { Id: root, Arn: targetArn(organization, root), Name: 'Root', PolicyTypes: ENABLED };
}

function describeAccount(organization: Organization, id: string) {
  return { Id: id, Arn: targetArn(organization, id), Name: id, Status: 'ACTIVE' as const };
}
