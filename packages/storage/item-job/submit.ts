import type { Actor, Scope } from '@helicase/kernel';
import type { Resource, Transaction } from '@helicase/records';
import type { OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { lockRow } from '../lock-row.ts';
import { present } from '../present.ts';
import type { Room } from '../room.ts';
import type { Table } from '../tables.ts';
import type { JobItem, ItemJobDoc, JobStatus } from './model.ts';
import { type ItemJobInput, type Queue, queueKind } from './queue.ts';

const SUBMITTED = 'The job is waiting for a worker.';

export interface Submission<Item extends JobItem> {
  readonly queue: Queue;
  readonly table: Table<ItemJobDoc<Item>, JobStatus>;
  /** The store's kind (`sequence-store`) and id. */
  readonly storeKind: string;
  readonly store: string;
  /** Absent where the job works in the caller's name. */
  readonly roleArn?: string;
  /** Of an export. */
  readonly destination?: string;
  readonly items: readonly Item[];
  /** Throws where the store has no room for them; its row is locked then. */
  readonly refuse?: (tx: Transaction) => Promise<void>;
}

/** Records the job, its durable work and the answer in one transaction: from then on it happens, whatever dies. */
export async function submitJob<Item extends JobItem, Answer>(
  room: Room,
  context: OperationContext,
  submission: Submission<Item>,
  storeMissing: () => Error,
  answerOf: (row: Resource<ItemJobDoc<Item>, JobStatus>) => Answer,
): Promise<Answer> {
  const { scope } = context;
  const { queue, table, store, roleArn, destination, items } = submission;
  const actor =
    roleArn === undefined
      ? callerOf(context)
      : await room.roles.assume(scope, roleArn, { passedBy: context });
  const id = room.ids.numeric();
  return room.records.transaction(async (tx) => {
    if (!(await lockRow(room, tx, submission.storeKind, scope, store))) throw storeMissing();
    await submission.refuse?.(tx);
    const row = await table.insert(tx, {
      scope,
      id,
      parent: store,
      status: 'SUBMITTED',
      statusMessage: SUBMITTED,
      doc: { items, ...present({ roleArn, destination }) },
    });
    const input: ItemJobInput = { store, of: table.kind };
    const job = { actor, kind: queueKind(queue), lane: scope.region, subject: id, input };
    await room.records.jobs.enqueue(tx, job);
    const answer = answerOf(row);
    await context.remember?.(tx, answer);
    return answer;
  });
}

const callerOf = ({ scope, principal }: OperationContext): Actor => ({ scope, principal });

/** The job, or ResourceNotFoundException naming it and the store. */
export async function findJob<Item extends JobItem>(
  room: Room,
  scope: Scope,
  table: Table<ItemJobDoc<Item>, JobStatus>,
  job: { readonly id: string; readonly store: string; readonly storeKind: string; readonly noun: string },
): Promise<Resource<ItemJobDoc<Item>, JobStatus>> {
  const row = await table.find(room.records.direct, scope, job.id);
  if (row?.parent !== job.store)
    throw errors.jobNotFound({
      id: job.id,
      noun: job.noun,
      kind: job.storeKind.replace('-', ' '),
      store: job.store,
    });
  return row;
}

/** The members that every answer about such a job has. */
export function jobSummary<Item extends JobItem>(row: Resource<ItemJobDoc<Item>, JobStatus>) {
  const { completedAt } = row.doc;
  return {
    id: row.id,
    status: row.status,
    creationTime: new Date(row.createdAt),
    ...present({ completionTime: completedAt === undefined ? undefined : new Date(completedAt) }),
  };
}

/** The same of an import job, which has a role. */
export function importSummary<Item extends JobItem>(row: Resource<ItemJobDoc<Item>, JobStatus>) {
  return { ...jobSummary(row), roleArn: row.doc.roleArn ?? '' };
}
