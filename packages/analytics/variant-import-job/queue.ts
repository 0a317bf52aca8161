import { type Actor, limitIn, type Scope, type ScopeLimit } from '@helicase/kernel';
import type { JobWorker, Records, Transaction } from '@helicase/records';
import type { ImportInput } from './import-item.ts';

/** Imports of both kinds wait together: "Concurrent variant or annotation store import jobs" is one quota. */
const QUEUE = 'analytics-import';
/** Each is processes of its own, with most of a machine's cores. */
const AT_ONCE_HERE = 4;

type ImportJobWorker = Pick<JobWorker<ImportInput, undefined, Transaction>, 'kind' | 'run' | 'exhausted'>;

/** Registers who imports: no more of an account and region at once than `most`. */
export function registerImports(
  records: Records,
  workers: readonly ImportJobWorker[],
  most: ScopeLimit,
): void {
  const workerOf = ({ of }: ImportInput): ImportJobWorker => {
    const worker = workers.find(({ kind }) => kind === of);
    if (!worker) throw new Error(`Nobody imports ${of}`);
    return worker;
  };
  records.jobs.register<ImportInput, undefined>({
    kind: QUEUE,
    concurrency: AT_ONCE_HERE,
    // A lane is a region.
    limits: async () => ({ lane: (account, region) => limitIn(most, { account, region }) }),
    run: (run) => workerOf(run.input).run(run),
    exhausted: (tx, job, error) => workerOf(job.input).exhausted(tx, job, error),
  });
  // Jobs that an earlier version accepted wait under a kind of their own: they are finished too.
  for (const { exhausted, kind, run } of workers)
    records.jobs.register<ImportInput, undefined>({
      kind,
      concurrency: 1,
      run: (job) => run(job),
      exhausted: (tx, job, error) => exhausted(tx, job, error),
    });
}

export async function enqueueImport(
  records: Records,
  tx: Transaction,
  actor: Actor,
  kind: string,
  id: string,
): Promise<void> {
  const job = { actor, kind: QUEUE, lane: actor.scope.region, subject: id, input: { of: kind } };
  await records.jobs.enqueue<ImportInput>(tx, job);
}

export async function cancelImport(
  records: Records,
  tx: Transaction,
  scope: Scope,
  kind: string,
  id: string,
): Promise<void> {
  if (!(await records.jobs.cancel(tx, scope, QUEUE, id))) await records.jobs.cancel(tx, scope, kind, id);
}
