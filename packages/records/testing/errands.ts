import { sql } from 'kysely';
import { tables } from '../database.ts';
import type { JobWorker } from '../jobs.ts';
import type { Records, Transaction } from '../records.ts';

export interface ErrandTables {
  /** No key on purpose: work that became visible twice is two rows. */
  errand_done: { subject: string; server: string };
}

/** The table in which errands leave their mark. */
export function declareErrands(records: Records): void {
  records.migrations([
    {
      name: '2026-11-23-errands',
      up: async (db) => {
        await sql`create table errand_done (subject text not null, server text not null)`.execute(db);
      },
    },
  ]);
}

/** Idempotent by its checkpoint: the mark and the knowledge of it are one transaction. */
export function errandWorker(
  server: string,
  pause: () => Promise<void>,
): JobWorker<unknown, string, Transaction> {
  return {
    kind: 'errand',
    concurrency: 8,
    async run(run) {
      if (run.state === 'done') return;
      await pause();
      await run.checkpoint('done', async (tx) => {
        await tables<ErrandTables>(tx)
          .insertInto('errand_done')
          .values({ subject: run.subject, server })
          .execute();
        await pause();
      });
      await pause();
    },
    exhausted: async () => {},
  };
}
