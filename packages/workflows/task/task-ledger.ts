import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import type { Clock, Ids, Log, Scope } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import type { StartFault, TaskOutcome, TaskRequest } from '@helicase/runtime';
import { given } from '../given.ts';
import type { KeepableTask } from '../run-cache/run-task-cache.ts';
import type { FailureReason } from '../run/run-failure.ts';
import type { CommitGroup } from './commit-group.ts';
import { instanceType } from './instance-type.ts';
import { type Task, type TaskDoc, type TaskStatus, type TaskTable, unfinishedTaskStatuses } from './model.ts';
import { OUTCOME_RECORD, recordedOutcome } from './recorded-outcome.ts';

export interface TaskLedgerOptions {
  readonly records: Records;
  readonly tasks: TaskTable;
  readonly scope: Scope;
  readonly runId: string;
  /** The run's folder on this server. */
  readonly directory: string;
  readonly commits: CommitGroup;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** One start of one task: what its folder and its control group are named by. */
export interface TaskStart {
  readonly taskId: string;
  /** 1 for the first start. */
  readonly start: number;
  /** Resolves when the row that names it is durable. */
  readonly recorded: Promise<void>;
}

/** The runner's name of a start. */
export function attemptIdOf({ start, taskId }: Pick<TaskStart, 'start' | 'taskId'>): string {
  return `${taskId}-${start}`;
}

/** What is known of a task's end beside its outcome. */
export interface EndFacts extends Pick<TaskDoc, 'key' | 'cachedAt'> {
  /** The guide's failure reason, where it is known better than by the outcome. */
  readonly reason?: string;
}

interface Known {
  readonly id: string;
  readonly doc: TaskDoc;
  readonly status: TaskStatus;
}

const GIBIBYTE = 1024 ** 3;

/**
 * The run's tasks by call and attempt, as rows. Writes go through the run's commit group: none is waited for but the
 * outcome's, which is durable before the engine hears of it.
 */
export class TaskLedger {
  readonly #options: TaskLedgerOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: TaskLedgerOptions) {
    this.#options = options;
  }

  /** Reads what an earlier engine of the run left. */
  async load(): Promise<void> {
    for await (const task of this.rows()) this.#know(task);
  }

  /** The outcome of a task that ran before, as long as its files are there. */
  recorded(request: TaskRequest): TaskOutcome | undefined {
    const doc = this.#known.get(key(request))?.doc;
    const { outcome, unreadable } = doc ? recordedOutcome(doc) : {};
    if (unreadable) {
      this.#options.log.warn({ call: request.call, reason: unreadable }, 'a recorded task runs again');
    }
    if (!outcome || outcome.status === 'cancelled' || !this.#isHere(outcome.workDirectory)) return undefined;
    return { ...outcome, recorded: true };
  }

  /** The last start where no end of it is recorded: it may have outlived the server that started it. */
  unfinished(request: TaskRequest): TaskStart | undefined {
    const known = this.#known.get(key(request));
    if (!known || !unfinishedTaskStatuses.includes(known.status)) return undefined;
    return { taskId: known.id, start: known.doc.starts, recorded: Promise.resolve() };
  }

  /** What its next start is called; nothing is written. */
  next(request: TaskRequest): Omit<TaskStart, 'recorded'> {
    const before = this.#known.get(key(request));
    return before
      ? { taskId: before.id, start: before.doc.starts + 1 }
      : { taskId: this.#options.ids.numeric(), start: 1 };
  }

  /** PENDING: a new row, or the row of an earlier start once more. */
  begin(request: TaskRequest, { taskId } = this.next(request)): TaskStart {
    const { scope, tasks } = this.#options;
    const before = this.#known.get(key(request));
    if (!before) {
      const recorded = this.#insert(taskId, 'PENDING', newDoc(request, this.#options));
      return { taskId, start: 1, recorded };
    }
    const doc = newStart(before.doc);
    this.#know({ id: before.id, doc, status: 'PENDING' });
    const recorded = this.#write(async (tx) => {
      if (before.status === 'PENDING') await tasks.update(tx, scope, before.id, () => doc);
      else await tasks.transition(tx, scope, before.id, 'PENDING', { doc: () => doc });
    });
    return { taskId: before.id, start: doc.starts, recorded };
  }

  starting(request: TaskRequest): void {
    void this.#move(request, 'STARTING', {});
  }

  /** From whatever an earlier server had written of it. */
  running(request: TaskRequest, startTime = this.#options.clock.now()): void {
    const status = this.#known.get(key(request))?.status;
    if (status === 'RUNNING') return;
    if (status === 'PENDING') this.starting(request);
    void this.#move(request, 'RUNNING', { startTime });
  }

  /** What did not run, for the run cache had it: its row begins with its end. Durable when it resolves. */
  async reused(
    request: TaskRequest,
    next: Omit<TaskStart, 'recorded'>,
    outcome: TaskOutcome,
    facts: Required<Pick<TaskDoc, 'key' | 'cachedAt'>>,
  ): Promise<void> {
    if (next.start === 1) {
      const doc = { ...newDoc(request, this.#options), ...facts, ...recordOf(outcome) };
      return this.#insert(next.taskId, endOf(outcome).status, doc);
    }
    this.begin(request, next);
    await this.finished(request, outcome, facts);
  }

  /** The end, with the outcome that replays are answered with. Durable when it resolves. */
  async finished(
    request: TaskRequest,
    outcome: TaskOutcome,
    { reason, ...cache }: EndFacts = {},
  ): Promise<void> {
    const end = { ...endOf(outcome), ...(reason === undefined ? {} : { reason }) };
    const startTime = this.#known.get(key(request))?.doc.startTime ?? outcome.startedAt;
    // What comes from the run cache did not run: the run analyzer tells such tasks by the times that they lack.
    const times = cache.cachedAt === undefined ? { startTime, stopTime: outcome.finishedAt } : {};
    const facts = {
      ...recordOf(outcome),
      ...times,
      ...cache,
      ...(end.reason ? { failureReason: end.reason } : {}),
    };
    await this.#move(request, end.status, facts, end.message);
  }

  /** When the engine asked for it. */
  askedAt(request: TaskRequest): number {
    return this.#known.get(key(request))?.doc.askedAt ?? this.#options.clock.now();
  }

  /** The guide's reason for the failure of a call's last attempt. */
  failureReason(call: string): string | undefined {
    const attempts = [...this.#known.values()].filter(({ doc }) => doc.call === call);
    return attempts.toSorted((a, b) => a.doc.attempt - b.doc.attempt).at(-1)?.doc.failureReason;
  }

  /** Not where the run was taken over from a server with another folder, or restored into one: then the task runs again. */
  #isHere(workDirectory: string): boolean {
    return workDirectory.startsWith(this.#options.directory + sep) && existsSync(workDirectory);
  }

  /** Tasks whose results may be kept in a run cache: they ran here, succeeded, and their files are there. */
  async *keepable(): AsyncGenerator<KeepableTask> {
    for await (const { doc, id: taskId, status } of this.rows()) {
      const { cachedAt, call, key } = doc;
      const { outcome } = recordedOutcome(doc);
      if (status !== 'COMPLETED' || !outcome || !key || cachedAt !== undefined) continue;
      if (this.#isHere(outcome.workDirectory)) yield { taskId, call, key, outcome };
    }
  }

  /** Every task, oldest first, for the manifest. */
  async *rows(): AsyncGenerator<Task> {
    const { records, runId: parent, scope, tasks } = this.#options;
    let after: readonly (string | number)[] | undefined;
    do {
      const page = await tasks.list(records.direct, scope, {
        parent,
        limit: 1000,
        ...(after ? { after } : {}),
      });
      yield* page.rows;
      after = page.next;
    } while (after);
  }

  #insert(id: string, status: TaskStatus, doc: TaskDoc): Promise<void> {
    const { runId: parent, scope, tasks } = this.#options;
    this.#know({ id, doc, status });
    return this.#write(async (tx) => {
      await tasks.insert(tx, { scope, id, parent, status, doc });
    });
  }

  #move(request: TaskRequest, status: TaskStatus, facts: Partial<TaskDoc>, message?: string): Promise<void> {
    const before = this.#known.get(key(request))!;
    const doc: TaskDoc = { ...before.doc, ...facts };
    this.#know({ id: before.id, doc, status });
    const { scope, tasks } = this.#options;
    return this.#write(async (tx) => {
      const words = message === undefined ? {} : { message };
      await tasks.transition(tx, scope, before.id, status, { doc: () => doc, ...words });
    });
  }

  #know({ doc, id, status }: Known): void {
    this.#known.set(key(doc), { doc, id, status });
  }

  /** Most writes are not awaited; one that fails breaks the group, and with it the outcome's write, which is. */
  #write(work: (tx: Transaction) => Promise<void>): Promise<void> {
    const written = this.#options.commits.add(work);
    written.catch(() => {});
    return written;
  }
}

/** What a replay is answered with. */
function recordOf(outcome: TaskOutcome): Pick<TaskDoc, 'outcome' | 'outcomeVersion'> {
  return { outcome, outcomeVersion: OUTCOME_RECORD };
}

function key({ attempt, call }: { readonly call: string; readonly attempt: number }): string {
  return `${call}#${attempt}`;
}

function newDoc(request: TaskRequest, { clock, ids }: Pick<TaskLedgerOptions, 'clock' | 'ids'>): TaskDoc {
  const cpus = Math.max(1, Math.ceil(request.resources.cpus));
  const memoryGiB = Math.max(1, Math.ceil(request.resources.memoryBytes / GIBIBYTE));
  const { accelerators } = request.resources;
  const gpus = accelerators?.count ?? 0;
  return {
    call: request.call,
    attempt: request.attempt,
    name: request.name.slice(0, 128),
    uuid: ids.uuid(),
    cpus,
    memoryGiB,
    gpus,
    instanceType: instanceType({ cpus, memoryGiB, ...(accelerators && { accelerators }) }) ?? '',
    starts: 1,
    askedAt: clock.now(),
    ...(request.image === undefined ? {} : { image: request.image }),
  };
}

/** The same task once more: nothing of how it went before. */
function newStart(doc: TaskDoc): TaskDoc {
  const { askedAt, attempt, call, cpus, gpus, image, instanceType, memoryGiB, name, starts, uuid } = doc;
  const task = { attempt, call, cpus, gpus, instanceType, memoryGiB, name, uuid, starts: starts + 1 };
  return { ...task, ...given({ askedAt, image }) };
}

/** A private image that is not there and one that may not be had look alike to whoever asks. */
const FAULT_REASON = {
  resources: 'INVALID_TASK_RESOURCE_VALUE',
  'image-name': 'INVALID_ECR_IMAGE_URI',
  image: 'ECR_PERMISSION_ERROR',
} as const satisfies Record<StartFault, FailureReason>;

/** How a task's outcome shows: status, the guide's failure reason, and words. */
function endOf(outcome: TaskOutcome): { status: TaskStatus; reason?: string; message?: string } {
  switch (outcome.status) {
    case 'exited': {
      if (outcome.exitCode === 0) return { status: 'COMPLETED' };
      const how = outcome.signal ? `was ended by ${outcome.signal}` : `exited with code ${outcome.exitCode}`;
      return { status: 'FAILED', reason: 'RUN_TASK_FAILED', message: `The task's command ${how}.` };
    }
    case 'out-of-memory':
      return { status: 'FAILED', reason: 'OUT_OF_MEMORY_ERROR', message: 'The task ran out of memory.' };
    case 'lost':
      return { status: 'FAILED', reason: 'SERVICE_ERROR', message: outcome.message ?? 'The task was lost.' };
    case 'out-of-disk':
      return {
        status: 'FAILED',
        reason: 'RUN_TASK_FAILED',
        message: outcome.message ?? 'The task ran out of disk.',
      };
    case 'timed-out':
      return {
        status: 'FAILED',
        reason: 'RUN_TASK_FAILED',
        message: outcome.message ?? 'The task ran out of time.',
      };
    case 'failed-to-start':
      return {
        status: 'FAILED',
        reason: outcome.fault === undefined ? 'RUN_TASK_FAILED' : FAULT_REASON[outcome.fault],
        message: outcome.message ?? 'The task could not be started.',
      };
    case 'cancelled':
      return { status: 'CANCELLED' };
  }
}
