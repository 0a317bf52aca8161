import { omicsArn, type Scope } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, StateMachine, Transaction } from '@helicase/records';
import type { TaskKey, TaskOutcome } from '@helicase/runtime';

export type TaskStatus = 'PENDING' | 'STARTING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

export const taskMachine: StateMachine<TaskStatus> = {
  PENDING: {
    STARTING: 'its turn came',
    COMPLETED: 'its result was in the run cache',
    FAILED: 'it could not be started',
    CANCELLED: 'the run ended before its turn',
  },
  STARTING: {
    RUNNING: 'its process started',
    PENDING: 'the server stopped; it starts again',
    COMPLETED: 'its result was in the run cache',
    FAILED: 'it could not be started',
    CANCELLED: 'the run was ended',
  },
  RUNNING: {
    COMPLETED: 'its command succeeded',
    PENDING: 'the server stopped, or its files are gone; it starts again',
    FAILED: 'its command failed',
    CANCELLED: 'the run was ended',
  },
  COMPLETED: { PENDING: 'its files are gone; it starts again' },
  FAILED: { PENDING: 'its files are gone; it starts again' },
  CANCELLED: { PENDING: 'the server stopped while it ran; it starts again' },
};

export const unfinishedTaskStatuses: readonly TaskStatus[] = ['PENDING', 'STARTING', 'RUNNING'];

export interface TaskDoc {
  /** With `attempt`, the identity that a replay knows the task by. */
  readonly call: string;
  readonly attempt: number;
  readonly name: string;
  readonly uuid: string;
  /** Whole numbers, as the API has them: rounded up. */
  readonly cpus: number;
  readonly memoryGiB: number;
  readonly gpus: number;
  readonly instanceType: string;
  readonly image?: string;
  /** How often it was started: each start has a folder of its own. */
  readonly starts: number;
  /** When the engine asked for it, milliseconds; its row may come a moment later. Absent in rows of older servers. */
  readonly askedAt?: number;
  readonly startTime?: number;
  readonly stopTime?: number;
  readonly failureReason?: string;
  /** What determined its result, where the run has a cache and the task may be reused. */
  readonly key?: TaskKey;
  /** Present where nothing ran: where its result was kept. */
  readonly cachedAt?: string;
  /** What a replay is answered with, while its work directory exists. */
  readonly outcome?: TaskOutcome;
  /** The form of `outcome`; absent in the first. */
  readonly outcomeVersion?: number;
}

export type Task = Resource<TaskDoc, TaskStatus>;
export type TaskTable = ResourceTable<TaskDoc, TaskStatus, never, Transaction>;

export function taskTable(records: Records): TaskTable {
  return records.resource<TaskDoc, TaskStatus>({
    kind: 'task',
    machine: taskMachine,
    announced: {
      detailType: 'Task Status Change',
      arn: ({ scope, id }) => taskArn(scope, id),
      detail: ({ id, parent, doc }) => ({ id, runId: parent, name: doc.name, uuid: doc.uuid }),
    },
  });
}

export function taskArn(scope: Scope, id: string): string {
  return omicsArn(scope, `task/${id}`);
}

/** When a task began to be, however long its row waited for the company of others. */
export function creationTime({ createdAt, doc }: Pick<Task, 'createdAt' | 'doc'>): number {
  return doc.askedAt ?? createdAt;
}
