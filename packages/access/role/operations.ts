import type {
  CreateRoleRequest,
  ListRolesRequest,
  Role,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleDescriptionRequest,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import type { Row } from '../entity/entities.ts';
import { anyResource, iamEntry, namedArn } from '../entity/entry.ts';
import { pageOf } from '../entity/page.ts';
import { tagList, withTags } from '../entity/tags.ts';
import { errors } from '../errors.ts';
import type { IamPorts } from '../iam-ports.ts';
import { checkPolicy, encodePolicyDocument } from '../policy-text.ts';
import { boundaryOf } from '../user/operations.ts';
import type { RoleDoc } from './model.ts';

interface Named {
  readonly RoleName?: string | undefined;
}

const DEFAULT_SESSION_SECONDS = 3600;

/** IAM's operations on roles themselves. */
export function roleOperations(ports: IamPorts): readonly AnyOperation[] {
  const { roles, ids } = ports;
  const arn = namedArn(roles, ({ RoleName }: Named) => RoleName);
  return [
    iamEntry<CreateRoleRequest, object>(
      'CreateRole',
      (input, { scope }) => `arn:aws:iam::${scope.account}:role${input.Path ?? '/'}${input.RoleName}`,
      async (input, { scope }) => {
        const doc = await newRole(ports, scope.account, input);
        return { Role: describeRole(ports, await roles.insert(scope.account, ids.iam('AROA', 17), doc)) };
      },
    ),
    iamEntry<Named, object>('GetRole', arn, async (input, { scope }) => ({
      Role: describeRole(ports, await roles.get(scope.account, input.RoleName!)),
    })),
    iamEntry<ListRolesRequest, object>('ListRoles', anyResource, async (input, context) => {
      const { PathPrefix = '/' } = input;
      const items = (await roles.all(context.scope.account)).filter(({ doc }) =>
        doc.path.startsWith(PathPrefix),
      );
      const list = {
        operation: 'ListRoles',
        filter: PathPrefix,
        items,
        key: ({ doc }: Row<RoleDoc>) => doc.name,
      };
      const page = pageOf(ports.pageTokens, context, list, input);
      return { Roles: page.items.map((row) => describeRole(ports, row)), ...page.rest };
    }),
    ...changes(ports),
    iamEntry<Named, object>('DeleteRole', arn, (input, context) => deleteRole(ports, input, context)),
  ];
}

function changes(ports: IamPorts): readonly AnyOperation[] {
  const { roles } = ports;
  const arn = namedArn(roles, ({ RoleName }: Named) => RoleName);
  return [
    iamEntry<UpdateRoleRequest, object>('UpdateRole', arn, async (input, { scope }) => {
      await roles.change(scope.account, input.RoleName!, (doc) => ({
        ...doc,
        description: input.Description ?? doc.description,
        maxSessionDuration: input.MaxSessionDuration ?? doc.maxSessionDuration,
      }));
      return {};
    }),
    iamEntry<UpdateRoleDescriptionRequest, object>('UpdateRoleDescription', arn, async (input, { scope }) => {
      const row = await roles.change(scope.account, input.RoleName!, (doc) => ({
        ...doc,
        description: input.Description!,
      }));
      return { Role: describeRole(ports, row) };
    }),
    iamEntry<UpdateAssumeRolePolicyRequest, object>(
      'UpdateAssumeRolePolicy',
      arn,
      async (input, { scope }) => {
        const trustPolicy = checkPolicy(input.PolicyDocument, 'trust');
        await roles.change(scope.account, input.RoleName!, (doc) => ({ ...doc, trustPolicy }));
        return {};
      },
    ),
  ];
}

async function newRole({ policies }: IamPorts, account: string, input: CreateRoleRequest): Promise<RoleDoc> {
  const boundary = input.PermissionsBoundary;
  if (boundary !== undefined) await policies.get(account, boundary);
  return {
    name: input.RoleName!,
    path: input.Path ?? '/',
    description: input.Description,
    maxSessionDuration: input.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS,
    trustPolicy: checkPolicy(input.AssumeRolePolicyDocument, 'trust'),
    inlinePolicies: {},
    attachedPolicies: [],
    ...(boundary === undefined ? {} : { boundary }),
    tags: withTags({}, input.Tags),
  };
}

async function deleteRole(
  { instanceProfiles, roles }: IamPorts,
  input: Named,
  { scope }: OperationContext,
): Promise<object> {
  await roles.remove(scope.account, input.RoleName!, async ({ doc, id }, tx) => {
    const left = [...Object.keys(doc.inlinePolicies), ...(doc.attachedPolicies ?? [])];
    if (left.length > 0)
      throw errors.deleteConflict({ name: doc.name, what: `policies: ${left.join(', ')}` });
    const profiles = (await instanceProfiles.all(scope.account, tx)).filter((row) => row.doc.role === id);
    const names = profiles.map((row) => row.doc.name).join(', ');
    if (profiles.length > 0)
      throw errors.deleteConflict({ name: doc.name, what: `the role from instance profiles: ${names}` });
  });
  return {};
}

export function describeRole({ roles }: IamPorts, row: Row<RoleDoc>): Role {
  const { doc } = row;
  return {
    Path: doc.path,
    RoleName: doc.name,
    RoleId: row.id,
    Arn: roles.arn(row),
    CreateDate: new Date(row.createdAt),
    AssumeRolePolicyDocument: encodePolicyDocument(doc.trustPolicy),
    MaxSessionDuration: doc.maxSessionDuration,
    ...(doc.description === undefined ? {} : { Description: doc.description }),
    ...(doc.boundary ? { PermissionsBoundary: boundaryOf(doc.boundary) } : {}),
    ...(Object.keys(doc.tags).length > 0 ? { Tags: [...tagList(doc.tags)] } : {}),
  };
}
