import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ids, type Scope, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import type { BlobStore, Vault } from './blob.ts';
import { openFolderStore } from './folder/store.ts';
import { openKeyRing } from './keyring/key-ring.ts';
import type { KeyRing, WrappedKeyRows } from './keys.ts';
import type { VaultLedger } from './vault/ledger.ts';
import { createVault } from './vault/vault.ts';

/** Wrapped keys in memory. */
export class MemoryKeyRows implements WrappedKeyRows {
  readonly rows = new Map<string, { readonly wrapped: Uint8Array; readonly parent: string }>();

  async load(keyId: string) {
    return this.rows.get(keyId);
  }

  async save(keyId: string, row: { readonly wrapped: Uint8Array; readonly parent: string }) {
    const kept = this.rows.get(keyId) ?? row;
    this.rows.set(keyId, kept);
    return kept;
  }
}

/** A ledger in memory that keeps the rules of the real one: one state per blob, garbage is what was released. */
export class MemoryLedger implements VaultLedger {
  readonly states = new Map<string, 'writing' | 'kept' | 'released'>();

  async begin(_scope: Scope, blobId: string): Promise<void> {
    if (this.states.has(blobId)) throw new Error(`Blob ${blobId} was begun before`);
    this.states.set(blobId, 'writing');
  }

  async keep(blobId: string): Promise<void> {
    this.#move(blobId, 'writing', 'kept');
  }

  async release(blobId: string): Promise<void> {
    this.states.set(blobId, 'released');
  }

  async forget(blobId: string): Promise<void> {
    this.states.delete(blobId);
  }

  async garbage(limit: number): Promise<readonly string[]> {
    const released = [...this.states].filter(([, state]) => state === 'released');
    return released.slice(0, limit).map(([id]) => id);
  }

  #move(blobId: string, from: 'writing', to: 'kept'): void {
    if (this.states.get(blobId) !== from) throw new Error(`Blob ${blobId} is not ${from}`);
    this.states.set(blobId, to);
  }
}

export interface TestVaultOptions {
  /** `records.blobs` of test records, where the test has them; otherwise an in-memory ledger. */
  readonly ledger?: VaultLedger;
  readonly rows?: WrappedKeyRows;
  /** As the key ring is given one. */
  readonly gate?: (keyId: string) => Promise<boolean>;
}

export interface TestVault {
  readonly vault: Vault;
  readonly store: BlobStore;
  readonly keyring: KeyRing;
  readonly ids: Ids;
  /** The in-memory ledger; unused where one was given. */
  readonly ledger: MemoryLedger;
  /** Everything lies under it: `store/`, `scratch/`. */
  readonly directory: string;
  /** Removes the directory. */
  close(): Promise<void>;
}

/** A real vault over a temporary folder, for tests of any room. */
export async function openTestVault(options: TestVaultOptions = {}): Promise<TestVault> {
  const directory = await mkdtemp(join(tmpdir(), 'helicase-vault-'));
  const store = await openFolderStore({ directory: join(directory, 'store') });
  const ledger = new MemoryLedger();
  const rows = options.rows ?? new MemoryKeyRows();
  const keyring = openKeyRing({ ...options, rows, root: systemRandom.bytes(32), random: systemRandom });
  const ids = new Ids(systemClock, systemRandom);
  const scratch = join(directory, 'scratch');
  const vault = createVault({
    store,
    ledger: options.ledger ?? ledger,
    keyring,
    ids,
    scratch,
    log: silentLog,
  });
  const close = () => rm(directory, { recursive: true, force: true });
  return { vault, store, keyring, ids, ledger, directory, close };
}
