import type {
  CreateKeyRequest,
  KeyMetadata,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-kms';
import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { arnOf, type Key } from './customer-keys.ts';
import { kmsErrors as errors } from './errors.ts';
import { checkedPolicy } from './key-policy.ts';
import { defaultKeyPolicy, type KeyDoc } from './model.ts';
import { type KmsPorts, type OnKey, onKey } from './on-key.ts';

/** Keys are made, told of and tagged. */
export function keyOperations(ports: KmsPorts): readonly AnyOperation[] {
  const { keys } = ports;
  return [
    defineOperation<CreateKeyRequest, object>({
      ...{
        name: 'CreateKey',
        action: 'kms:CreateKey',
        resources: () => ['*'],
        readOnly: false,
        quota: 'kms',
      },
      handler: (input, { scope }) => createKey(ports, input, scope),
    }),
    defineOperation<object, object>({
      ...{ name: 'ListKeys', action: 'kms:ListKeys', resources: () => ['*'], readOnly: true, quota: 'kms' },
      handler: async (_, { scope }) => ({
        Keys: (await keys.list(scope)).map((key) => ({ KeyId: key.id, KeyArn: arnOf(key) })),
        Truncated: false,
      }),
    }),
    onKey(ports, 'DescribeKey', async (_, key) => ({ KeyMetadata: describe(key) })),
    onKey<OnKey & { Description?: string }>(ports, 'UpdateKeyDescription', async (input, key) => {
      await keys.change(key, (doc) => ({ ...doc, description: input.Description ?? '' }));
      return {};
    }),
    onKey<TagResourceRequest>(ports, 'TagResource', async ({ Tags }, key) => {
      const tags = Object.fromEntries((Tags ?? []).map(({ TagKey, TagValue }) => [TagKey!, TagValue!]));
      await keys.change(key, (doc) => ({ ...doc, tags: { ...doc.tags, ...tags } }));
      return {};
    }),
    onKey<UntagResourceRequest>(ports, 'UntagResource', async ({ TagKeys }, key) => {
      const rest = (tags: KeyDoc['tags']) =>
        Object.entries(tags).filter(([name]) => !TagKeys?.includes(name));
      await keys.change(key, (doc) => ({ ...doc, tags: Object.fromEntries(rest(doc.tags)) }));
      return {};
    }),
    onKey(ports, 'ListResourceTags', async (_, key) => ({
      Tags: Object.entries(key.doc.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
      Truncated: false,
    })),
  ];
}

async function createKey({ keys }: KmsPorts, input: CreateKeyRequest, scope: Scope): Promise<object> {
  const {
    KeySpec = 'SYMMETRIC_DEFAULT',
    KeyUsage = 'ENCRYPT_DECRYPT',
    Origin = 'AWS_KMS',
    MultiRegion,
  } = input;
  const others = [
    ...(KeySpec === 'SYMMETRIC_DEFAULT' ? [] : [`KeySpec ${KeySpec}`]),
    ...(KeyUsage === 'ENCRYPT_DECRYPT' ? [] : [`KeyUsage ${KeyUsage}`]),
    ...(Origin === 'AWS_KMS' ? [] : [`Origin ${Origin}`]),
    ...(MultiRegion ? ['MultiRegion'] : []),
  ];
  if (others.length > 0) throw errors.unsupported({ what: others.join(', ') });
  const key = await keys.create(scope, {
    description: input.Description ?? '',
    policy: input.Policy === undefined ? defaultKeyPolicy(scope.account) : checkedPolicy(input.Policy),
    tags: Object.fromEntries((input.Tags ?? []).map(({ TagKey, TagValue }) => [TagKey!, TagValue!])),
  });
  return { KeyMetadata: describe(key) };
}

function describe(key: Key): KeyMetadata {
  return {
    AWSAccountId: key.scope.account,
    KeyId: key.id,
    Arn: arnOf(key),
    CreationDate: new Date(key.createdAt),
    Enabled: key.status === 'Enabled',
    Description: key.doc.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.status === 'Deleted' ? 'Unavailable' : key.status,
    ...(key.doc.deletionAt === undefined ? {} : { DeletionDate: new Date(key.doc.deletionAt) }),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  };
}
