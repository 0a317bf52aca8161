import type { KeyRing, Objects, Vault } from '@helicase/blobs';
import { type CramArchiver, openCramArchiver, openReadPasses, type ReadPasses } from '@helicase/formats';
import type { CustomerKeys, Clock, Ids, Log, Roles, Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { PageTokens } from '@helicase/wire';
import type { JobQuotas } from './item-job/queue.ts';
import type { StoreQuotas } from './store-quotas.ts';
import { openTables, type Tables } from './tables.ts';

/** What the composition root gives this room. */
export interface StorageOptions {
  readonly records: Records;
  readonly vault: Vault;
  readonly keyring: KeyRing;
  readonly objects: Objects;
  readonly roles: Roles;
  /** Absent: stores under customers' keys are refused. */
  readonly customerKeys?: CustomerKeys;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Where the compiled one-pass reader is kept between starts. */
  readonly nativeCache: string;
  /** Where lines of access logs wait for their bucket. */
  readonly accessLogs: string;
  /** Jobs of one queue worked on at once in this process; as many as it has cores unless told, 5 at least. */
  readonly jobsAtOnce?: number;
  /** Jobs of one queue worked on at once for one account in a region; the guide's numbers unless told. */
  readonly jobQuotas?: JobQuotas;
  /** What one store may hold; as much as fits unless told. */
  readonly storeQuotas?: StoreQuotas;
  /** Milliseconds that an upload in progress, or the parts of a failed one, are kept; 7 days unless told. */
  readonly uploadLifetime?: number;
  /** Milliseconds after which an unused read set is archived; 30 days unless told, never where 0. */
  readonly archiveAfter?: number;
  /** Says what else uses a reference (a variant store, an annotation store), so that it is not deleted under it. */
  readonly referenceInUse?: (scope: Scope, referenceArn: string) => Promise<string | undefined>;
}

/** What every file of the room leans on. */
export interface Room extends StorageOptions {
  readonly tables: Tables;
  /** The one-pass readers, compiled on first use. */
  passes(): Promise<ReadPasses>;
  /** Undefined where this machine cannot build it. */
  archiver(): Promise<CramArchiver | undefined>;
}

export function openRoom(options: StorageOptions): Room {
  let passes: Promise<ReadPasses> | undefined;
  let archiver: Promise<CramArchiver | undefined> | undefined;
  return {
    ...options,
    archiver: () => (archiver ??= openCramArchiver({ cache: options.nativeCache, log: options.log })),
    tables: openTables(options.records),
    passes: () =>
      (passes ??= openReadPasses({
        cache: options.nativeCache,
        scratch: (name) => options.vault.reserveScratch(name),
        log: options.log,
      })),
  };
}
