import type { GetAuthorizationTokenRequest, GetAuthorizationTokenResponse } from '@aws-sdk/client-ecr';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import type { LoginTokens } from './login-tokens.ts';

/** What `docker login --username AWS` takes as its password. */
export function loginOperation(tokens: LoginTokens): AnyOperation {
  return defineOperation<GetAuthorizationTokenRequest, GetAuthorizationTokenResponse>({
    ...{ name: 'GetAuthorizationToken', action: 'ecr:GetAuthorizationToken', quota: 'ecr', readOnly: true },
    resources: () => ['*'],
    handler: async ({ registryIds }, { endpoint, principal, scope }) => {
      const { expiresAt, password } = await tokens.issue({ principal, scope });
      const data = {
        authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
        expiresAt: new Date(expiresAt),
        ...(endpoint === undefined ? {} : { proxyEndpoint: endpoint }),
      };
      // "This parameter is deprecated": one token reaches every registry that its principal may use.
      return { authorizationData: (registryIds ?? [scope.account]).map(() => data) };
    },
  });
}
