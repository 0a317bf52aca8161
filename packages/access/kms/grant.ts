import type { CreateGrantRequest, RetireGrantRequest } from '@aws-sdk/client-kms';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { arnOf, type Key } from './customer-keys.ts';
import { kmsErrors as errors } from './errors.ts';
import { checkedPolicy } from './key-policy.ts';
import { type Grant, grantPolicy, type KeyDoc } from './model.ts';
import { allowed, type KmsPorts, type OnKey, onKey } from './on-key.ts';

export function grantOperations(ports: KmsPorts): readonly AnyOperation[] {
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
  checkedPolicy(grantPolicy([grant])!);
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
