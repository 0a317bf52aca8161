import type {
  AttachPolicyRequest,
  DetachPolicyRequest,
  ListPoliciesForTargetRequest,
  ListPoliciesForTargetResponse,
  ListTargetsForPolicyRequest,
  ListTargetsForPolicyResponse,
} from '@aws-sdk/client-organizations';
import type { AnyOperation } from '@helicase/wire';
import { organizationEntry, type OrganizationPorts } from './entry.ts';
import { organizationErrors as errors } from './errors.ts';
import { attachedTo, type Organization, type OrganizationDoc, targetArn, targetsOf } from './model.ts';
import { page } from './page.ts';
import { checkType, found, summary } from './policy-operations.ts';

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const ATTACHED_LIMIT = 5;

/** What limits the root and each account. */
export function attachmentOperations({
  organizations,
  pageTokens,
}: OrganizationPorts): readonly AnyOperation[] {
  return [
    organizationEntry<AttachPolicyRequest, object>(organizations, 'AttachPolicy', async (input) => {
      await organizations.change((before) => attach(before, input.PolicyId!, input.TargetId!));
      return {};
    }),
    organizationEntry<DetachPolicyRequest, object>(organizations, 'DetachPolicy', async (input) => {
      await organizations.change((before) => detach(before, input.PolicyId!, input.TargetId!));
      return {};
    }),
    organizationEntry<ListPoliciesForTargetRequest, ListPoliciesForTargetResponse>(
      organizations,
      'ListPoliciesForTarget',
      (input, organization, context) => {
        checkType(input.Filter);
        const ids = attached(organization, input.TargetId!);
        const operation = `ListPoliciesForTarget ${input.TargetId}`;
        const { items, NextToken } = page(pageTokens, context, { operation, items: ids, key: itself }, input);
        return { Policies: items.map((id) => summary(organization, id)), ...NextToken };
      },
    ),
    organizationEntry<ListTargetsForPolicyRequest, ListTargetsForPolicyResponse>(
      organizations,
      'ListTargetsForPolicy',
      (input, organization, context) => {
        found(organization, input.PolicyId!);
        const holds = (target: string) => attachedTo(organization, target).includes(input.PolicyId!);
        const targets = targetsOf(organization).filter(holds);
        const operation = `ListTargetsForPolicy ${input.PolicyId}`;
        const list = { operation, items: targets, key: itself };
        const { items, NextToken } = page(pageTokens, context, list, input);
        return { Targets: items.map((target) => describeTarget(organization, target)), ...NextToken };
      },
    ),
  ];
}

const itself = (id: string) => id;

function attached(organization: Organization, target: string): readonly string[] {
  if (!targetsOf(organization).includes(target)) throw errors.targetMissing({ target });
  return attachedTo(organization, target);
}

function attach(organization: Organization, policy: string, target: string): OrganizationDoc {
  found(organization, policy);
  const before = attached(organization, target);
  if (before.includes(policy)) throw errors.attachedAlready({ policy, target });
  if (before.length >= ATTACHED_LIMIT) {
    throw errors.tooMany({ limit: ATTACHED_LIMIT, where: `attached to ${target}` });
  }
  return withAttached(organization, target, [...before, policy]);
}

function detach(organization: Organization, policy: string, target: string): OrganizationDoc {
  found(organization, policy);
  const before = attached(organization, target);
  if (!before.includes(policy)) throw errors.notAttached({ policy, target });
  if (before.length === 1) throw errors.lastPolicy({ policy, target });
  return withAttached(
    organization,
    target,
    before.filter((id) => id !== policy),
  );
}

function withAttached({ doc }: Organization, target: string, ids: readonly string[]): OrganizationDoc {
  return { ...doc, attachments: { ...doc.attachments, [target]: ids } };
}

function describeTarget(organization: Organization, target: string) {
  const isRoot = target === organization.root;
  return {
    ...{ TargetId: target, Arn: targetArn(organization, target), Name: isRoot ? 'Root' : target },
    Type: isRoot ? ('ROOT' as const) : ('ACCOUNT' as const),
  };
}
