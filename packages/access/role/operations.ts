import type {
  CreateRoleRequest,
  CreateRoleResponse,
  DeleteRolePolicyRequest,
  DeleteRoleRequest,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  GetRoleRequest,
  GetRoleResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  ListRolesRequest,
  ListRolesResponse,
  PutRolePolicyRequest,
  Role,
} from '@aws-sdk/client-iam';
import type { Ids } from '@helicase/kernel';
import { type Records, type Transaction, UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { globalScope } from '../account/accounts.ts';
import { errors } from '../errors.ts';
import { roleArn, type RoleDoc } from './model.ts';
import { checkPolicyDocument, encodePolicyDocument } from './policy-document.ts';
import { findRole, type RoleRow, type RoleTable } from './repository.ts';

export interface RoleOperationsOptions {
  readonly records: Records;
  readonly table: RoleTable;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
}

const DEFAULT_SESSION_SECONDS = 3600;
const DEFAULT_PAGE = 100;

/** IAM's operations on roles and their inline policies. */
export function roleOperations(options: RoleOperationsOptions): readonly AnyOperation[] {
  return [...roleEntries(options), ...policyEntries(options)];
}

const write = { resources: namedRole, readOnly: false, quota: 'iam-write' };
const read = { resources: namedRole, readOnly: true, quota: 'iam-read' };

function namedRole(
  { RoleName = '*' }: { RoleName?: string | undefined },
  { scope }: OperationContext,
): readonly string[] {
  return [`arn:aws:iam::${scope.account}:role/${RoleName}`];
}

function roleEntries(options: RoleOperationsOptions): readonly AnyOperation[] {
  return [
    defineOperation<CreateRoleRequest, CreateRoleResponse>({
      ...write,
      name: 'CreateRole',
      action: 'iam:CreateRole',
      handler: (input, context) => createRole(options, input, context),
    }),
    defineOperation<GetRoleRequest, GetRoleResponse>({
      ...read,
      name: 'GetRole',
      action: 'iam:GetRole',
      handler: async (input, context) => ({
        Role: describeRole(await existing(options, options.records.direct, context, input.RoleName!)),
      }),
    }),
    defineOperation<ListRolesRequest, ListRolesResponse>({
      ...read,
      name: 'ListRoles',
      action: 'iam:ListRoles',
      resources: (_, context) => namedRole({}, context),
      handler: (input, context) => listRoles(options, input, context),
    }),
    defineOperation<DeleteRoleRequest, object>({
      ...write,
      name: 'DeleteRole',
      action: 'iam:DeleteRole',
      handler: (input, context) => deleteRole(options, input, context),
    }),
  ];
}

function policyEntries(options: RoleOperationsOptions): readonly AnyOperation[] {
  return [
    defineOperation<PutRolePolicyRequest, object>({
      ...write,
      name: 'PutRolePolicy',
      action: 'iam:PutRolePolicy',
      handler: (input, context) => putRolePolicy(options, input, context),
    }),
    defineOperation<GetRolePolicyRequest, GetRolePolicyResponse>({
      ...read,
      name: 'GetRolePolicy',
      action: 'iam:GetRolePolicy',
      handler: (input, context) => getRolePolicy(options, input, context),
    }),
    defineOperation<ListRolePoliciesRequest, ListRolePoliciesResponse>({
      ...read,
      name: 'ListRolePolicies',
      action: 'iam:ListRolePolicies',
      handler: (input, context) => listRolePolicies(options, input, context),
    }),
    defineOperation<DeleteRolePolicyRequest, object>({
      ...write,
      name: 'DeleteRolePolicy',
      action: 'iam:DeleteRolePolicy',
      handler: (input, context) => deleteRolePolicy(options, input, context),
    }),
  ];
}

async function existing(
  { table }: RoleOperationsOptions,
  tx: Transaction,
  { scope }: OperationContext,
  name: string,
): Promise<RoleRow> {
  const role = await findRole(table, tx, scope.account, name);
  if (!role) throw errors.roleMissing({ name });
  return role;
}

function change(
  options: RoleOperationsOptions,
  context: OperationContext,
  name: string,
  edit: (doc: RoleDoc) => RoleDoc,
): Promise<void> {
  return options.records.transaction(async (tx) => {
    const role = await existing(options, tx, context, name);
    await options.table.update(tx, globalScope(context.scope.account), role.id, edit);
  });
}

async function createRole(
  { ids, records, table }: RoleOperationsOptions,
  input: CreateRoleRequest,
  context: OperationContext,
): Promise<CreateRoleResponse> {
  const doc = newRole(input);
  const scope = globalScope(context.scope.account);
  const insert = (tx: Transaction) =>
    table.insert(tx, { scope, id: ids.iam('AROA', 17), status: 'ACTIVE', doc });
  try {
    return { Role: describeRole(await records.transaction(insert)) };
  } catch (error) {
    if (error instanceof UniqueViolation) throw errors.roleExists({ name: doc.name });
    throw error;
  }
}

async function listRoles(
  { pageTokens, records, table }: RoleOperationsOptions,
  input: ListRolesRequest,
  context: OperationContext,
): Promise<ListRolesResponse> {
  const scope = globalScope(context.scope.account);
  const binding = { scope, operation: 'ListRoles', filter: { path: input.PathPrefix ?? '/' } };
  const after = input.Marker ? readMarker(pageTokens, binding, input.Marker) : undefined;
  const page = await table.list(records.direct, scope, {
    limit: input.MaxItems ?? DEFAULT_PAGE,
    ...(after ? { after } : {}),
  });
  const roles = page.rows.filter((role) => role.doc.path.startsWith(input.PathPrefix ?? '/'));
  return {
    Roles: roles.map(describeRole),
    IsTruncated: page.next !== undefined,
    ...(page.next ? { Marker: pageTokens.issue(binding, page.next) } : {}),
  };
}

async function deleteRole(
  options: RoleOperationsOptions,
  input: DeleteRoleRequest,
  context: OperationContext,
): Promise<object> {
  await options.records.transaction(async (tx) => {
    const role = await existing(options, tx, context, input.RoleName!);
    const policies = Object.keys(role.doc.inlinePolicies);
    if (policies.length > 0)
      throw errors.roleHasPolicies({ name: role.doc.name, policies: policies.join(', ') });
    await options.table.remove(tx, globalScope(context.scope.account), role.id);
  });
  return {};
}

async function putRolePolicy(
  options: RoleOperationsOptions,
  input: PutRolePolicyRequest,
  context: OperationContext,
): Promise<object> {
  const document = checkPolicyDocument(`policy ${input.PolicyName}`, input.PolicyDocument);
  await change(options, context, input.RoleName!, (doc) => ({
    ...doc,
    inlinePolicies: { ...doc.inlinePolicies, [input.PolicyName!]: document },
  }));
  return {};
}

async function getRolePolicy(
  options: RoleOperationsOptions,
  input: GetRolePolicyRequest,
  context: OperationContext,
): Promise<GetRolePolicyResponse> {
  const role = await existing(options, options.records.direct, context, input.RoleName!);
  const document = policyOf(role, input.PolicyName!);
  return {
    RoleName: role.doc.name,
    PolicyName: input.PolicyName!,
    PolicyDocument: encodePolicyDocument(document),
  };
}

async function listRolePolicies(
  options: RoleOperationsOptions,
  input: ListRolePoliciesRequest,
  context: OperationContext,
): Promise<ListRolePoliciesResponse> {
  const { pageTokens, records } = options;
  const { doc, id, scope } = await existing(options, records.direct, context, input.RoleName!);
  const binding = { scope, operation: 'ListRolePolicies', filter: { role: id } };
  const [after] = input.Marker ? readMarker(pageTokens, binding, input.Marker) : [''];
  const names = Object.keys(doc.inlinePolicies).sort();
  const rest = names.filter((name) => name > String(after));
  const page = rest.slice(0, input.MaxItems ?? DEFAULT_PAGE);
  const isTruncated = page.length < rest.length;
  return {
    PolicyNames: page,
    IsTruncated: isTruncated,
    ...(isTruncated ? { Marker: pageTokens.issue(binding, [page.at(-1)!]) } : {}),
  };
}

async function deleteRolePolicy(
  options: RoleOperationsOptions,
  input: DeleteRolePolicyRequest,
  context: OperationContext,
): Promise<object> {
  await change(options, context, input.RoleName!, (doc) => {
    if (!Object.hasOwn(doc.inlinePolicies, input.PolicyName!)) {
      throw errors.policyMissing({ policy: input.PolicyName!, name: doc.name });
    }
    const { [input.PolicyName!]: _removed, ...rest } = doc.inlinePolicies;
    return { ...doc, inlinePolicies: rest };
  });
  return {};
}

function newRole(input: CreateRoleRequest): RoleDoc {
  return {
    name: input.RoleName!,
    path: input.Path ?? '/',
    description: input.Description,
    maxSessionDuration: input.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS,
    trustPolicy: checkPolicyDocument('AssumeRolePolicyDocument', input.AssumeRolePolicyDocument),
    inlinePolicies: {},
    tags: Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key!, tag.Value!])),
  };
}

function describeRole(row: RoleRow): Role {
  const { doc } = row;
  return {
    Path: doc.path,
    RoleName: doc.name,
    RoleId: row.id,
    Arn: roleArn(row.scope.account, doc),
    CreateDate: new Date(row.createdAt),
    AssumeRolePolicyDocument: encodePolicyDocument(doc.trustPolicy),
    MaxSessionDuration: doc.maxSessionDuration,
    ...(doc.description === undefined ? {} : { Description: doc.description }),
    ...(Object.keys(doc.tags).length > 0
      ? { Tags: Object.entries(doc.tags).map(([Key, Value]) => ({ Key, Value })) }
      : {}),
  };
}

function policyOf(role: RoleRow, policy: string): string {
  const document = Object.hasOwn(role.doc.inlinePolicies, policy)
    ? role.doc.inlinePolicies[policy]
    : undefined;
  if (document === undefined) throw errors.policyMissing({ policy, name: role.doc.name });
  return document;
}

function readMarker(
  tokens: PageTokens,
  binding: Parameters<PageTokens['read']>[0],
  marker: string,
): readonly (string | number)[] {
  try {
    return tokens.read(binding, marker);
  } catch {
    throw errors.markerInvalid({}); // IAM's own word for what the token mechanism refuses
  }
}
