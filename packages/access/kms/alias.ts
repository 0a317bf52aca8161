import type { CreateAliasRequest } from '@aws-sdk/client-kms';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { kmsErrors as errors } from './errors.ts';
import { allowed, type KmsPorts, type OnKey } from './on-key.ts';

export function aliasOperations(ports: KmsPorts): readonly AnyOperation[] {
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
