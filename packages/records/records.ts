import type { Kysely, Transaction as KyselyTransaction } from 'kysely';
import type { Scope, TaggedResources } from '@helicase/kernel';
import type { Jobs } from './jobs.ts';
import type { Notice, OwnNotice } from './notice.ts';
import type { ResourceDefinition, ResourceTable } from './resource.ts';
import type { TaggedSource } from './tagged-resources.ts';

// Rooms with tables of their own beyond resources query them through Kysely with their own row types.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export type AnyDatabase = {};

/** A database transaction. `sql` is Kysely bound to it: `tx.sql` casts to a room's own tables with `tables<T>(tx)`. */
export interface Transaction {
  readonly sql: KyselyTransaction<AnyDatabase> | Kysely<AnyDatabase>;
  /** Runs after the transaction committed, never when it rolled back: wake-ups, not work. */
  afterCommit(action: () => void): void;
}

/** A room's own tables beyond resources. Forward only; each runs once, in order, in a transaction. */
export interface Migration {
  /** Sorts and names it for ever: `2026-11-23-log-events`. */
  readonly name: string;
  up(sql: Kysely<AnyDatabase>, dialect: 'sqlite' | 'postgres'): Promise<void>;
}

/** One event of the outbox, as readers get it: in order per resource, each at least once. */
export interface OutboxEvent {
  readonly position: number;
  readonly scope: Scope;
  readonly kind: string;
  readonly id: string;
  readonly type: 'created' | 'changed' | 'transition' | 'deleted';
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly why: string | undefined;
  readonly message: string | undefined;
  /** Milliseconds. */
  readonly at: number;
  /** The resource's revision: grows by one per event of a resource. */
  readonly revision: number;
  /** What the change tells the outside. */
  readonly notice: Notice | undefined;
}

/** The ledger of blobs: which bytes are being written, which are kept, which are to be swept. */
export interface BlobLedger {
  /** Before the first byte: this blob is being written by this process. Its own durable commit. */
  begin(scope: Scope, blobId: string): Promise<void>;
  /** In the transaction that makes a record point to it. */
  keep(tx: Transaction, blobId: string): Promise<void>;
  /** In the transaction that removes the record: the sweep deletes the bytes afterwards. */
  release(tx: Transaction, blobId: string): Promise<void>;
  /** The blob was never written whole; its row goes once its bytes are gone. */
  forget(blobId: string): Promise<void>;
  /** Ids to delete: released, or being written by a process that is no more. */
  garbage(limit: number): Promise<readonly string[]>;
  /** State of an id, for fsck. */
  state(blobId: string): Promise<'writing' | 'kept' | 'released' | undefined>;
  kept(): AsyncIterable<string>;
}

/** Wrapped keys by id; the bytes are useless without the key above them. */
export interface KeyRows {
  load(keyId: string): Promise<{ readonly wrapped: Uint8Array; readonly parent: string } | undefined>;
  /** Keeps the first one saved under an id and answers what is stored. */
  save(
    keyId: string,
    row: { readonly wrapped: Uint8Array; readonly parent: string },
  ): Promise<{ readonly wrapped: Uint8Array; readonly parent: string }>;
}

/** Shaped as the wire's IdempotencyStore. */
export interface Idempotency {
  /** Undefined where the caller is the first; a repetition waits for the first. ConflictException on another fingerprint. */
  recall(scope: Scope, operation: string, token: string, fingerprint: string): Promise<unknown>;
  remember(
    scope: Scope,
    operation: string,
    token: string,
    fingerprint: string,
    output: unknown,
    /** Where given, the answer is kept exactly if this transaction commits. */
    transaction?: object,
  ): Promise<void>;
  /** The first request failed: a repetition is answered anew, at once. */
  abandon(scope: Scope, operation: string, token: string): Promise<void>;
}

/** What the database says of itself. */
export interface RecordsCheck {
  /** One sentence each; empty where the database is sound. */
  readonly faults: readonly string[];
  /** Jobs that wait or were interrupted, and not for a time that is far: a server goes on with them. */
  readonly unfinishedJobs: number;
  /** Other server processes that use this database now. */
  readonly otherInstances: number;
}

export interface Records {
  readonly dialect: 'sqlite' | 'postgres';
  /** Reads and single statements outside a transaction. */
  readonly direct: Transaction;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Declares a kind; all kinds and migrations must be declared before `open`. */
  resource<Doc, Status extends string, Column extends string = never>(
    definition: ResourceDefinition<Doc, Status, Column>,
  ): ResourceTable<Doc, Status, Column, Transaction>;
  migrations(list: readonly Migration[]): void;
  /** Applies migrations and starts this instance's heartbeat. Refuses a database of a newer version. */
  open(): Promise<void>;
  /** For reading and small changes while a server may be running: migrates nothing, and takes nobody's leases. */
  openBeside(): Promise<void>;
  close(): Promise<void>;
  readonly jobs: Jobs<Transaction>;
  readonly blobs: BlobLedger;
  readonly keys: KeyRows;
  /** The tags of every kind that declares some. */
  readonly tagged: TaggedResources;
  /** How many of a type that carries tags (`omics:runGroup`) the scope has. */
  countTagged(tx: Transaction, scope: Scope, type: string): Promise<number>;
  /** Declares tags of what is no resource kind; before `open`. */
  taggedSource(source: TaggedSource): void;
  /** Events after `position`, oldest first; safe against commits that become visible out of order. */
  events(after: number, limit: number): Promise<readonly OutboxEvent[]>;
  /** The position of the newest event: where a reader starts that wants only what comes. */
  lastPosition(): Promise<number>;
  /** Removes events up to this position that are older than `before` (milliseconds); the newest stays, for its position. */
  forgetEvents(upTo: number, before: number): Promise<void>;
  /** Notices that belong to no resource (PutEvents), all or none. */
  announce(tx: Transaction, scope: Scope, notices: readonly OwnNotice[]): Promise<void>;
  /** Answers of requests with idempotency tokens; it is the wire's IdempotencyStore. */
  readonly idempotency: Idempotency;
  /**
   * A consistent copy of an SQLite database while it is in use, also by another process: it needs no `open`, which
   * would take the running server's leases. Throws on PostgreSQL, which has its own tools.
   */
  backup(file: string): Promise<void>;
  /** The database's own check of itself, for fsck. Needs `open`. */
  check(): Promise<RecordsCheck>;
}
