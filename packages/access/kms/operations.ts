import type {
  CreateAliasRequest,
  CreateGrantRequest,
  CreateKeyRequest,
  DecryptRequest,
  EncryptRequest,
  GenerateDataKeyRequest,
  GenerateRandomRequest,
  KeyMetadata,
  PutKeyPolicyRequest,
  ReEncryptRequest,
  RetireGrantRequest,
  ScheduleKeyDeletionRequest,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-kms';
import { type Clock, type Ids, parseArn, type Random, type Scope } from '@helicase/kernel';
import {
  type AnyOperation,
  type Authorizer,
  type ConditionKeys,
  defineOperation,
  type OperationContext,
  type ResourceGuard,
} from '@helicase/wire';
import { parsePolicy, PolicyFault } from '../policy/index.ts';
import { arnOf, type CustomerKeys, type Key } from './customer-keys.ts';
import { kmsErrors as errors } from './errors.ts';
import { defaultKeyPolicy, type EncryptionContext, type Grant, grantPolicy, type KeyDoc } from './model.ts';

export interface KmsPorts {
  readonly keys: CustomerKeys;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

interface OnKey {
  readonly KeyId?: string | undefined;
}
type Perform<Input> = (input: Input, key: Key, context: OperationContext) => Promise<object>;

const DAY = 24 * 60 * 60 * 1000;

/** The KMS API for symmetric keys. */
export function kmsOperations(ports: KmsPorts): readonly AnyOperation[] {
  return [
    ...keyOperations(ports),
    ...stateOperations(ports),
    ...policyOperations(ports),
    ...aliasOperations(ports),
    ...grantOperations(ports),
    ...cryptoOperations(ports),
  ];
}

/** An operation on one key: its policy and grants decide with the caller's own policies. */
function onKey<Input extends OnKey>(
  { keys }: KmsPorts,
  name: string,
  perform: Perform<Input>,
  keyNameOf: (input: Input) => string | Promise<string> = ({ KeyId }) => KeyId!,
): AnyOperation {
  const find = async (input: Input, { scope }: OperationContext) => keys.find(scope, await keyNameOf(input));
  return defineOperation<Input, object>({
    name,
    action: `kms:${name}`,
    resources: async (input, context) => [arnOf(await find(input, context))],
    guard: async (input, context) => guardOf(await find(input, context), contextKeys(input)),
    readOnly: /^(Get|List|Describe)/.test(name),
    quota: 'kms',
    handler: async (input, context) => perform(input, await find(input, context), context),
  });
}

export function guardOf(key: Key, conditions: ConditionKeys = {}): ResourceGuard {
  const grants = grantPolicy(key.doc.grants);
  return {
    owner: key.scope.account,
    resourcePolicies: [key.doc.policy, ...(grants === undefined ? [] : [grants])],
    needsResourcePolicy: true,
    conditions,
  };
}

function contextKeys(input: object): ConditionKeys {
  const { EncryptionContext: context } = input as { readonly EncryptionContext?: EncryptionContext };
  return contextConditions(context);
}

export function contextConditions(context: EncryptionContext | undefined): ConditionKeys {
  const pairs = Object.entries(context ?? {});
  return {
    ...Object.fromEntries(pairs.map(([key, value]) => [`kms:EncryptionContext:${key}`, value])),
    'kms:EncryptionContextKeys': pairs.length > 0 ? pairs.map(([key]) => key) : undefined,
  };
}

function keyOperations(ports: KmsPorts): readonly AnyOperation[] {
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
    policy: input.Policy === undefined ? defaultKeyPolicy(scope.account) : checked(input.Policy),
    tags: Object.fromEntries((input.Tags ?? []).map(({ TagKey, TagValue }) => [TagKey!, TagValue!])),
  });
  return { KeyMetadata: describe(key) };
}

function checked(policy: string): string {
  try {
    parsePolicy(policy, 'resource');
  } catch (error) {
    if (error instanceof PolicyFault) throw errors.policyMalformed({ fault: error.message });
    throw error;
  }
  return policy;
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

function stateOperations(ports: KmsPorts): readonly AnyOperation[] {
  const { keys, clock } = ports;
  const rotation =
    (enabled: boolean) => async (input: OnKey & { RotationPeriodInDays?: number }, key: Key) => {
      const days = input.RotationPeriodInDays ?? key.doc.rotation.days;
      await keys.change(key, (doc) => ({ ...doc, rotation: { ...doc.rotation, enabled, days } }));
      return {};
    };
  const notPending = (key: Key) => {
    if (key.status === 'PendingDeletion') throw errors.stateWrong({ key: arnOf(key), state: key.status });
  };
  return [
    onKey(ports, 'EnableKey', async (_, key) => {
      notPending(key);
      await keys.transition(key, 'Enabled');
      return {};
    }),
    onKey(ports, 'DisableKey', async (_, key) => {
      notPending(key);
      await keys.transition(key, 'Disabled');
      return {};
    }),
    onKey<ScheduleKeyDeletionRequest>(ports, 'ScheduleKeyDeletion', async (input, key) => {
      notPending(key);
      const deletionAt = clock.now() + (input.PendingWindowInDays ?? 30) * DAY;
      await keys.transition(key, 'PendingDeletion', (doc) => ({ ...doc, deletionAt }));
      return {
        KeyId: arnOf(key),
        DeletionDate: new Date(deletionAt),
        KeyState: 'PendingDeletion',
        PendingWindowInDays: input.PendingWindowInDays ?? 30,
      };
    }),
    onKey(ports, 'CancelKeyDeletion', async (_, key) => {
      if (key.status !== 'PendingDeletion') throw errors.stateWrong({ key: arnOf(key), state: key.status });
      await keys.transition(key, 'Disabled', ({ deletionAt: _at, ...doc }) => doc);
      return { KeyId: arnOf(key) };
    }),
    onKey(ports, 'EnableKeyRotation', rotation(true)),
    onKey(ports, 'DisableKeyRotation', rotation(false)),
    onKey(ports, 'GetKeyRotationStatus', async (_, key) => ({
      KeyRotationEnabled: key.doc.rotation.enabled,
      KeyId: arnOf(key),
      RotationPeriodInDays: key.doc.rotation.days,
    })),
    onKey(ports, 'RotateKeyOnDemand', async (_, key) => {
      if (key.status !== 'Enabled') throw errors.stateWrong({ key: arnOf(key), state: key.status });
      await keys.rotate(key);
      return { KeyId: arnOf(key) };
    }),
  ];
}

function policyOperations(ports: KmsPorts): readonly AnyOperation[] {
  const { keys, authorizer } = ports;
  return [
    onKey(ports, 'GetKeyPolicy', async (_, key) => ({ Policy: key.doc.policy, PolicyName: 'default' })),
    onKey(ports, 'ListKeyPolicies', async () => ({ PolicyNames: ['default'], Truncated: false })),
    onKey<PutKeyPolicyRequest>(ports, 'PutKeyPolicy', async (input, key, { principal, scope }) => {
      const policy = checked(input.Policy ?? '');
      const question = { principal, scope, action: 'kms:PutKeyPolicy', resources: [arnOf(key)] };
      const guard = { ...guardOf(key), resourcePolicies: [policy] };
      const later = await authorizer.authorize({ ...question, ...guard });
      if (!later.allowed && !input.BypassPolicyLockoutSafetyCheck) throw errors.lockout({});
      await keys.change(key, (doc) => ({ ...doc, policy }));
      return {};
    }),
  ];
}

function aliasOperations(ports: KmsPorts): readonly AnyOperation[] {
  const { keys } = ports;
  const aliasArn = ({ AliasName }: { AliasName?: string | undefined }, { scope }: OperationContext) => [
    `arn:aws:kms:${scope.region}:${scope.account}:${AliasName}`,
  ];
  const set = (name: 'CreateAlias' | 'UpdateAlias') =>
    defineOperation<CreateAliasRequest, object>({
      ...{ name, action: `kms:${name}`, resources: aliasArn, readOnly: false, quota: 'kms' },
      async handler(input, context) {
        const alias = input.AliasName!;
        if (!/^alias\/(?!aws\/)[\w/-]+$/.test(alias)) throw errors.aliasForm({ alias });
        const key = await keys.find(context.scope, input.TargetKeyId!);
        // The action is asked of the alias and of its key.
        await allowed(ports, context, `kms:${name}`, key);
        await keys.alias(context.scope, alias, key.id, name === 'UpdateAlias');
        return {};
      },
    });
  return [
    set('CreateAlias'),
    set('UpdateAlias'),
    defineOperation<{ AliasName?: string }, object>({
      ...{
        name: 'DeleteAlias',
        action: 'kms:DeleteAlias',
        resources: aliasArn,
        readOnly: false,
        quota: 'kms',
      },
      async handler(input, context) {
        await allowed(ports, context, 'kms:DeleteAlias', await keys.find(context.scope, input.AliasName!));
        await keys.removeAlias(context.scope, input.AliasName!);
        return {};
      },
    }),
    defineOperation<OnKey, object>({
      ...{
        name: 'ListAliases',
        action: 'kms:ListAliases',
        resources: () => ['*'],
        readOnly: true,
        quota: 'kms',
      },
      async handler({ KeyId }, { scope }) {
        const wanted = KeyId === undefined ? undefined : (await keys.find(scope, KeyId)).id;
        const rows = (await keys.aliases(scope)).filter(
          ({ doc }) => wanted === undefined || doc.keyId === wanted,
        );
        const prefix = `arn:aws:kms:${scope.region}:${scope.account}`;
        return {
          Aliases: rows.map(({ doc }) => ({
            AliasName: doc.name,
            AliasArn: `${prefix}:${doc.name}`,
            TargetKeyId: doc.keyId,
          })),
          Truncated: false,
        };
      },
    }),
  ];
}

async function allowed(
  { authorizer }: KmsPorts,
  { principal, scope, origin }: OperationContext,
  action: string,
  key: Key,
  conditions: ConditionKeys = {},
): Promise<void> {
  const question = { principal, scope, action, resources: [arnOf(key)], ...guardOf(key, conditions) };
  const verdict = await authorizer.authorize({ ...question, ...(origin ? { origin } : {}) });
  if (!verdict.allowed) throw errors.accessDenied({ message: verdict.message });
}

function grantOperations(ports: KmsPorts): readonly AnyOperation[] {
  const { keys, clock, ids } = ports;
  const without = (id: string) => (doc: KeyDoc) => {
    if (!doc.grants.some((grant) => grant.id === id)) throw errors.grantMissing({ grant: id });
    return { ...doc, grants: doc.grants.filter((grant) => grant.id !== id) };
  };
  return [
    onKey<CreateGrantRequest>(ports, 'CreateGrant', async (input, key, { principal }) => {
      const grant: Grant = {
        ...{ id: ids.hex(64), token: ids.hex(64), grantee: input.GranteePrincipal! },
        ...{ operations: [...(input.Operations ?? [])], createdAt: clock.now(), issuer: principal.arn },
        ...(input.Name === undefined ? {} : { name: input.Name }),
        ...(input.RetiringPrincipal === undefined ? {} : { retiring: input.RetiringPrincipal }),
        ...(input.Constraints?.EncryptionContextEquals
          ? { contextEquals: input.Constraints.EncryptionContextEquals }
          : {}),
        ...(input.Constraints?.EncryptionContextSubset
          ? { contextSubset: input.Constraints.EncryptionContextSubset }
          : {}),
      };
      // A grantee that no policy can name is refused before it is kept.
      parsePolicyOf(grant);
      await keys.change(key, (doc) => ({ ...doc, grants: [...doc.grants, grant] }));
      return { GrantToken: grant.token, GrantId: grant.id };
    }),
    onKey(ports, 'ListGrants', async (_, key) => ({
      Grants: key.doc.grants.map((grant) => describeGrant(key, grant)),
      Truncated: false,
    })),
    onKey<OnKey & { GrantId?: string }>(ports, 'RevokeGrant', async (input, key) => {
      await keys.change(key, without(input.GrantId!));
      return {};
    }),
    defineOperation<RetireGrantRequest, object>({
      // The retiring principal, the grantee (where it may) and the account need no further permission.
      ...{
        name: 'RetireGrant',
        action: 'kms:RetireGrant',
        resources: () => ['*'],
        readOnly: false,
        quota: 'kms',
        open: true,
      },
      async handler(input, context) {
        const all =
          input.KeyId === undefined
            ? await keys.list(context.scope)
            : [await keys.find(context.scope, input.KeyId)];
        const found = all
          .flatMap((key) => key.doc.grants.map((grant) => ({ key, grant })))
          .find(({ grant }) => grant.id === input.GrantId || grant.token === input.GrantToken);
        if (!found) throw errors.grantMissing({ grant: input.GrantId ?? 'of this token' });
        const { key, grant } = found;
        const { arn } = context.principal;
        const mayAsGrantee = grant.grantee === arn && grant.operations.includes('RetireGrant');
        if (grant.retiring !== arn && !mayAsGrantee) await allowed(ports, context, 'kms:RetireGrant', key);
        await keys.change(key, without(grant.id));
        return {};
      },
    }),
  ];
}

function parsePolicyOf(grant: Grant): void {
  checked(grantPolicy([grant])!);
}

function describeGrant(key: Key, grant: Grant): object {
  const { contextEquals, contextSubset } = grant;
  return {
    KeyId: arnOf(key),
    GrantId: grant.id,
    ...(grant.name === undefined ? {} : { Name: grant.name }),
    CreationDate: new Date(grant.createdAt),
    GranteePrincipal: grant.grantee,
    ...(grant.retiring === undefined ? {} : { RetiringPrincipal: grant.retiring }),
    IssuingAccount: `arn:aws:iam::${key.scope.account}:root`,
    Operations: grant.operations,
    Constraints: {
      ...(contextEquals ? { EncryptionContextEquals: contextEquals } : {}),
      ...(contextSubset ? { EncryptionContextSubset: contextSubset } : {}),
    },
  };
}

function cryptoOperations(ports: KmsPorts): readonly AnyOperation[] {
  const { keys, random } = ports;
  const namedBy = (input: DecryptRequest) => input.KeyId ?? headerArn(input.CiphertextBlob!);
  const dataKey = async ({ NumberOfBytes, KeySpec, EncryptionContext }: GenerateDataKeyRequest, key: Key) => {
    const plain = random.bytes(NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32));
    return { plain, CiphertextBlob: await keys.encrypt(key, plain, EncryptionContext), KeyId: arnOf(key) };
  };
  return [
    onKey<EncryptRequest>(ports, 'Encrypt', async (input, key) => ({
      CiphertextBlob: await keys.encrypt(key, input.Plaintext!, input.EncryptionContext),
      KeyId: arnOf(key),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    })),
    onKey<DecryptRequest>(
      ports,
      'Decrypt',
      async (input, key) => ({
        Plaintext: await keys.decrypt(key, input.CiphertextBlob!, input.EncryptionContext),
        KeyId: arnOf(key),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      }),
      namedBy,
    ),
    onKey<GenerateDataKeyRequest>(ports, 'GenerateDataKey', async (input, key) => {
      const { plain, ...answer } = await dataKey(input, key);
      return { ...answer, Plaintext: plain };
    }),
    onKey<GenerateDataKeyRequest>(ports, 'GenerateDataKeyWithoutPlaintext', async (input, key) => {
      const { plain: _plain, ...answer } = await dataKey(input, key);
      return answer;
    }),
    reEncrypt(ports),
    defineOperation<GenerateRandomRequest, object>({
      ...{
        name: 'GenerateRandom',
        action: 'kms:GenerateRandom',
        resources: () => ['*'],
        readOnly: true,
        quota: 'kms',
      },
      handler: async ({ NumberOfBytes = 32 }) => ({ Plaintext: random.bytes(NumberOfBytes) }),
    }),
  ];
}

/** Two actions: kms:ReEncryptFrom on the key that it is under, kms:ReEncryptTo on the other. */
function reEncrypt(ports: KmsPorts): AnyOperation {
  const { keys } = ports;
  return defineOperation<ReEncryptRequest, object>({
    ...{
      name: 'ReEncrypt',
      action: 'kms:ReEncrypt',
      resources: () => ['*'],
      readOnly: false,
      quota: 'kms',
      open: true,
    },
    async handler(input, context) {
      const { SourceEncryptionContext: before, DestinationEncryptionContext: after } = input;
      const source = await keys.find(context.scope, input.SourceKeyId ?? headerArn(input.CiphertextBlob!));
      const destination = await keys.find(context.scope, input.DestinationKeyId!);
      await allowed(ports, context, 'kms:ReEncryptFrom', source, contextConditions(before));
      await allowed(ports, context, 'kms:ReEncryptTo', destination, contextConditions(after));
      const plain = await keys.decrypt(source, input.CiphertextBlob!, before);
      return {
        CiphertextBlob: await keys.encrypt(destination, plain, after),
        SourceKeyId: arnOf(source),
        KeyId: arnOf(destination),
        SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    },
  });
}

function headerArn(ciphertext: Uint8Array): string {
  const text = Buffer.from(ciphertext).subarray(7, 300).toString('latin1');
  const arn = /"k":"(arn:aws:kms:[^"]+)"/.exec(text)?.[1];
  if (arn === undefined || !parseArn(arn)) throw errors.ciphertext({});
  return arn;
}
