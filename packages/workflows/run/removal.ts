import type { Transaction } from '@helicase/records';
import type { TaskTable } from '../task/model.ts';
import type { Run, RunTable } from './model.ts';

/** Removes a finished run's record and its tasks'. Logs and outputs stay. */
export async function removeRun(
  { runs, tasks }: { readonly runs: RunTable; readonly tasks: TaskTable },
  tx: Transaction,
  { id, scope }: Run,
): Promise<void> {
  for (;;) {
    const { rows } = await tasks.list(tx, scope, { parent: id, limit: 500 });
    for (const task of rows) await tasks.remove(tx, scope, task.id);
    if (rows.length < 500) break;
  }
  await runs.remove(tx, scope, id);
}
