import type { Readable } from 'node:stream';
import type { Scope } from '@helicase/kernel';

/** Points to immutable bytes. Kept in records as JSON; useless without the key it names. */
export interface BlobRef {
  readonly id: string;
  /** Plain bytes. */
  readonly size: number;
  /** Absent: stored plain (embedded buckets, scratch), left to the host's disk encryption. */
  readonly seal?: {
    /** The key that wraps this blob's own key. */
    readonly keyId: string;
    /** Base64. */
    readonly wrappedKey: string;
    readonly segmentSize: number;
  };
  /** Hex SHA-256 of the stored (sealed) bytes where it was computed on the way: the scrubber compares it. */
  readonly storedDigest?: string;
}

/** A blob that a record points to, as fsck asks each room for: `owner` names the record for people. */
export interface OwnedBlob {
  /** `read set 123 of 111111111111/us-east-1`. */
  readonly owner: string;
  readonly blob: BlobRef;
  /** Whose it is in figures of storage, and what: `ReadSet`. Absent where nobody asks how much it is. */
  readonly counts?: { readonly scope: Scope; readonly kind: string };
  /** Other records may point to it too: equal contents of a store are kept once. */
  readonly shared?: boolean;
  /** Hex MD5 of the plain bytes, where the record has it. */
  readonly md5?: string;
}

/** Inclusive byte positions, as HTTP ranges have them. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The small port under everything: a folder or S3. A blob is written once, whole or not at all. */
export interface BlobStore {
  create(id: string): Promise<BlobSink>;
  /** Stored bytes (sealed ones still sealed). Throws BlobMissing where there is none. */
  read(id: string, range?: ByteRange): Readable;
  /** Stored size, or undefined where there is none. */
  size(id: string): Promise<number | undefined>;
  remove(id: string): Promise<void>;
  /** Every blob that is whole; ids in no particular order. */
  list(): AsyncIterable<{ readonly id: string; readonly size: number; readonly modifiedAt: number }>;
  /** Unfinished writes older than the time given are removed; answers how many there were. */
  removeUnfinished(before: number): Promise<number>;
  /** How many writes are under way or were left by dead processes. */
  countUnfinished(): Promise<number>;
  /** A local path of a plain blob's bytes, where the store has one (the folder). Read-only. */
  path(id: string): string | undefined;
  /** Takes a finished local file as the blob by renaming or linking it where the store can; undefined where it cannot. */
  adopt?(id: string, path: string): Promise<{ readonly size: number } | undefined>;
}

/** A blob being written. Exactly one of `finish` and `abort` ends it; nothing is visible before `finish` resolved. */
export interface BlobSink {
  write(chunk: Uint8Array): Promise<void>;
  /** Durable when it resolves: temporary name, fsync, rename, fsync of the folder; or multipart complete. */
  finish(): Promise<{ readonly size: number }>;
  abort(): Promise<void>;
}

/** Where bytes of one resource go: in whose world, under which key. */
export interface VaultWrite {
  readonly scope: Scope;
  /** The store whose key wraps the blob's key (`sequenceStore/123`); absent for plain bytes. */
  readonly sealedFor?: string;
}

export interface VaultSink {
  write(chunk: Uint8Array): Promise<void>;
  finish(): Promise<BlobRef>;
  abort(): Promise<void>;
}

/** Something native readers can open; gone after `release` and after a crash. */
export interface Materialized {
  /** An absolute path of plain bytes, read-only. */
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Sealed, ledgered bytes: what rooms use. The caller keeps or releases a blob in the ledger (records) in the
 * transaction that points to it or lets it go; the vault begins rows and sweeps.
 */
export interface Vault {
  create(write: VaultWrite): Promise<VaultSink>;
  /** Takes a local file: renamed or linked where plain bytes allow it, read and sealed otherwise. The file may be gone after. */
  adopt(write: VaultWrite, path: string): Promise<BlobRef>;
  /** Plain bytes. Any altered bit is an error in the stream (SealBroken), never data. */
  read(blob: BlobRef, range?: ByteRange): Readable;
  /** A plain blob of the folder as it lies (no copy), anything else unsealed into private scratch. `name` is the file's name. */
  materialize(blob: BlobRef, name: string): Promise<Materialized>;
  /**
   * Whether a customer's key says when the blob may be opened: nothing of it is kept unsealed for later then. Throws where
   * it may not be opened now.
   */
  isGuarded(blob: BlobRef): Promise<boolean>;
  /** A path in private scratch where nothing is yet, for a file that the caller writes; its folder goes with `release`. */
  reserveScratch(name: string): Promise<Materialized>;
  /** Keeps this process's sweep from these blobs until the answer is called: for readers that open them one by one. */
  hold(blobs: readonly BlobRef[]): () => void;
  /** At boot: removes what processes that are no more left in scratch; answers how many folders there were. */
  cleanScratch(): Promise<number>;
  /** A finished blob that no record came to point to (its transaction failed): bytes and ledger row go at once. */
  discard(blob: BlobRef): Promise<void>;
  /** Deletes what the ledger calls garbage; answers how many blobs went. */
  sweep(): Promise<number>;
}
