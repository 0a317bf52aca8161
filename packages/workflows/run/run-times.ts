import type { Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import { creationTime, type TaskDoc, type TaskStatus, type TaskTable } from '../task/model.ts';
import type { RunStatus, RunTable } from './model.ts';

/** When a run and each of its tasks began and ended. Milliseconds; what never came is absent. */
export interface RunTimes {
  readonly id: string;
  readonly uuid: string;
  readonly name?: string;
  readonly workflowId: string;
  readonly workflowName?: string;
  readonly status: RunStatus;
  readonly message?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly tasks: readonly TaskTimes[];
}

export interface TaskTimes {
  readonly id: string;
  readonly name: string;
  readonly status: TaskStatus;
  readonly message?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly cpus: number;
  readonly memoryGiB: number;
  readonly gpus: number;
  readonly instanceType: string;
  /** Its result was taken from the run cache. */
  readonly cached: boolean;
}

interface Tables {
  readonly records: Pick<Records, 'direct'>;
  readonly runs: RunTable;
  readonly tasks: TaskTable;
}

const PAGE = 500;

/** Undefined where there is no such run any more. */
export async function runTimes(tables: Tables, scope: Scope, id: string): Promise<RunTimes | undefined> {
  const run = await tables.runs.find(tables.records.direct, scope, id);
  if (!run) return undefined;
  const { name, startTime, stopTime, uuid, workflowId, workflowName } = run.doc;
  return {
    ...{ id, uuid, workflowId, status: run.status, createdAt: run.createdAt },
    ...(name === undefined ? {} : { name }),
    ...(workflowName === undefined ? {} : { workflowName }),
    ...(run.statusMessage === undefined ? {} : { message: run.statusMessage }),
    ...between(startTime, stopTime),
    tasks: await taskTimes(tables, scope, id),
  };
}

async function taskTimes({ records, tasks }: Tables, scope: Scope, runId: string): Promise<TaskTimes[]> {
  const all: TaskTimes[] = [];
  let after: readonly (string | number)[] | undefined;
  do {
    const page = await tasks.list(records.direct, scope, {
      parent: runId,
      limit: PAGE,
      ...(after && { after }),
    });
    for (const task of page.rows) {
      const { doc, id, status, statusMessage } = task;
      const message = statusMessage === undefined ? {} : { message: statusMessage };
      all.push({ id, status, createdAt: creationTime(task), ...message, ...ofTask(doc) });
    }
    after = page.next;
  } while (after);
  return all;
}

function ofTask({ cachedAt, cpus, gpus, instanceType, memoryGiB, name, startTime, stopTime }: TaskDoc) {
  const cached = cachedAt !== undefined;
  return { name, cpus, memoryGiB, gpus, instanceType, cached, ...between(startTime, stopTime) };
}

function between(startedAt: number | undefined, stoppedAt: number | undefined) {
  return {
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  };
}
