import type { KeyRing } from '@helicase/blobs';
import type { Clock, Ids, Random } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { PageTokens } from '@helicase/wire';
import type { AccessKeys } from './access-key/access-keys.ts';
import type { Entities } from './entity/entities.ts';
import type { EntityDoc } from './entity/model.ts';
import type { InstanceProfileDoc } from './instance-profile/operations.ts';
import type { ManagedPolicies } from './managed-policy/managed-policies.ts';
import type { MfaDevices } from './mfa/mfa-devices.ts';
import type { OidcProviders } from './oidc/oidc-providers.ts';
import type { RoleDoc } from './role/model.ts';
import type { UserDoc } from './user/model.ts';

/** What IAM's and STS's operations work with. */
export interface IamPorts {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly users: Entities<UserDoc>;
  readonly groups: Entities<EntityDoc>;
  readonly roles: Entities<RoleDoc>;
  readonly instanceProfiles: Entities<InstanceProfileDoc>;
  readonly policies: ManagedPolicies;
  readonly accessKeys: AccessKeys;
  readonly mfaDevices: MfaDevices;
  readonly oidcProviders: OidcProviders;
}
