import type { Scope } from '@helicase/kernel';

/** What the vault needs of the ledger of blobs; `records.blobs` is one. */
export interface VaultLedger {
  /** Durable before the blob becomes visible: it is being written by this process. */
  begin(scope: Scope, blobId: string): Promise<void>;
  /** The blob is not there (any more); its row goes. */
  forget(blobId: string): Promise<void>;
  /** Ids to delete: released, or written by a process that is no more. */
  garbage(limit: number): Promise<readonly string[]>;
}
