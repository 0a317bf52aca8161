import type {
  CreatePolicyRequest,
  DeletePolicyRequest,
  DescribePolicyRequest,
  ListPoliciesRequest,
  ListPoliciesResponse,
  Policy,
  PolicySummary,
  UpdatePolicyRequest,
} from '@aws-sdk/client-organizations';
import type { Random } from '@helicase/kernel';
import type { AnyOperation } from '@helicase/wire';
import { policyFault } from '../policy-text.ts';
import { organizationEntry, type OrganizationPorts } from './entry.ts';
import { organizationErrors as errors } from './errors.ts';
import {
  attachedTo,
  type ControlPolicy,
  FULL_ACCESS,
  type Organization,
  type OrganizationDoc,
  policyArn,
  policyAt,
  targetsOf,
} from './model.ts';
import { page } from './page.ts';

/** All are in one document. AWS lets an organization have more. */
const POLICY_LIMIT = 100;

/** Service control policies are made, read, changed and deleted. */
export function policyOperations({
  organizations,
  pageTokens,
  random,
}: OrganizationPorts): readonly AnyOperation[] {
  return [
    organizationEntry<CreatePolicyRequest, object>(organizations, 'CreatePolicy', async (input) => {
      checkType(input.Type);
      if (input.Tags?.length) throw errors.tagged({});
      const policy = { name: input.Name!, description: input.Description!, text: checked(input.Content!) };
      const id = newId(random);
      const changed = await organizations.change((before) => withPolicy(before, id, policy));
      return { Policy: describe(changed, id) };
    }),
    organizationEntry<UpdatePolicyRequest, object>(organizations, 'UpdatePolicy', async (input) => {
      const { PolicyId: id, Name: name, Description: description, Content } = input;
      const edit = {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        ...(Content === undefined ? {} : { text: checked(Content) }),
      };
      const changed = await organizations.change((before) =>
        withPolicy(before, id!, { ...changeable(before, id!), ...edit }),
      );
      return { Policy: describe(changed, id!) };
    }),
    organizationEntry<DescribePolicyRequest, object>(
      organizations,
      'DescribePolicy',
      (input, organization) => ({
        Policy: describe(organization, input.PolicyId!),
      }),
    ),
    organizationEntry<DeletePolicyRequest, object>(organizations, 'DeletePolicy', async (input) => {
      await organizations.change((before) => withoutPolicy(before, input.PolicyId!));
      return {};
    }),
    organizationEntry<ListPoliciesRequest, ListPoliciesResponse>(
      organizations,
      'ListPolicies',
      (input, organization, context) => {
        checkType(input.Filter);
        const ids = [FULL_ACCESS, ...Object.keys(organization.doc.policies)];
        const list = { operation: 'ListPolicies', items: ids, key: (id: string) => id };
        const { items, NextToken } = page(pageTokens, context, list, input);
        return { Policies: items.map((id) => summary(organization, id)), ...NextToken };
      },
    ),
  ];
}

export function checkType(type: string | undefined): void {
  if (type !== 'SERVICE_CONTROL_POLICY') throw errors.otherType({ type: String(type) });
}

export function summary(organization: Organization, id: string): PolicySummary {
  const { name, description } = found(organization, id);
  return {
    ...{ Id: id, Arn: policyArn(organization, id), Name: name, Description: description },
    ...{ Type: 'SERVICE_CONTROL_POLICY', AwsManaged: id === FULL_ACCESS },
  };
}

export function found(organization: Organization, id: string): ControlPolicy {
  const policy = policyAt(organization, id);
  if (!policy) throw errors.policyMissing({ policy: id });
  return policy;
}

function describe(organization: Organization, id: string): Policy {
  return { PolicySummary: summary(organization, id), Content: found(organization, id).text };
}

function changeable(organization: Organization, id: string): ControlPolicy {
  if (id === FULL_ACCESS) throw errors.immutable({ policy: id });
  return found(organization, id);
}

function checked(text: string): string {
  const fault = policyFault(text, 'identity');
  if (fault !== undefined) throw errors.malformed({ fault });
  return text;
}

/** `p-` and eight hexadecimal digits. */
function newId(random: Random): string {
  return `p-${Buffer.from(random.bytes(4)).toString('hex')}`;
}

function withPolicy({ doc }: Organization, id: string, policy: ControlPolicy): OrganizationDoc {
  const policies = { ...doc.policies, [id]: policy };
  const isTaken = Object.entries(doc.policies).some(
    ([other, { name }]) => other !== id && name === policy.name,
  );
  if (isTaken) throw errors.nameTaken({ name: policy.name });
  if (Object.keys(policies).length > POLICY_LIMIT) {
    throw errors.tooMany({ limit: POLICY_LIMIT, where: 'in the organization' });
  }
  return { ...doc, policies };
}

function withoutPolicy(organization: Organization, id: string): OrganizationDoc {
  changeable(organization, id);
  const used = targetsOf(organization).filter((target) => attachedTo(organization, target).includes(id));
  if (used.length > 0) throw errors.inUse({ policy: id, targets: used.join(', ') });
  const rest = Object.entries(organization.doc.policies).filter(([other]) => other !== id);
  return { ...organization.doc, policies: Object.fromEntries(rest) };
}
