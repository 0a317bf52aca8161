import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import type { ResultColumn } from '../../sql/protocol.ts';
import { PRIMARY } from '../work-group/model.ts';

export type QueryState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

export interface QueryExecutionDoc {
  readonly query: string;
  /** What is run: the query, or the prepared statement with its values. */
  readonly statement?: string;
  /** The work group's limit of bytes. */
  readonly scanLimit?: number | undefined;
  readonly database: string | undefined;
  /** The client's idempotency token; null where it gave none. */
  readonly token: string | null;
  /** The result's own object: `<output location>/<id>.csv`. */
  readonly output: string;
  readonly statementType: 'DML' | 'DDL' | 'UTILITY';
  readonly workGroup: string;
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly columns?: readonly ResultColumn[];
  readonly scannedBytes?: number;
  readonly resultRows?: number;
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

/** Queries of the work group that was there before there were others have no parent. */
export function queryParent(workGroup: string): string {
  return workGroup === PRIMARY ? '' : workGroup;
}
