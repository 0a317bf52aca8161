import * as kmsSchemas from '@aws-sdk/client-kms';
import * as iamSchemas from '@aws-sdk/client-iam';
import * as organizationSchemas from '@aws-sdk/client-organizations';
import * as ramSchemas from '@aws-sdk/client-ram';
import * as stsSchemas from '@aws-sdk/client-sts';
import {
  type Clock,
  type Ids,
  type Log,
  type NarrowCredentials,
  type Random,
  type Roles,
  type SharedResources,
  silentLog,
  type ScopeLimit,
} from '@helicase/kernel';
import type { KeyRing } from '@helicase/blobs';
import type { Records } from '@helicase/records';
import type { AnyOperation, Credentials, PageTokens, RequestObserver, Service } from '@helicase/wire';
import { AccessKeys } from './access-key/access-keys.ts';
import { accessKeyOperations } from './access-key/operations.ts';
import { Accounts, type RootKey, type RootKeys } from './account/accounts.ts';
import { createCredentials } from './account/credentials.ts';
import { migrations } from './account/tables.ts';
import { reportOperations } from './account-report/operations.ts';
import { createAuthorizer, type ExplainingAuthorizer } from './authorize/authorizer.ts';
import {
  type AccessAnswer,
  type AccessQuestion,
  explainAccess,
  type Surroundings,
} from './explain/explanations.ts';
import { guardsOf } from './explain/guards.ts';
import { Identities } from './authorize/identities.ts';
import { serviceMay, type ServiceQuestion } from './authorize/service-may.ts';
import { attachedPolicyOperations } from './entity/attached-policies.ts';
import { Entities } from './entity/entities.ts';
import { inlinePolicyOperations } from './entity/inline-policies.ts';
import type { EntityDoc } from './entity/model.ts';
import { tagOperations } from './entity/tags.ts';
import { groupOperations } from './group/operations.ts';
import { constraintsOf } from './iam-constraints.ts';
import type { IamPorts } from './iam-ports.ts';
import { kmsConstraints } from './kms/constraints.ts';
import { CustomerKeys } from './kms/customer-keys.ts';
import { kmsOperations } from './kms/operations.ts';
import type { RecordKeyUse } from './kms/key-use.ts';
import { ObjectKeys } from './kms/object-keys.ts';
import { StoreKeys, storeKeyMigrations } from './kms/store-keys.ts';
import { ManagedPolicies } from './managed-policy/managed-policies.ts';
import { managedPolicyOperations } from './managed-policy/operations.ts';
import { MfaDevices } from './mfa/mfa-devices.ts';
import { type InstanceProfileDoc, instanceProfileOperations } from './instance-profile/operations.ts';
import { mfaOperations } from './mfa/operations.ts';
import { OidcProviders } from './oidc/oidc-providers.ts';
import { oidcOperations } from './oidc/operations.ts';
import { WebIdentities } from './oidc/web-identity.ts';
import { organizationConstraints } from './organization/constraints.ts';
import { organizationOperations } from './organization/operations.ts';
import { Organizations } from './organization/organizations.ts';
import { ramOperations } from './ram/operations.ts';
import { roleOperations } from './role/operations.ts';
import type { RoleDoc } from './role/model.ts';
import { assumableRoles } from './role/roles.ts';
import { narrowedCredentials } from './sts/narrowed-credentials.ts';
import { stsOperations } from './sts/operations.ts';
import { SessionTokens } from './sts/session-tokens.ts';
import type { UserDoc } from './user/model.ts';
import { shareOperations } from './share/operations.ts';
import { Shares } from './share/shares.ts';
import { userOperations } from './user/operations.ts';

export interface AccessOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly log?: Log;
  /** How many shares a store may have; the guide's ten unless told. */
  readonly sharesOfStore?: ScopeLimit;
  /** Keeps records of what services do with customers' keys; there are none where it is absent. */
  readonly recordKeyUse?: RecordKeyUse;
}

export interface Access {
  readonly credentials: Credentials;
  readonly authorizer: ExplainingAuthorizer;
  readonly roles: Roles;
  readonly iam: Service;
  readonly sts: Service;
  readonly kms: Service;
  readonly ram: Service;
  readonly organizations: Service;
  /** The omics operations that this room answers: shares. */
  readonly operations: readonly AnyOperation[];
  readonly shares: SharedResources;
  readonly customerKeys: StoreKeys;
  readonly objectKeys: ObjectKeys;
  /**
   * Asked before the key ring uses one of its keys: whether a customer's key guards it. Throws where that does not let us.
   */
  checkKey(ringKey: string): Promise<boolean>;
  readonly narrowCredentials: NarrowCredentials;
  /** Who may do what, and which statement decided. */
  explain(question: AccessQuestion, about: Surroundings): Promise<readonly AccessAnswer[]>;
  /** Whether a resource's own policies let HealthOmics itself do this. */
  serviceMay(question: ServiceQuestion): boolean;
  /** Keeps when each access key was last used. */
  readonly observer: RequestObserver;
  /** The account with its root key: the one given, or the first there is, or a new one. */
  ensureAccount(accountId?: string): Promise<RootKey>;
  /** A further account; undefined where there is one of that id. */
  createAccount(accountId?: string): Promise<RootKey | undefined>;
  accounts(): Promise<readonly string[]>;
  /** The root keys of accounts, for operators. */
  readonly rootKeys: RootKeys;
}

/** Declares this room's tables (before `records.open`) and gives its face. */
export function createAccess(options: AccessOptions): Access {
  const { records, clock, log = silentLog } = options;
  records.migrations([...migrations, ...storeKeyMigrations]);
  const changed = (account: string) => identities.forget(account);
  const accessKeys = new AccessKeys(options);
  const ports: IamPorts = {
    ...options,
    users: new Entities<UserDoc>(records, 'User', 'iam-user', changed),
    groups: new Entities<EntityDoc>(records, 'Group', 'iam-group', changed),
    roles: new Entities<RoleDoc>(records, 'Role', 'role', changed),
    instanceProfiles: new Entities<InstanceProfileDoc>(
      records,
      'InstanceProfile',
      'instance-profile',
      changed,
    ),
    policies: new ManagedPolicies(records, changed),
    accessKeys,
    mfaDevices: new MfaDevices(options),
    oidcProviders: new OidcProviders(records),
  };
  const identities: Identities = new Identities({ ...ports, log });
  const accounts = new Accounts({ ...options, accessKeys });
  const organizations = new Organizations({ ...options, accounts });
  const serviceControl = (account: string) => organizations.levelsOf(account);
  const shares = new Shares({ ...options, tagged: records.tagged });
  const authorizer = createAuthorizer({ identities, tagged: records.tagged, shares, clock, serviceControl });
  const tokens = new SessionTokens(options);
  const webIdentities = new WebIdentities(clock);
  const customerKeys = new CustomerKeys(options);
  const storeKeys = new StoreKeys({ ...options, keys: customerKeys, authorizer, identities });
  const objectKeys = new ObjectKeys({ ...options, keys: customerKeys, authorizer });
  return {
    credentials: createCredentials({ ...ports, tokens }),
    authorizer,
    roles: assumableRoles({ ...ports, identities, authorizer }),
    iam: iamService({ ...ports, authorizer }, identities, organizations),
    sts: stsService(stsOperations({ ...ports, authorizer, tokens, identities, webIdentities })),
    kms: kmsService(kmsOperations({ ...options, keys: customerKeys, authorizer })),
    ram: {
      ...{ name: 'ram', protocol: 'restJson1', schemas: ramSchemas },
      operations: ramOperations({ ...options, shares }),
    },
    organizations: {
      ...{ name: 'organizations', protocol: 'awsJson1_1', schemas: organizationSchemas, global: true },
      operations: organizationOperations({ ...options, organizations }),
      constraints: organizationConstraints,
    },
    operations: shareOperations({ ...options, shares }),
    shares,
    customerKeys: storeKeys,
    objectKeys,
    async checkKey(ringKey) {
      return (await storeKeys.check(ringKey)) || objectKeys.check(ringKey);
    },
    serviceMay: (question) => serviceMay(identities, question),
    narrowCredentials: (principal, policy) => narrowedCredentials({ clock, tokens }, principal, policy),
    observer: {
      record: ({ accessKeyId, service, context }, { status }) =>
        status < 400 ? accessKeys.used(accessKeyId, service, context.scope.region) : undefined,
    },
    ensureAccount: (accountId) => accounts.ensure(accountId),
    createAccount: (accountId) => accounts.create(accountId),
    accounts: () => accounts.list(),
    rootKeys: accounts,
    explain: (question, about) =>
      explainAccess(
        {
          ...{ ...ports, ...about, authorizer, accounts },
          guardOf: guardsOf({ ...ports, keys: customerKeys }, about.guardOf),
        },
        question,
      ),
  };
}

function iamService(
  ports: IamPorts & { readonly authorizer: ExplainingAuthorizer },
  identities: Identities,
  organizations: Organizations,
): Service {
  const { users, groups, roles, instanceProfiles, pageTokens } = ports;
  const operations = [
    ...userOperations(ports),
    ...groupOperations(ports),
    ...roleOperations(ports),
    ...instanceProfileOperations(ports),
    ...[users, groups, roles].flatMap((entities) => [
      ...inlinePolicyOperations(entities as Entities<EntityDoc>, pageTokens),
      ...attachedPolicyOperations(entities as Entities<EntityDoc>, ports),
    ]),
    ...tagOperations(users, pageTokens),
    ...tagOperations(roles, pageTokens),
    ...tagOperations(instanceProfiles, pageTokens),
    ...managedPolicyOperations(ports),
    ...accessKeyOperations(ports),
    ...mfaOperations(ports),
    ...oidcOperations(ports),
    ...reportOperations({ ...ports, identities, organizations }),
  ];
  return {
    name: 'iam',
    protocol: 'awsQuery',
    schemas: iamSchemas,
    operations,
    constraints: constraintsOf(operations),
    global: true,
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  };
}

function kmsService(operations: readonly AnyOperation[]): Service {
  return {
    name: 'kms',
    protocol: 'awsJson1_1',
    schemas: kmsSchemas,
    operations,
    constraints: kmsConstraints,
  };
}

function stsService(operations: ReturnType<typeof stsOperations>): Service {
  return {
    name: 'sts',
    protocol: 'awsQuery',
    schemas: stsSchemas,
    operations,
    constraints: constraintsOf(operations),
    global: true,
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  };
}
