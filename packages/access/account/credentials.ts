import { type Principal, rootPrincipal } from '@helicase/kernel';
import type { Credentials } from '@helicase/wire';
import type { AccessKeys } from '../access-key/access-keys.ts';
import type { Entities } from '../entity/entities.ts';
import type { SessionTokens } from '../sts/session-tokens.ts';
import type { UserDoc } from '../user/model.ts';

export interface CredentialsPorts {
  readonly accessKeys: AccessKeys;
  readonly users: Entities<UserDoc>;
  readonly tokens: SessionTokens;
}

/** Who owns a key: long-term keys of root and users, and temporary ones with their token. */
export function createCredentials({ accessKeys, users, tokens }: CredentialsPorts): Credentials {
  return {
    async find(accessKeyId, sessionToken) {
      if (sessionToken !== undefined) return tokens.open(accessKeyId, sessionToken);
      const key = await accessKeys.open(accessKeyId);
      if (!key) return undefined;
      const { account, owner } = key.row;
      const principal =
        owner === 'root' ? rootPrincipal(account) : await userPrincipal(users, account, owner);
      return principal && { secretAccessKey: key.secret, principal };
    },
  };
}

async function userPrincipal(
  users: Entities<UserDoc>,
  account: string,
  id: string,
): Promise<Principal | undefined> {
  const user = await users.findById(account, id);
  return user && { account, kind: 'user', arn: users.arn(user), id };
}
