import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect as KyselyDialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Dialect } from './database.ts';
import { NestedTransaction } from './errors.ts';
import type { AnyDatabase } from './records.ts';

/** A Kysely over one connection that somebody else opened, begins, commits and closes. */
export function boundKysely(dialect: Dialect, connection: DatabaseConnection): Kysely<AnyDatabase> {
  return new Kysely<AnyDatabase>({ dialect: boundDialect(dialect, boundDriver(connection)) });
}

function boundDialect(dialect: Dialect, driver: Driver): KyselyDialect {
  const sqlite = dialect === 'sqlite';
  return {
    createDriver: () => driver,
    createAdapter: () => (sqlite ? new SqliteAdapter() : new PostgresAdapter()),
    createQueryCompiler: () => (sqlite ? new SqliteQueryCompiler() : new PostgresQueryCompiler()),
    createIntrospector: (db) => (sqlite ? new SqliteIntrospector(db) : new PostgresIntrospector(db)),
  };
}

function boundDriver(connection: DatabaseConnection): Driver {
  const refuse = () => Promise.reject(new NestedTransaction());
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    destroy: async () => {},
  };
}

/** Whether a statement changes nothing, as far as can be told from its form; a doubtful one counts as a write. */
export function isRead(query: CompiledQuery): boolean {
  if (query.query.kind === 'SelectQueryNode') return true;
  if (query.query.kind !== 'RawNode') return false;
  return /^\s*(select|with)\b/i.test(query.sql) && !/\b(insert|update|delete|replace)\b/i.test(query.sql);
}

export function noStreams(): never {
  throw new Error('Streamed queries are not supported; page by key instead');
}
