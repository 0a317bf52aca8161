import type { KeyRing, Objects } from '@helicase/blobs';
import type { Clock, Ids, Log } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { PageTokens } from '@helicase/wire';
import type { AuditLog } from '../audit/audit-log.ts';
import type { SigningKeyTable } from './signing-key.ts';
import type { TrailTable } from './trail.ts';

/** What every file of trails leans on. */
export interface TrailRoom {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly objects: Objects;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly audit: AuditLog;
  /** Every region that this server answers for: what a multi-Region trail tells of. */
  readonly regions: readonly string[];
  readonly trails: TrailTable;
  readonly signingKeys: SigningKeyTable;
}
