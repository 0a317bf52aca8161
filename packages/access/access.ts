import * as iamSchemas from '@aws-sdk/client-iam';
import * as stsSchemas from '@aws-sdk/client-sts';
import type { Clock, Ids, Random, Roles } from '@helicase/kernel';
import type { KeyRing } from '@helicase/blobs';
import type { Records } from '@helicase/records';
import type { Authorizer, Credentials, PageTokens, Service } from '@helicase/wire';
import { Accounts, type RootKey } from './account/accounts.ts';
import { migrations } from './account/tables.ts';
import { rootOnlyAuthorizer } from './identity/authorizer.ts';
import { identityOperations } from './identity/operations.ts';
import { roleConstraints } from './role/constraints.ts';
import { roleOperations } from './role/operations.ts';
import { declareRoles } from './role/repository.ts';
import { assumableRoles } from './role/roles.ts';

export interface AccessOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

export interface Access {
  readonly credentials: Credentials;
  readonly authorizer: Authorizer;
  readonly roles: Roles;
  readonly iam: Service;
  readonly sts: Service;
  /** The account with its root key: the one given, or the first there is, or a new one. */
  ensureAccount(accountId?: string): Promise<RootKey>;
  accounts(): Promise<readonly string[]>;
}

/** Declares this room's tables (before `records.open`) and gives its face. */
export function createAccess(options: AccessOptions): Access {
  const { records } = options;
  records.migrations(migrations);
  const table = declareRoles(records);
  const accounts = new Accounts(options);
  return {
    credentials: accounts,
    authorizer: rootOnlyAuthorizer,
    roles: assumableRoles(records, table),
    iam: {
      name: 'iam',
      protocol: 'awsQuery',
      schemas: iamSchemas,
      operations: roleOperations({ ...options, table }),
      constraints: roleConstraints,
      global: true,
      xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    },
    sts: {
      name: 'sts',
      protocol: 'awsQuery',
      schemas: stsSchemas,
      operations: identityOperations,
      global: true,
      xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    },
    ensureAccount: (accountId) => accounts.ensure(accountId),
    accounts: () => accounts.list(),
  };
}
