import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import type { ResultColumn } from '../../sql/protocol.ts';

export type QueryState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

export interface QueryExecutionDoc {
  readonly query: string;
  readonly database: string | undefined;
  /** The client's idempotency token; null where it gave none. */
  readonly token: string | null;
  /** The result's own object: `<output location>/<id>.csv`. */
  readonly output: string;
  readonly statementType: 'DML' | 'UTILITY';
  readonly workGroup: string;
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly columns?: readonly ResultColumn[];
  readonly scannedBytes?: number;
}

export type QueryExecution = Resource<QueryExecutionDoc, QueryState>;
export type QueryExecutions = ResourceTable<QueryExecutionDoc, QueryState, 'token', Transaction>;

export function declareQueryExecutions(records: Records): QueryExecutions {
  return records.resource<QueryExecutionDoc, QueryState, 'token'>({
    kind: 'query-execution',
    machine: {
      QUEUED: {
        RUNNING: 'a worker took the query',
        CANCELLED: 'stopped by the user',
        FAILED: 'the query failed',
      },
      RUNNING: {
        SUCCEEDED: 'the result is written',
        FAILED: 'the query failed',
        CANCELLED: 'stopped by the user',
      },
      SUCCEEDED: {},
      FAILED: {},
      CANCELLED: {},
    },
    columns: { token: (doc) => doc.token },
    unique: ['token'],
  });
}

export const ENDED: ReadonlySet<QueryState> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);
