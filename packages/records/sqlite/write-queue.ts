import type { SqliteConnection } from './connection.ts';

interface Statement {
  readonly run: () => void;
  readonly settle: (failure: { readonly error: unknown } | undefined) => void;
}
type Entry = Statement | { readonly exclusive: () => Promise<void> };

const LARGEST_GROUP = 256;

/**
 * The one writer of an SQLite database, first come first served. A transaction has the connection for itself;
 * single statements that wait side by side share one commit, for the commit's fsync is most of their cost.
 */
export class WriteQueue {
  readonly #connection: SqliteConnection;
  readonly #entries: Entry[] = [];
  #draining = false;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /** Resolves with what `run` gave once it is committed. */
  statement<T>(run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: { readonly value: T } | { readonly error: unknown };
      this.#add({
        run: () => {
          try {
            result = { value: run() };
          } catch (error) {
            result = { error };
          }
        },
        settle: (failure) => {
          if (failure) reject(failure.error as Error);
          else if ('error' in result) reject(result.error as Error);
          else resolve(result.value);
        },
      });
    });
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#add({ exclusive: () => work().then(resolve, reject) });
    });
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#draining) return;
    this.#draining = true;
    // After all requests of this turn of the event loop have queued theirs, so that they can share a commit.
    setImmediate(() => void this.#drain());
  }

  async #drain(): Promise<void> {
    for (let entry = this.#entries.shift(); entry; entry = this.#entries.shift()) {
      if ('exclusive' in entry) await entry.exclusive();
      else this.#commitTogether([entry, ...this.#waitingStatements()]);
    }
    this.#draining = false;
  }

  #waitingStatements(): Statement[] {
    const others = this.#entries.findIndex((entry) => 'exclusive' in entry);
    const count = Math.min(others === -1 ? this.#entries.length : others, LARGEST_GROUP - 1);
    return this.#entries.splice(0, count) as Statement[];
  }

  #commitTogether(group: readonly Statement[]): void {
    let failure: { readonly error: unknown } | undefined;
    try {
      this.#connection.exec('begin immediate');
      for (const statement of group) statement.run();
      this.#connection.exec('commit');
    } catch (error) {
      // A full disk or an I/O error: nothing of the group is acknowledged.
      failure = { error: this.#rolledBack(error) };
    }
    for (const statement of group) statement.settle(failure);
  }

  /** The error to tell: a damaged database cannot even roll back, and its callers must not wait for ever. */
  #rolledBack(error: unknown): unknown {
    try {
      if (this.#connection.inTransaction) this.#connection.exec('rollback');
      return error;
    } catch (second) {
      return new AggregateError([error, second], 'The write failed and could not be rolled back');
    }
  }
}
