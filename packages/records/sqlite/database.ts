import { backup } from 'node:sqlite';
import type { CompiledQuery, DatabaseConnection, Kysely, QueryResult } from 'kysely';
import { boundKysely, isRead, noStreams } from '../bound-dialect.ts';
import { type Database, inside, refuseNesting } from '../database.ts';
import { TransactionEnded } from '../errors.ts';
import type { AnyDatabase } from '../records.ts';
import { SqliteConnection } from './connection.ts';
import { WriteQueue } from './write-queue.ts';

const UNIQUE_CONSTRAINTS = [2067, 1555]; // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY

const ALL_PAGES = 2 ** 31 - 1;

/** SQLite in this process: one writing connection behind a queue, one reading what is committed. */
export class SqliteDatabase implements Database {
  readonly dialect = 'sqlite';
  readonly direct: Kysely<AnyDatabase>;
  readonly #writer: SqliteConnection;
  readonly #reader: SqliteConnection;
  readonly #queue: WriteQueue;

  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
    this.#writer = new SqliteConnection(file, { readOnly: false });
    this.#reader = new SqliteConnection(file, { readOnly: true });
    this.#queue = new WriteQueue(this.#writer);
    this.direct = boundKysely('sqlite', {
      executeQuery: <R>(query: CompiledQuery) => this.#executeDirectly<R>(query),
      streamQuery: noStreams,
    });
  }

  transaction<T>(work: (sql: Kysely<AnyDatabase>) => Promise<T>): Promise<T> {
    refuseNesting();
    return this.#queue.exclusive(() => this.#run(work));
  }

  uniqueViolation(error: unknown): string | undefined {
    if (!(error instanceof Error) || !('errcode' in error)) return undefined;
    if (!UNIQUE_CONSTRAINTS.includes(error.errcode as number)) return undefined;
    return error.message; // UNIQUE constraint failed: read_set.account, read_set.c_name
  }

  /** A consistent copy while others write. */
  async backup(file: string): Promise<void> {
    // In one step on a connection of its own: writers do not wait, and their writes do not make it start again.
    const source = new SqliteConnection(this.#file, { readOnly: true });
    try {
      await backup(source.database, file, { rate: ALL_PAGES });
    } finally {
      source.close();
    }
  }

  /** SQLite's own check of its pages and indexes; what it found, empty where sound. */
  async integrityFaults(): Promise<readonly string[]> {
    const connection = new SqliteConnection(this.#file, { readOnly: true });
    try {
      const rows = connection.database.prepare('pragma integrity_check').all();
      const found = rows.map((row) => String(row['integrity_check']));
      return found.length === 1 && found[0] === 'ok' ? [] : found;
    } catch (error) {
      return [(error as Error).message];
    } finally {
      connection.close();
    }
  }

  async close(): Promise<void> {
    await this.#queue.exclusive(async () => {
      this.#reader.close();
      this.#writer.close();
    });
  }

  async #run<T>(work: (sql: Kysely<AnyDatabase>) => Promise<T>): Promise<T> {
    const connection = new TransactionConnection(this.#writer);
    this.#writer.exec('begin immediate');
    try {
      const result = await inside(() => work(boundKysely('sqlite', connection)));
      this.#writer.exec('commit');
      return result;
    } catch (error) {
      if (this.#writer.inTransaction) this.#writer.exec('rollback');
      throw error;
    } finally {
      connection.end();
    }
  }

  async #executeDirectly<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (isRead(query)) return this.#reader.execute<R>(query);
    refuseNesting();
    return this.#queue.statement(() => this.#writer.execute<R>(query));
  }
}

/** The writing connection for the length of one transaction. */
class TransactionConnection implements DatabaseConnection {
  #connection: SqliteConnection | undefined;
  readonly streamQuery = noStreams;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (!this.#connection) throw new TransactionEnded();
    return this.#connection.execute<R>(query);
  }

  end(): void {
    this.#connection = undefined;
  }
}
