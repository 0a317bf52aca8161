import { omicsArn, type Scope } from '@helicase/kernel';
import {
  amongIds,
  type Records,
  type Resource,
  type ResourceTable,
  type StateMachine,
  type Transaction,
} from '@helicase/records';

/** DELETED ones are gone at once: cached data is left where it is, in the user's bucket. */
export type RunCacheStatus = 'ACTIVE';

export const runCacheMachine: StateMachine<RunCacheStatus> = { ACTIVE: {} };

/**
 * `CACHE_ON_FAILURE`: finished tasks of runs that fail are kept for later runs. `CACHE_ALWAYS`: those of every run.
 * Runs of both take tasks from what the cache has.
 */
export type CacheBehavior = 'CACHE_ON_FAILURE' | 'CACHE_ALWAYS';

export interface RunCacheDoc {
  readonly name?: string;
  readonly description?: string;
  readonly behavior: CacheBehavior;
  /** Where cached files lie: as CreateRunCache gave it, without a slash at its end. */
  readonly s3Uri: string;
  readonly bucketOwnerId: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type RunCache = Resource<RunCacheDoc, RunCacheStatus>;
export type RunCacheTable = ResourceTable<RunCacheDoc, RunCacheStatus, never, Transaction>;

export function runCacheTable(records: Records): RunCacheTable {
  return records.resource<RunCacheDoc, RunCacheStatus>({
    kind: 'run-cache',
    machine: runCacheMachine,
    tagged: {
      type: 'omics:runCache',
      arn: ({ scope, id }) => runCacheArn(scope, id),
      among: amongIds(/^runCache\/([0-9]+)$/),
    },
  });
}

export function runCacheArn(scope: Scope, id: string): string {
  return omicsArn(scope, `runCache/${id}`);
}
