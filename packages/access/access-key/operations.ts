import type {
  CreateAccessKeyRequest,
  DeleteAccessKeyRequest,
  GetAccessKeyLastUsedRequest,
  ListAccessKeysRequest,
  UpdateAccessKeyRequest,
} from '@aws-sdk/client-iam';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import { anyResource, iamEntry, namedArn } from '../entity/entry.ts';
import { pageOf } from '../entity/page.ts';
import { errors } from '../errors.ts';
import type { IamPorts } from '../iam-ports.ts';
import { userNameOf } from '../user/operations.ts';
import type { AccessKeyRow } from '../account/tables.ts';

/** So that one can be replaced by another without a gap. */
const KEYS_OF_A_USER = 2;

/** IAM's operations on access keys. */
export function accessKeyOperations(ports: IamPorts): readonly AnyOperation[] {
  const { accessKeys, users } = ports;
  const arn = namedArn(users, userNameOf);
  return [
    iamEntry<CreateAccessKeyRequest, object>('CreateAccessKey', arn, async (input, context) => {
      const { account } = context.scope;
      const owner = await ownerOf(ports, input, context);
      const { row, secret } = await accessKeys.make(account, owner.id);
      await ports.records.transaction(async (tx) => {
        const had = await accessKeys.of(account, owner.id, tx);
        if (had.length >= KEYS_OF_A_USER) throw errors.tooManyKeys({ limit: KEYS_OF_A_USER });
        await accessKeys.insert(tx, row);
      });
      return { AccessKey: { ...describeKey(owner.name, row), SecretAccessKey: secret } };
    }),
    iamEntry<ListAccessKeysRequest, object>('ListAccessKeys', arn, async (input, context) => {
      const owner = await ownerOf(ports, input, context);
      const items = await accessKeys.of(context.scope.account, owner.id);
      const list = {
        operation: 'ListAccessKeys',
        filter: owner.id,
        items,
        key: ({ id }: AccessKeyRow) => id,
      };
      const page = pageOf(ports.pageTokens, context, list, input);
      return { AccessKeyMetadata: page.items.map((row) => describeKey(owner.name, row)), ...page.rest };
    }),
    iamEntry<UpdateAccessKeyRequest, object>('UpdateAccessKey', arn, async (input, context) => {
      const { id } = await keyOf(ports, input, context);
      await accessKeys.setStatus(id, input.Status === 'Active' ? 'Active' : 'Inactive');
      return {};
    }),
    iamEntry<DeleteAccessKeyRequest, object>('DeleteAccessKey', arn, async (input, context) => {
      await accessKeys.remove((await keyOf(ports, input, context)).id);
      return {};
    }),
    iamEntry<GetAccessKeyLastUsedRequest, object>(
      'GetAccessKeyLastUsed',
      anyResource,
      async (input, { scope }) => {
        const row = await accessKeys.find(input.AccessKeyId!);
        if (row?.account !== scope.account) throw errors.keyMissing({ key: input.AccessKeyId! });
        const user = row.owner === 'root' ? undefined : await users.findById(scope.account, row.owner);
        return { UserName: user?.doc.name ?? 'root', AccessKeyLastUsed: lastUse(row) };
      },
    ),
  ];
}

async function ownerOf(
  { users }: IamPorts,
  input: { readonly UserName?: string | undefined },
  context: OperationContext,
): Promise<{ readonly id: string; readonly name: string | undefined }> {
  const name = userNameOf(input, context);
  if (name === undefined) return { id: 'root', name: undefined };
  const { id, doc } = await users.get(context.scope.account, name);
  return { id, name: doc.name };
}

async function keyOf(
  ports: IamPorts,
  input: { readonly UserName?: string | undefined; readonly AccessKeyId: string | undefined },
  context: OperationContext,
): Promise<AccessKeyRow> {
  const owner = await ownerOf(ports, input, context);
  const keys = await ports.accessKeys.of(context.scope.account, owner.id);
  const found = keys.find(({ id }) => id === input.AccessKeyId);
  if (!found) throw errors.keyMissing({ key: input.AccessKeyId! });
  return found;
}

function describeKey(name: string | undefined, row: AccessKeyRow) {
  return {
    ...(name === undefined ? {} : { UserName: name }),
    AccessKeyId: row.id,
    Status: row.status,
    CreateDate: new Date(row.created_at),
  };
}

function lastUse({ last_used_at, last_used_region, last_used_service }: AccessKeyRow) {
  if (!last_used_at) return { ServiceName: 'N/A', Region: 'N/A' };
  return { LastUsedDate: new Date(last_used_at), ServiceName: last_used_service!, Region: last_used_region! };
}
