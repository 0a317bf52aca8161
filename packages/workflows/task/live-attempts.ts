import { readdir } from 'node:fs/promises';
import type { Records } from '@helicase/records';
import { isFinished, type Run, type RunTable } from '../run/model.ts';
import { parseRunName } from '../run/run-paths.ts';
import { type TaskTable, unfinishedTaskStatuses } from './model.ts';
import { attemptIdOf } from './task-ledger.ts';

export interface LiveAttemptsOptions {
  readonly records: Records;
  readonly runs: RunTable;
  readonly tasks: TaskTable;
  readonly directory: string;
}

const AT_ONCE = 500;

/** The attempts of this folder's runs that a replay will ask for: of runs that go on, and of tasks without an end. */
export async function liveAttempts(options: LiveAttemptsOptions): Promise<ReadonlySet<string>> {
  const { directory, records, runs } = options;
  const live = new Set<string>();
  for (const name of await readdir(directory).catch(() => [])) {
    const parsed = parseRunName(name);
    const run = parsed && (await runs.find(records.direct, parsed.scope, parsed.runId));
    if (!run || isFinished(run.status) || run.status === 'STOPPING') continue;
    for await (const attempt of unfinishedAttempts(options, run)) live.add(attempt);
  }
  return live;
}

async function* unfinishedAttempts(
  { records, tasks }: LiveAttemptsOptions,
  { id: parent, scope }: Run,
): AsyncGenerator<string> {
  let after: readonly (string | number)[] | undefined;
  do {
    const page = await tasks.list(records.direct, scope, {
      ...{ parent, statuses: unfinishedTaskStatuses, limit: AT_ONCE },
      ...(after ? { after } : {}),
    });
    for (const { doc, id } of page.rows) yield attemptIdOf({ taskId: id, start: doc.starts });
    after = page.next;
  } while (after);
}
