import type { Generated } from 'kysely';

/** Rows of the tables that every Helicase database has. Times are milliseconds since 1970. */
export interface CoreTables {
  helicase_schema: { name: string; value: string };
  helicase_migration: { name: string; applied_at: number };
  instance: InstanceRow;
  outbox: OutboxRow;
  job: JobRow;
  /** Running jobs that were asked to stop. A table of its own: asking locks no row that an attempt commits on. */
  job_cancellation: { id: string };
  blob: BlobRow;
  wrapped_key: { id: string; wrapped: Uint8Array; parent: string };
  idempotency: IdempotencyRow;
}

/** A running server process. `heartbeat` is by the database's clock. */
export interface InstanceRow {
  id: string;
  heartbeat: number;
}

export interface OutboxRow {
  /** In order of insertion; on SQLite also the position. */
  entry: Generated<number>;
  /** PostgreSQL only: in order of becoming visible, given by the sequencer. */
  position: number | null;
  account: string;
  region: string;
  kind: string;
  id: string;
  type: string;
  from_status: string | null;
  to_status: string | null;
  why: string | null;
  message: string | null;
  /** A Notice as JSON. */
  notice: string | null;
  at: number;
  revision: number;
}

export type JobStatus = 'queued' | 'running' | 'done' | 'cancelled' | 'exhausted';

export interface JobRow {
  id: string;
  account: string;
  region: string;
  kind: string;
  subject: string;
  /** JSON. */
  actor: string;
  input: string;
  state: string | null;
  progress: string | null;
  status: JobStatus;
  lane: string;
  priority: number;
  not_before: number;
  /** Attempts that threw. */
  failures: number;
  error: string | null;
  /** Who runs it, and the fencing token: it grows with every claim. */
  instance: string | null;
  fence: number;
  created_at: number;
  finished_at: number | null;
}

export interface BlobRow {
  id: string;
  account: string;
  region: string;
  state: 'writing' | 'kept' | 'released';
  instance: string;
  created_at: number;
}

export interface IdempotencyRow {
  account: string;
  region: string;
  operation: string;
  token: string;
  fingerprint: string;
  /** JSON; null while the first request is still being answered. */
  output: string | null;
  instance: string;
  created_at: number;
}

/** The common columns of a resource's table; lifted values are in further columns. */
export interface ResourceRow {
  account: string;
  region: string;
  id: string;
  parent: string;
  status: string;
  status_message: string | null;
  created_at: number;
  updated_at: number;
  revision: number;
  doc: string;
}
