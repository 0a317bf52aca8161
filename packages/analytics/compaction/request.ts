import type { Actor } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';

/** Ends the subject of a job that waits behind one of the same table. */
const AGAIN = ' again';

interface MergeRequest {
  readonly actor: Actor;
  /** Of the job. */
  readonly kind: string;
  readonly table: string;
}

/**
 * Has a table's small files merged. Where that is being done, once more behind it: it may have looked at the table for
 * the last time, and what comes now would stay as it is.
 */
export async function askToMerge(
  jobs: Records['jobs'],
  tx: Transaction,
  { actor, kind, table }: MergeRequest,
): Promise<void> {
  const known = await jobs.find(tx, actor.scope, kind, table);
  const subject = known?.status === 'running' ? `${table}${AGAIN}` : table;
  await jobs.enqueue(tx, { actor, kind, subject, input: {} });
}

export function tableOf(subject: string): string {
  return subject.endsWith(AGAIN) ? subject.slice(0, -AGAIN.length) : subject;
}
