import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kysely } from 'kysely';
import { NestedTransaction } from './errors.ts';
import type { AnyDatabase, Transaction } from './records.ts';

export type Dialect = 'sqlite' | 'postgres';

/** What the two databases have in common, below resources and jobs. */
export interface Database {
  readonly dialect: Dialect;
  /** Each statement on its own: durable when it resolves, never seeing a running transaction's rows. */
  readonly direct: Kysely<AnyDatabase>;
  /** Commits when `work` resolves, rolls back when it rejects. `sql` is dead afterwards. */
  transaction<T>(work: (sql: Kysely<AnyDatabase>) => Promise<T>): Promise<T>;
  /** The kind of violated unique index, as columns or index name; undefined for other errors. */
  uniqueViolation(error: unknown): string | undefined;
  close(): Promise<void>;
}

const current = new AsyncLocalStorage<{ active: boolean }>();

/** Refuses what would wait for the transaction that it is called from. */
export function refuseNesting(): void {
  if (current.getStore()?.active) throw new NestedTransaction();
}

/** Runs `work` marked as inside a transaction. */
export function inside<T>(work: () => Promise<T>): Promise<T> {
  const mark = { active: true };
  return current.run(mark, async () => {
    try {
      return await work();
    } finally {
      mark.active = false;
    }
  });
}

/** A transaction as rooms see it: gathers what is to happen after the commit. */
export class OpenTransaction implements Transaction {
  readonly sql: Kysely<AnyDatabase>;
  readonly #actions: (() => void)[] = [];

  constructor(sql: Kysely<AnyDatabase>) {
    this.sql = sql;
  }

  afterCommit(action: () => void): void {
    this.#actions.push(action);
  }

  committed(): void {
    for (const action of this.#actions) action();
  }
}

/** Single statements: they are committed when they return, so `afterCommit` acts at once. */
export class DirectTransaction implements Transaction {
  readonly sql: Kysely<AnyDatabase>;

  constructor(sql: Kysely<AnyDatabase>) {
    this.sql = sql;
  }

  afterCommit(action: () => void): void {
    action();
  }
}

/** The transaction's Kysely, typed with a room's own tables: `tables<MyTables>(tx).selectFrom('log_event')`. */
export function tables<T>(tx: Transaction): Kysely<T> {
  return tx.sql as unknown as Kysely<T>;
}
