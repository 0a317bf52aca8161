import { availableParallelism } from 'node:os';
import { limitIn, type ScopeLimit } from '@helicase/kernel';
import type { JobWorker, Transaction } from '@helicase/records';
import type { Room } from '../room.ts';

/** The durable job's input: everything else is on the row of its resource. */
export interface ItemJobInput {
  readonly store: string;
  /** The kind of that row: imports of references and of read sets wait together. */
  readonly of: string;
}

/**
 * The guide, "Storage quotas": how many of these an account may have at work at once in a region. The rest waits.
 * Imports of references and of read sets share one quota.
 */
export interface JobQuotas {
  readonly import: ScopeLimit;
  readonly export: ScopeLimit;
  readonly activation: ScopeLimit;
}

export const GUIDE_QUOTAS = { import: 5, export: 5, activation: 25 } as const;

export type Queue = keyof JobQuotas;

/** What works on the jobs of one kind of resource. */
export interface QueueWorker extends Pick<JobWorker<ItemJobInput, never, Transaction>, 'run' | 'exhausted'> {
  readonly kind: string;
}

/** The kind of a queue's durable jobs. */
export function queueKind(queue: Queue): string {
  return `storage-${queue}`;
}

/** Registers who works on a queue's jobs: no more of an account and region at once than its quota says. */
export function registerQueue(
  room: Pick<Room, 'records' | 'jobQuotas' | 'jobsAtOnce'>,
  queue: Queue,
  workers: readonly QueueWorker[],
): void {
  const quota = room.jobQuotas?.[queue] ?? GUIDE_QUOTAS[queue];
  const workerOf = ({ of }: ItemJobInput): QueueWorker => {
    const worker = workers.find(({ kind }) => kind === of);
    if (!worker) throw new Error(`Nobody works on ${of} in the queue ${queue}`);
    return worker;
  };
  room.records.jobs.register<ItemJobInput, never>({
    kind: queueKind(queue),
    concurrency: room.jobsAtOnce ?? Math.max(GUIDE_QUOTAS.import, availableParallelism()),
    // A lane is a region: see `submitJob`.
    limits: async () => ({ lane: (account, region) => limitIn(quota, { account, region }) }),
    run: (run) => workerOf(run.input).run(run),
    exhausted: (tx, job, error) => workerOf(job.input).exhausted(tx, job, error),
  });
  // Jobs that an earlier version accepted wait under the kind of their resource: they are finished too.
  for (const { exhausted, kind, run } of workers)
    room.records.jobs.register<ItemJobInput, never>({ kind, concurrency: 1, run, exhausted });
}
