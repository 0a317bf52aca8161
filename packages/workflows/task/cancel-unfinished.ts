import type { Transaction } from '@helicase/records';
import type { Run } from '../run/model.ts';
import { type TaskTable, unfinishedTaskStatuses } from './model.ts';

const AT_ONCE = 500;

/** The rows of tasks that nobody works on any more, when their run ends at `stopTime`. */
export async function cancelUnfinished(
  tasks: TaskTable,
  tx: Transaction,
  { id: parent, scope }: Pick<Run, 'id' | 'scope'>,
  stopTime: number,
): Promise<void> {
  for (;;) {
    const { rows } = await tasks.list(tx, scope, {
      parent,
      statuses: unfinishedTaskStatuses,
      limit: AT_ONCE,
    });
    for (const { id } of rows) {
      await tasks.transition(tx, scope, id, 'CANCELLED', { doc: (doc) => ({ ...doc, stopTime }) });
    }
    if (rows.length < AT_ONCE) return;
  }
}
