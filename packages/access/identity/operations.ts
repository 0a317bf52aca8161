import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { type AnyOperation, defineOperation } from '@helicase/wire';

/** STS: who am I. */
export const identityOperations: readonly AnyOperation[] = [
  defineOperation<object, GetCallerIdentityResponse>({
    name: 'GetCallerIdentity',
    action: 'sts:GetCallerIdentity',
    resources: () => ['*'],
    readOnly: true,
    quota: 'sts',
    handler: async (_, { principal }) => ({
      UserId: principal.id,
      Account: principal.account,
      Arn: principal.arn,
    }),
  }),
];
