import type { CreateUserRequest, ListUsersRequest, UpdateUserRequest, User } from '@aws-sdk/client-iam';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import type { Row } from '../entity/entities.ts';
import { anyResource, iamEntry, namedArn } from '../entity/entry.ts';
import { pageOf } from '../entity/page.ts';
import { tagList, withTags } from '../entity/tags.ts';
import { errors } from '../errors.ts';
import type { IamPorts } from '../iam-ports.ts';
import type { UserDoc } from './model.ts';

interface Named {
  readonly UserName?: string | undefined;
}

/** IAM's operations on users themselves. */
export function userOperations(ports: IamPorts): readonly AnyOperation[] {
  const { users, ids } = ports;
  const arn = namedArn(users, userNameOf);
  return [
    iamEntry<CreateUserRequest, object>(
      'CreateUser',
      (input, { scope }) => `arn:aws:iam::${scope.account}:user${input.Path ?? '/'}${input.UserName}`,
      async (input, { scope }) => {
        const doc = await newUser(ports, scope.account, input);
        return { User: describeUser(ports, await users.insert(scope.account, ids.iam('AIDA', 17), doc)) };
      },
    ),
    iamEntry<Named, object>('GetUser', arn, async (input, context) => {
      const { scope, principal } = context;
      const name = userNameOf(input, context);
      // The root user asks who it is: it has no name.
      if (name === undefined) return { User: describeRoot(principal) };
      return { User: describeUser(ports, await users.get(scope.account, name)) };
    }),
    iamEntry<ListUsersRequest, object>('ListUsers', anyResource, async (input, context) => {
      const { PathPrefix = '/' } = input;
      const items = (await users.all(context.scope.account)).filter(({ doc }) =>
        doc.path.startsWith(PathPrefix),
      );
      const list = {
        operation: 'ListUsers',
        filter: PathPrefix,
        items,
        key: ({ doc }: Row<UserDoc>) => doc.name,
      };
      const page = pageOf(ports.pageTokens, context, list, input);
      return { Users: page.items.map((row) => describeUser(ports, row)), ...page.rest };
    }),
    iamEntry<UpdateUserRequest, object>('UpdateUser', arn, async (input, { scope }) => {
      if (input.NewUserName && input.NewUserName.toLowerCase() !== input.UserName!.toLowerCase()) {
        const taken = await users.find(scope.account, input.NewUserName);
        if (taken) throw errors.entityExists({ noun: 'User', name: input.NewUserName });
      }
      await users.change(scope.account, input.UserName!, (doc) => ({
        ...doc,
        name: input.NewUserName ?? doc.name,
        path: input.NewPath ?? doc.path,
      }));
      return {};
    }),
    iamEntry<Named, object>('DeleteUser', arn, (input, context) => deleteUser(ports, input, context)),
  ];
}

/** The user that a request means: the one it names, or the caller. Undefined for the root user. */
export function userNameOf({ UserName }: Named, { principal }: OperationContext): string | undefined {
  if (UserName !== undefined) return UserName;
  return principal.kind === 'user' ? principal.arn.slice(principal.arn.lastIndexOf('/') + 1) : undefined;
}

async function newUser({ policies }: IamPorts, account: string, input: CreateUserRequest): Promise<UserDoc> {
  const boundary = input.PermissionsBoundary;
  if (boundary !== undefined) await policies.get(account, boundary);
  return {
    name: input.UserName!,
    path: input.Path ?? '/',
    inlinePolicies: {},
    attachedPolicies: [],
    ...(boundary === undefined ? {} : { boundary }),
    tags: withTags({}, input.Tags),
    groups: [],
  };
}

async function deleteUser(ports: IamPorts, input: Named, { scope }: OperationContext): Promise<object> {
  const { users, accessKeys, mfaDevices } = ports;
  await users.remove(scope.account, input.UserName!, async ({ id, doc }) => {
    const left = [
      ...(Object.keys(doc.inlinePolicies).length > 0 ? ['policies'] : []),
      ...((doc.attachedPolicies ?? []).length > 0 ? ['attached policies'] : []),
      ...(doc.groups.length > 0 ? ['group memberships'] : []),
      ...((await accessKeys.of(scope.account, id)).length > 0 ? ['access keys'] : []),
      ...((await mfaDevices.of(scope.account, id)).length > 0 ? ['MFA devices'] : []),
    ];
    if (left.length > 0) throw errors.deleteConflict({ name: doc.name, what: left.join(', ') });
  });
  return {};
}

export function describeUser({ users }: IamPorts, row: Row<UserDoc>): User {
  const { doc } = row;
  return {
    Path: doc.path,
    UserName: doc.name,
    UserId: row.id,
    Arn: users.arn(row),
    CreateDate: new Date(row.createdAt),
    ...(doc.boundary ? { PermissionsBoundary: boundaryOf(doc.boundary) } : {}),
    ...(Object.keys(doc.tags).length > 0 ? { Tags: [...tagList(doc.tags)] } : {}),
  };
}

export function boundaryOf(arn: string) {
  return { PermissionsBoundaryType: 'PermissionsBoundaryPolicy' as const, PermissionsBoundaryArn: arn };
}

function describeRoot({ account, arn }: OperationContext['principal']): User {
  return { Path: '/', UserName: 'root', UserId: account, Arn: arn, CreateDate: new Date(0) };
}
