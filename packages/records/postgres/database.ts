import pg from 'pg';
import type { CompiledQuery, DatabaseConnection, Kysely, QueryResult } from 'kysely';
import type { Log } from '@helicase/kernel';
import { boundKysely, isRead, noStreams } from '../bound-dialect.ts';
import { type Database, inside, refuseNesting } from '../database.ts';
import { TransactionEnded } from '../errors.ts';
import type { AnyDatabase } from '../records.ts';
import { StatementNames } from './statement-names.ts';

const UNIQUE_VIOLATION = '23505';

/** PostgreSQL through a pool of connections. */
export class PostgresDatabase implements Database {
  readonly dialect = 'postgres';
  readonly direct: Kysely<AnyDatabase>;
  readonly #pool: pg.Pool;
  readonly #names = new StatementNames();

  constructor(url: string, log: Log) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 16,
      connectionTimeoutMillis: 10_000,
      statement_timeout: 60_000,
      idle_in_transaction_session_timeout: 60_000,
      application_name: 'helicase',
      types: { getTypeParser: parserOf },
    });
    // A connection that breaks is replaced by the pool; without a listener Node would end the process.
    this.#pool.on('error', (error) => log.warn({ error }, 'an idle PostgreSQL connection broke'));
    this.#pool.on('connect', (client) => client.on('error', () => {}));
    this.direct = boundKysely('postgres', {
      executeQuery: <R>(query: CompiledQuery) => this.#executeDirectly<R>(query),
      streamQuery: noStreams,
    });
  }

  async transaction<T>(work: (sql: Kysely<AnyDatabase>) => Promise<T>): Promise<T> {
    refuseNesting();
    const client = await this.#pool.connect();
    const connection = new ClientConnection(client, this.#names);
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await inside(() => work(boundKysely('postgres', connection)));
      await commit(client);
      return result;
    } catch (error) {
      broken = await rollback(client);
      throw error;
    } finally {
      connection.end();
      client.release(broken);
    }
  }

  uniqueViolation(error: unknown): string | undefined {
    if (!(error instanceof pg.DatabaseError) || error.code !== UNIQUE_VIOLATION) return undefined;
    return error.constraint;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #executeDirectly<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (!isRead(query)) refuseNesting();
    return resultOf<R>(await this.#pool.query(this.#names.named(query)));
  }
}

class ClientConnection implements DatabaseConnection {
  #client: pg.PoolClient | undefined;
  readonly #names: StatementNames;
  readonly streamQuery = noStreams;

  constructor(client: pg.PoolClient, names: StatementNames) {
    this.#client = client;
    this.#names = names;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (!this.#client) throw new TransactionEnded();
    return resultOf<R>(await this.#client.query(this.#names.named(query)));
  }

  end(): void {
    this.#client = undefined;
  }
}

/** PostgreSQL answers COMMIT of an aborted transaction with ROLLBACK and no error. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query('commit');
  if (command !== 'COMMIT') {
    throw new Error(
      'The transaction was rolled back: a statement in it had failed and the error was ignored',
    );
  }
}

async function rollback(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function resultOf<R>(result: pg.QueryResult): QueryResult<R> {
  return { rows: result.rows as R[], numAffectedRows: BigInt(result.rowCount ?? 0) };
}

/** 64-bit integers (milliseconds, revisions, positions) as numbers: they stay far below 2^53. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
}
