import type { Actor, Clock } from '@helicase/kernel';
import type { JobRun, Records, Transaction } from '@helicase/records';
import { ENDED, type ImportJobs } from './model.ts';

/** Milliseconds: "import job history ... is auto-deleted after two years" (guide, annotation store import jobs). */
export const HISTORY_KEPT = 2 * 365 * 24 * 60 * 60 * 1000;
const KIND = 'import-job-history';

interface Input {
  readonly of: string;
}

/** What is known of import jobs, for as long as the guide says. What they imported stays. */
export interface ImportHistory {
  /** In the transaction that makes the job of this kind: two years later nobody finds it any more. */
  keep(tx: Transaction, actor: Actor, kind: string, id: string): Promise<void>;
}

/** Registers who forgets the jobs; `tables` has those of each kind of import. */
export function importHistory(
  records: Records,
  clock: Clock,
  tables: Readonly<Record<string, ImportJobs>>,
): ImportHistory {
  records.jobs.register<Input, undefined>({
    kind: KIND,
    concurrency: 1,
    run: (run: JobRun<Input, undefined, Transaction>) =>
      run.commit(async (tx) => {
        const { scope } = run.actor;
        const table = tables[run.input.of]!;
        const job = await table.hold(tx, scope, run.subject);
        // One that was not to end in two years is no history yet.
        if (job && ENDED.has(job.status)) await table.remove(tx, scope, run.subject);
      }),
    exhausted: async () => {}, // the job is listed longer than the guide says
  });
  return {
    keep: async (tx, actor, of, id) => {
      const notBefore = clock.now() + HISTORY_KEPT;
      await records.jobs.enqueue<Input>(tx, { actor, kind: KIND, subject: id, input: { of }, notBefore });
    },
  };
}
