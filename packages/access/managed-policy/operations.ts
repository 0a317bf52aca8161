import type {
  CreatePolicyRequest,
  CreatePolicyVersionRequest,
  ListEntitiesForPolicyRequest,
  ListPoliciesRequest,
  Policy,
  PolicyVersion as PolicyVersionAnswer,
} from '@aws-sdk/client-iam';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import type { Entities, Row } from '../entity/entities.ts';
import { anyResource, iamEntry } from '../entity/entry.ts';
import type { EntityDoc } from '../entity/model.ts';
import { pageOf, type PageRequest } from '../entity/page.ts';
import { tagList, withoutTags, withTags, type Tag } from '../entity/tags.ts';
import { errors } from '../errors.ts';
import type { IamPorts } from '../iam-ports.ts';
import { checkPolicy, encodePolicyDocument } from '../policy-text.ts';
import type { ManagedPolicy, ManagedPolicyDoc, PolicyVersion } from './managed-policies.ts';

interface ByArn {
  readonly PolicyArn?: string;
  readonly VersionId?: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const SIZE_LIMIT = 6144;
const VERSION_LIMIT = 5;

const arnOf = ({ PolicyArn }: ByArn) => PolicyArn!;

export function managedPolicyOperations(ports: IamPorts): readonly AnyOperation[] {
  return [...policyEntries(ports), ...versionEntries(ports), ...tagEntries(ports)];
}

function policyEntries(ports: IamPorts): readonly AnyOperation[] {
  const { policies } = ports;
  return [
    iamEntry<CreatePolicyRequest, object>(
      'CreatePolicy',
      (input, { scope }) => `arn:aws:iam::${scope.account}:policy${input.Path ?? '/'}${input.PolicyName}`,
      async (input, { scope }) => {
        const doc = newPolicy(ports, input);
        const policy = await policies.insert(scope.account, ports.ids.iam('ANPA', 17), doc);
        return { Policy: describePolicy(policy, 0, 0) };
      },
    ),
    iamEntry<ByArn, object>('GetPolicy', arnOf, async (input, { scope }) => {
      const policy = await policies.get(scope.account, input.PolicyArn!);
      const uses = await usesOf(ports, scope.account);
      return { Policy: { ...describeUsed(policy, uses), Description: policy.doc.description } };
    }),
    iamEntry<ListPoliciesRequest, object>('ListPolicies', anyResource, (input, context) =>
      listPolicies(ports, input, context),
    ),
    iamEntry<ByArn, object>('DeletePolicy', arnOf, async (input, { scope }) => {
      await policies.remove(scope.account, input.PolicyArn!, (policy) =>
        checkUnused(ports, scope.account, policy),
      );
      return {};
    }),
    iamEntry<ListEntitiesForPolicyRequest, object>('ListEntitiesForPolicy', arnOf, (input, context) =>
      listEntities(ports, input, context),
    ),
  ];
}

function versionEntries({ policies, clock }: IamPorts): readonly AnyOperation[] {
  return [
    iamEntry<CreatePolicyVersionRequest, object>('CreatePolicyVersion', arnOf, async (input, { scope }) => {
      const document = checkManaged(input.PolicyDocument);
      const { doc } = await policies.change(scope.account, input.PolicyArn!, (before) => {
        if (before.versions.length === VERSION_LIMIT) throw errors.tooManyVersions({ limit: VERSION_LIMIT });
        const lastNumber = before.lastNumber + 1;
        const version = { id: `v${lastNumber}`, document, createdAt: clock.now() };
        const versions = [...before.versions, version];
        return {
          ...before,
          versions,
          lastNumber,
          ...(input.SetAsDefault ? { defaultVersion: version.id } : {}),
        };
      });
      return { PolicyVersion: describeVersion(doc, doc.versions.at(-1)!, false) };
    }),
    iamEntry<ByArn, object>('GetPolicyVersion', arnOf, async (input, { scope }) => {
      const { doc } = await policies.get(scope.account, input.PolicyArn!);
      return { PolicyVersion: describeVersion(doc, versionOf(doc, input), true) };
    }),
    iamEntry<ByArn, object>('ListPolicyVersions', arnOf, async (input, { scope }) => {
      const { doc } = await policies.get(scope.account, input.PolicyArn!);
      const newestFirst = [...doc.versions].reverse();
      return {
        Versions: newestFirst.map((version) => describeVersion(doc, version, false)),
        IsTruncated: false,
      };
    }),
    iamEntry<ByArn, object>('SetDefaultPolicyVersion', arnOf, async (input, { scope }) => {
      await policies.change(scope.account, input.PolicyArn!, (doc) => ({
        ...doc,
        defaultVersion: versionOf(doc, input).id,
      }));
      return {};
    }),
    iamEntry<ByArn, object>('DeletePolicyVersion', arnOf, async (input, { scope }) => {
      await policies.change(scope.account, input.PolicyArn!, (doc) => {
        const { id } = versionOf(doc, input);
        if (id === doc.defaultVersion) throw errors.defaultVersion({});
        return { ...doc, versions: doc.versions.filter((version) => version.id !== id) };
      });
      return {};
    }),
  ];
}

function tagEntries({ policies, pageTokens }: IamPorts): readonly AnyOperation[] {
  type Tagging = ByArn & { readonly Tags?: readonly Tag[]; readonly TagKeys?: readonly string[] };
  return [
    iamEntry<Tagging, object>('TagPolicy', arnOf, async (input, { scope }) => {
      const tagged = (doc: ManagedPolicyDoc) => ({ ...doc, tags: withTags(doc.tags, input.Tags) });
      await policies.change(scope.account, input.PolicyArn!, tagged);
      return {};
    }),
    iamEntry<Tagging, object>('UntagPolicy', arnOf, async (input, { scope }) => {
      const untagged = (doc: ManagedPolicyDoc) => ({ ...doc, tags: withoutTags(doc.tags, input.TagKeys) });
      await policies.change(scope.account, input.PolicyArn!, untagged);
      return {};
    }),
    iamEntry<ByArn & PageRequest, object>('ListPolicyTags', arnOf, async (input, context) => {
      const { arn, doc } = await policies.get(context.scope.account, input.PolicyArn!);
      const items = tagList(doc.tags);
      const list = {
        operation: 'ListPolicyTags',
        filter: arn,
        items,
        key: ({ Key }: { Key: string }) => Key,
      };
      const page = pageOf(pageTokens, context, list, input);
      return { Tags: page.items, ...page.rest };
    }),
  ];
}

function newPolicy({ clock }: IamPorts, input: CreatePolicyRequest): ManagedPolicyDoc {
  const document = checkManaged(input.PolicyDocument);
  return {
    name: input.PolicyName!,
    path: input.Path ?? '/',
    description: input.Description,
    versions: [{ id: 'v1', document, createdAt: clock.now() }],
    defaultVersion: 'v1',
    lastNumber: 1,
    tags: withTags({}, input.Tags),
  };
}

function checkManaged(text: string | undefined): string {
  const document = checkPolicy(text, 'identity');
  if (document.replace(/\s/g, '').length > SIZE_LIMIT) throw errors.managedTooLarge({ limit: SIZE_LIMIT });
  return document;
}

function versionOf(doc: ManagedPolicyDoc, { PolicyArn, VersionId }: ByArn): PolicyVersion {
  const found = doc.versions.find(({ id }) => id === VersionId);
  if (!found) throw errors.versionMissing({ policy: PolicyArn!, version: VersionId! });
  return found;
}

function describeVersion(doc: ManagedPolicyDoc, version: PolicyVersion, whole: boolean): PolicyVersionAnswer {
  return {
    VersionId: version.id,
    IsDefaultVersion: version.id === doc.defaultVersion,
    CreateDate: new Date(version.createdAt),
    ...(whole ? { Document: encodePolicyDocument(version.document) } : {}),
  };
}

function describePolicy(policy: ManagedPolicy, attached: number, bounding: number): Policy {
  const { arn, id, doc, createdAt, updatedAt } = policy;
  return {
    PolicyName: doc.name,
    PolicyId: id,
    Arn: arn,
    Path: doc.path,
    DefaultVersionId: doc.defaultVersion,
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: bounding,
    IsAttachable: true,
    CreateDate: new Date(createdAt),
    UpdateDate: new Date(updatedAt),
    ...(Object.keys(doc.tags).length > 0 ? { Tags: [...tagList(doc.tags)] } : {}),
  };
}

type Uses = readonly Pick<EntityDoc, 'attachedPolicies' | 'boundary'>[];

async function usesOf({ users, groups, roles }: IamPorts, account: string): Promise<Uses> {
  const all: readonly Entities<EntityDoc>[] = [users, groups, roles] as never;
  return (await Promise.all(all.map((entities) => entities.all(account)))).flat().map(({ doc }) => doc);
}

function describeUsed(policy: ManagedPolicy, uses: Uses): Policy {
  const attached = uses.filter(({ attachedPolicies }) => attachedPolicies?.includes(policy.arn));
  const bounding = uses.filter(({ boundary }) => boundary === policy.arn);
  return describePolicy(policy, attached.length, bounding.length);
}

async function listPolicies(
  ports: IamPorts,
  input: ListPoliciesRequest,
  context: OperationContext,
): Promise<object> {
  const { account } = context.scope;
  const uses = await usesOf(ports, account);
  const { Scope = 'All', OnlyAttached = false, PathPrefix = '/', PolicyUsageFilter: usage } = input;
  const items = (await ports.policies.all(account))
    .filter(
      ({ isAws, doc }) => (Scope === 'All' || (Scope === 'AWS') === isAws) && doc.path.startsWith(PathPrefix),
    )
    .map((policy) => describeUsed(policy, uses))
    .filter(({ AttachmentCount, PermissionsBoundaryUsageCount }) => {
      if (usage === 'PermissionsBoundary' && PermissionsBoundaryUsageCount === 0) return false;
      return !OnlyAttached || AttachmentCount! > 0;
    });
  const filter = { Scope, OnlyAttached, PathPrefix, usage: usage ?? '' };
  const list = { operation: 'ListPolicies', filter, items, key: ({ Arn }: Policy) => Arn! };
  const page = pageOf(ports.pageTokens, context, list, input);
  return { Policies: page.items, ...page.rest };
}

async function checkUnused(ports: IamPorts, account: string, { arn, doc }: ManagedPolicy): Promise<void> {
  const uses = await usesOf(ports, account);
  const isUsed = uses.some(
    ({ attachedPolicies, boundary }) => attachedPolicies?.includes(arn) || boundary === arn,
  );
  if (isUsed) throw errors.managedAttached({ policy: arn });
  if (doc.versions.length > 1) throw errors.versionsLeft({ policy: arn });
}

async function listEntities(
  ports: IamPorts,
  input: ListEntitiesForPolicyRequest,
  { scope }: OperationContext,
): Promise<object> {
  const { arn } = await ports.policies.get(scope.account, input.PolicyArn!);
  const { PathPrefix = '/', EntityFilter: filter, PolicyUsageFilter: usage } = input;
  const isUsed = ({ doc }: Row<EntityDoc>) =>
    doc.path.startsWith(PathPrefix) &&
    (usage === 'PermissionsBoundary' ? doc.boundary === arn : (doc.attachedPolicies?.includes(arn) ?? false));
  const of = async <D extends EntityDoc>(noun: 'User' | 'Group' | 'Role', entities: Entities<D>) =>
    filter && filter !== noun
      ? []
      : (await entities.all(scope.account))
          .filter(isUsed)
          .map(({ id, doc }) => ({ [`${noun}Name`]: doc.name, [`${noun}Id`]: id }));
  return {
    PolicyUsers: await of('User', ports.users),
    PolicyGroups: await of('Group', ports.groups),
    PolicyRoles: await of('Role', ports.roles),
    IsTruncated: false,
  };
}
