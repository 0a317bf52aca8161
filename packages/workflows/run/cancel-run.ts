import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { errors } from '../errors.ts';

import { RUN_JOB, type StartRunOptions } from './start-run.ts';
import { endRun, type EndRunOptions } from './end-run.ts';
import { isFinished } from './model.ts';
import { removeRun } from './removal.ts';

/**
 * A working run is told, and ends when its last task has. One that nobody works on (it waits for its first attempt, or
 * for another server to go on with it) ends here.
 */
export async function cancelRun(
  options: EndRunOptions,
  tx: Transaction,
  scope: Scope,
  id: string,
  message: string,
): Promise<void> {
  const { records, runs } = options;
  const run = await runs.hold(tx, scope, id);
  if (!run) throw errors.runNotFound({ id });
  if (isFinished(run.status)) throw errors.runNotCancellable({ id, status: run.status });
  const working = (await records.jobs.find(tx, scope, RUN_JOB, id))?.status === 'running';
  if (run.status !== 'PENDING') await runs.transition(tx, scope, id, 'STOPPING', { message });
  if (run.status === 'PENDING' || !working) await endRun(options, tx, run, { status: 'CANCELLED', message });
  await records.jobs.cancel(tx, scope, RUN_JOB, id);
}

/** "You can only delete a run that has reached a COMPLETED, FAILED, or CANCELLED stage." */
export async function deleteRun(
  options: Pick<StartRunOptions, 'runs' | 'tasks'>,
  tx: Transaction,
  scope: Scope,
  id: string,
): Promise<void> {
  const run = await options.runs.hold(tx, scope, id);
  if (!run) throw errors.runNotFound({ id });
  if (!isFinished(run.status)) throw errors.runNotDeletable({ id, status: run.status });
  await removeRun(options, tx, run);
}
