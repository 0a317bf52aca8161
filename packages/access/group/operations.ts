import type {
  CreateGroupRequest,
  GetGroupRequest,
  Group,
  ListGroupsForUserRequest,
  ListGroupsRequest,
  UpdateGroupRequest,
} from '@aws-sdk/client-iam';
import type { AnyOperation } from '@helicase/wire';
import type { Row } from '../entity/entities.ts';
import { anyResource, iamEntry, namedArn } from '../entity/entry.ts';
import type { EntityDoc } from '../entity/model.ts';
import { pageOf } from '../entity/page.ts';
import { errors } from '../errors.ts';
import type { IamPorts } from '../iam-ports.ts';
import { describeUser, userNameOf } from '../user/operations.ts';

interface Named {
  readonly GroupName?: string;
  readonly UserName?: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const GROUPS_OF_A_USER = 10;

/** IAM's operations on groups and who is in them. */
export function groupOperations(ports: IamPorts): readonly AnyOperation[] {
  return [...groupEntries(ports), ...membershipEntries(ports)];
}

function groupEntries(ports: IamPorts): readonly AnyOperation[] {
  const { groups, users, ids } = ports;
  const arn = namedArn(groups, ({ GroupName }: Named) => GroupName);
  return [
    iamEntry<CreateGroupRequest, object>(
      'CreateGroup',
      (input, { scope }) => `arn:aws:iam::${scope.account}:group${input.Path ?? '/'}${input.GroupName}`,
      async (input, { scope }) => {
        const doc = {
          name: input.GroupName!,
          path: input.Path ?? '/',
          inlinePolicies: {},
          attachedPolicies: [],
          tags: {},
        };
        return { Group: describeGroup(ports, await groups.insert(scope.account, ids.iam('AGPA', 17), doc)) };
      },
    ),
    iamEntry<GetGroupRequest, object>('GetGroup', arn, async (input, context) => {
      const group = await groups.get(context.scope.account, input.GroupName!);
      const items = await membersOf(ports, group);
      const list = {
        operation: 'GetGroup',
        filter: group.id,
        items,
        key: ({ doc }: (typeof items)[number]) => doc.name,
      };
      const page = pageOf(ports.pageTokens, context, list, input);
      const Users = page.items.map((row) => describeUser(ports, row));
      return { Group: describeGroup(ports, group), Users, ...page.rest };
    }),
    iamEntry<ListGroupsRequest, object>('ListGroups', anyResource, async (input, context) => {
      const { PathPrefix = '/' } = input;
      const items = (await groups.all(context.scope.account)).filter(({ doc }) =>
        doc.path.startsWith(PathPrefix),
      );
      const list = {
        operation: 'ListGroups',
        filter: PathPrefix,
        items,
        key: ({ doc }: Row<EntityDoc>) => doc.name,
      };
      const page = pageOf(ports.pageTokens, context, list, input);
      return { Groups: page.items.map((row) => describeGroup(ports, row)), ...page.rest };
    }),
    iamEntry<UpdateGroupRequest, object>('UpdateGroup', arn, async (input, { scope }) => {
      if (input.NewGroupName && input.NewGroupName.toLowerCase() !== input.GroupName!.toLowerCase()) {
        const taken = await groups.find(scope.account, input.NewGroupName);
        if (taken) throw errors.entityExists({ noun: 'Group', name: input.NewGroupName });
      }
      await groups.change(scope.account, input.GroupName!, (doc) => ({
        ...doc,
        name: input.NewGroupName ?? doc.name,
        path: input.NewPath ?? doc.path,
      }));
      return {};
    }),
    iamEntry<Named, object>('DeleteGroup', arn, async (input, { scope }) => {
      await groups.remove(scope.account, input.GroupName!, async ({ id, doc }, tx) => {
        const members = (await users.all(scope.account, tx)).filter((user) => user.doc.groups.includes(id));
        const left = [
          ...(Object.keys(doc.inlinePolicies).length > 0 ? ['policies'] : []),
          ...((doc.attachedPolicies ?? []).length > 0 ? ['attached policies'] : []),
          ...(members.length > 0 ? ['users'] : []),
        ];
        if (left.length > 0) throw errors.deleteConflict({ name: doc.name, what: left.join(', ') });
      });
      return {};
    }),
  ];
}

function membershipEntries(ports: IamPorts): readonly AnyOperation[] {
  const { groups, users } = ports;
  const arn = namedArn(groups, ({ GroupName }: Named) => GroupName);
  return [
    iamEntry<Named, object>('AddUserToGroup', arn, async (input, { scope }) => {
      const group = await groups.get(scope.account, input.GroupName!);
      await users.change(scope.account, input.UserName!, (doc) => {
        const of = [...new Set([...doc.groups, group.id])];
        if (of.length > GROUPS_OF_A_USER)
          throw errors.tooManyGroups({ name: doc.name, limit: GROUPS_OF_A_USER });
        return { ...doc, groups: of };
      });
      return {};
    }),
    iamEntry<Named, object>('RemoveUserFromGroup', arn, async (input, { scope }) => {
      const group = await groups.get(scope.account, input.GroupName!);
      await users.change(scope.account, input.UserName!, (doc) => ({
        ...doc,
        groups: doc.groups.filter((id) => id !== group.id),
      }));
      return {};
    }),
    iamEntry<ListGroupsForUserRequest, object>(
      'ListGroupsForUser',
      namedArn(users, userNameOf),
      async (input, context) => {
        const { account } = context.scope;
        const user = await users.get(account, input.UserName!);
        const items = (await groups.all(account)).filter(({ id }) => user.doc.groups.includes(id));
        const list = {
          operation: 'ListGroupsForUser',
          filter: user.id,
          items,
          key: ({ doc }: Row<EntityDoc>) => doc.name,
        };
        const page = pageOf(ports.pageTokens, context, list, input);
        return { Groups: page.items.map((row) => describeGroup(ports, row)), ...page.rest };
      },
    ),
  ];
}

async function membersOf({ users }: IamPorts, group: Row<EntityDoc>) {
  const all = await users.all(group.scope.account);
  return all.filter(({ doc }) => doc.groups.includes(group.id));
}

export function describeGroup({ groups }: IamPorts, row: Row<EntityDoc>): Group {
  return {
    Path: row.doc.path,
    GroupName: row.doc.name,
    GroupId: row.id,
    Arn: groups.arn(row),
    CreateDate: new Date(row.createdAt),
  };
}
