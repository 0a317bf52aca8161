import type {
  GetAccountAuthorizationDetailsRequest,
  SimulateCustomPolicyRequest,
  SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam';
import { parseArn } from '@helicase/kernel';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import type { Identities } from '../authorize/identities.ts';
import { attachedPolicy } from '../entity/attached-policies.ts';
import type { EntityDoc } from '../entity/model.ts';
import { anyResource, iamEntry } from '../entity/entry.ts';
import { profilesByRole } from '../instance-profile/operations.ts';
import { pageOf } from '../entity/page.ts';
import { errors } from '../errors.ts';
import { describeGroup } from '../group/operations.ts';
import type { IamPorts } from '../iam-ports.ts';
import type { Organizations } from '../organization/organizations.ts';
import { encodePolicyDocument } from '../policy-text.ts';
import { describeRole } from '../role/operations.ts';
import { describeUser } from '../user/operations.ts';
import { type Simulation, simulate, type Simulated } from './simulate.ts';

export interface ReportPorts extends IamPorts {
  readonly identities: Identities;
  readonly organizations: Pick<Organizations, 'levelsOf'>;
}

/** IAM's operations on the account as a whole, and the policy simulator. */
export function reportOperations(ports: ReportPorts): readonly AnyOperation[] {
  return [
    iamEntry<object, object>('GetAccountSummary', anyResource, async (_, { scope }) => ({
      SummaryMap: await summary(ports, scope.account),
    })),
    iamEntry<GetAccountAuthorizationDetailsRequest, object>(
      'GetAccountAuthorizationDetails',
      anyResource,
      (input, context) => authorizationDetails(ports, input, context),
    ),
    iamEntry<SimulateCustomPolicyRequest, object>(
      'SimulateCustomPolicy',
      anyResource,
      async (input, { scope }) => {
        const caller = input.CallerArn ?? `arn:aws:iam::${scope.account}:user/simulated`;
        return results(ports, {
          ...input,
          texts: input.PolicyInputList ?? [],
          caller,
          account: scope.account,
        });
      },
    ),
    iamEntry<SimulatePrincipalPolicyRequest, object>(
      'SimulatePrincipalPolicy',
      ({ PolicySourceArn }) => PolicySourceArn!,
      async (input, { scope }) => {
        const source = await policySource(ports, scope.account, input.PolicySourceArn!);
        const texts = input.PolicyInputList ?? [];
        const caller = input.CallerArn ?? input.PolicySourceArn!;
        const serviceControl = await ports.organizations.levelsOf(scope.account);
        return results(ports, {
          ...{ ...input, ...source },
          ...{ texts, caller, account: scope.account, serviceControl },
        });
      },
    ),
  ];
}

function results({ identities }: ReportPorts, simulation: Simulation): object {
  const evaluated: readonly Simulated[] = simulate(identities, simulation);
  return { EvaluationResults: evaluated, IsTruncated: false };
}

/** What is attached to the user, group or role; a group's is what its members get from it. */
async function policySource(
  ports: ReportPorts,
  account: string,
  arn: string,
): Promise<Pick<Simulation, 'attached' | 'boundary'>> {
  const parsed = parseArn(arn);
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const noun = parsed?.resource.split('/')[0];
  const entities = noun === 'role' ? ports.roles : noun === 'group' ? ports.groups : ports.users;
  const row = parsed?.account === account ? await entities.find(account, name) : undefined;
  if (!row || entityArnOf(ports, noun, row) !== arn) throw errors.simulatedArn({ arn });
  const identity = await ports.identities.attachedTo(account, row.id);
  return {
    attached: identity?.policies ?? [],
    ...(identity?.boundary ? { boundary: identity.boundary } : {}),
  };
}

function entityArnOf(
  ports: ReportPorts,
  noun: string | undefined,
  row: Parameters<typeof ports.groups.arn>[0],
): string {
  const kind = noun === 'role' ? 'Role' : noun === 'group' ? 'Group' : 'User';
  return `arn:aws:iam::${row.scope.account}:${kind.toLowerCase()}${row.doc.path}${row.doc.name}`;
}

async function summary(ports: ReportPorts, account: string): Promise<Readonly<Record<string, number>>> {
  const [users, groups, roles, profiles, all, devices, providers, rootKeys] = await Promise.all([
    ports.users.all(account),
    ports.groups.all(account),
    ports.roles.all(account),
    ports.instanceProfiles.all(account),
    ports.policies.all(account),
    ports.mfaDevices.all(account),
    ports.oidcProviders.all(account),
    ports.accessKeys.of(account, 'root'),
  ]);
  const own = all.filter(({ isAws }) => !isAws);
  return {
    Users: users.length,
    Groups: groups.length,
    Roles: roles.length,
    InstanceProfiles: profiles.length,
    Policies: own.length,
    PolicyVersionsInUse: own.reduce((sum, { doc }) => sum + doc.versions.length, 0),
    MFADevices: devices.length,
    MFADevicesInUse: devices.filter(({ doc }) => doc.owner !== undefined).length,
    AccountMFAEnabled: devices.some(({ doc }) => doc.owner === 'root') ? 1 : 0,
    AccountAccessKeysPresent: rootKeys.length > 0 ? 1 : 0,
    Providers: providers.length,
    AccessKeysPerUserQuota: 2,
    GroupsPerUserQuota: 10,
    AttachedPoliciesPerUserQuota: 20,
    AttachedPoliciesPerGroupQuota: 20,
    AttachedPoliciesPerRoleQuota: 20,
    VersionsPerPolicyQuota: 5,
    PolicySizeQuota: 6144,
    UserPolicySizeQuota: 2048,
    GroupPolicySizeQuota: 5120,
    AssumeRolePolicySizeQuota: 2048,
  };
}

interface Detail {
  readonly member: 'UserDetailList' | 'GroupDetailList' | 'RoleDetailList' | 'Policies';
  readonly arn: string;
  readonly value: object;
}

async function authorizationDetails(
  ports: ReportPorts,
  input: GetAccountAuthorizationDetailsRequest,
  context: OperationContext,
): Promise<object> {
  const { account } = context.scope;
  const filter = input.Filter ?? [];
  const wanted = (name: 'User' | 'Group' | 'Role' | 'LocalManagedPolicy' | 'AWSManagedPolicy') =>
    filter.length === 0 || filter.includes(name);
  const items = [
    ...(wanted('User') ? await userDetails(ports, account) : []),
    ...(wanted('Group') ? await groupDetails(ports, account) : []),
    ...(wanted('Role') ? await roleDetails(ports, account) : []),
    ...(await policyDetails(ports, account, (isAws) =>
      wanted(isAws ? 'AWSManagedPolicy' : 'LocalManagedPolicy'),
    )),
  ];
  const list = { operation: 'GetAccountAuthorizationDetails', filter, items, key: ({ arn }: Detail) => arn };
  const page = pageOf(ports.pageTokens, context, list, input);
  const members = ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'] as const;
  const of = (member: Detail['member']) => page.items.filter((item) => item.member === member);
  return {
    ...Object.fromEntries(members.map((member) => [member, of(member).map(({ value }) => value)])),
    ...page.rest,
  };
}

function inlineList({ inlinePolicies }: EntityDoc) {
  return Object.entries(inlinePolicies).map(([PolicyName, text]) => ({
    PolicyName,
    PolicyDocument: encodePolicyDocument(text),
  }));
}

async function userDetails(ports: ReportPorts, account: string): Promise<readonly Detail[]> {
  const groups = await ports.groups.all(account);
  return (await ports.users.all(account)).map((row) => {
    const value = {
      ...describeUser(ports, row),
      UserPolicyList: inlineList(row.doc),
      GroupList: groups.filter(({ id }) => row.doc.groups.includes(id)).map(({ doc }) => doc.name),
      AttachedManagedPolicies: (row.doc.attachedPolicies ?? []).map(attachedPolicy),
    };
    return { member: 'UserDetailList', arn: value.Arn!, value };
  });
}

async function groupDetails(ports: ReportPorts, account: string): Promise<readonly Detail[]> {
  return (await ports.groups.all(account)).map((row) => {
    const value = {
      ...describeGroup(ports, row),
      GroupPolicyList: inlineList(row.doc),
      AttachedManagedPolicies: (row.doc.attachedPolicies ?? []).map(attachedPolicy),
    };
    return { member: 'GroupDetailList', arn: value.Arn!, value };
  });
}

async function roleDetails(ports: ReportPorts, account: string): Promise<readonly Detail[]> {
  const profiles = await profilesByRole(ports, account);
  return (await ports.roles.all(account)).map((row) => {
    const value = {
      ...describeRole(ports, row),
      InstanceProfileList: profiles.get(row.id) ?? [],
      RolePolicyList: inlineList(row.doc),
      AttachedManagedPolicies: (row.doc.attachedPolicies ?? []).map(attachedPolicy),
    };
    return { member: 'RoleDetailList', arn: value.Arn!, value };
  });
}

async function policyDetails(
  ports: ReportPorts,
  account: string,
  wanted: (isAws: boolean) => boolean,
): Promise<readonly Detail[]> {
  const all = await ports.policies.all(account);
  return all
    .filter(({ isAws }) => wanted(isAws))
    .map(({ arn, id, doc, createdAt, updatedAt }) => ({
      member: 'Policies',
      arn,
      value: {
        PolicyName: doc.name,
        PolicyId: id,
        Arn: arn,
        Path: doc.path,
        DefaultVersionId: doc.defaultVersion,
        IsAttachable: true,
        CreateDate: new Date(createdAt),
        UpdateDate: new Date(updatedAt),
        PolicyVersionList: doc.versions.map((version) => ({
          VersionId: version.id,
          IsDefaultVersion: version.id === doc.defaultVersion,
          CreateDate: new Date(version.createdAt),
          Document: encodePolicyDocument(version.document),
        })),
      },
    }));
}
