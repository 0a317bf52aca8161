import type { Scope } from '@helicase/kernel';
import type { Resource } from '@helicase/records';
import type { OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { lockRow } from '../lock-row.ts';
import { present } from '../present.ts';
import type { Room } from '../room.ts';
import type { Table } from '../tables.ts';
import type { ImportItem, ImportJobDoc, ImportStatus } from './model.ts';
import type { ImportJobInput } from './worker.ts';

const SUBMITTED = 'The job is waiting for a worker.';

export interface Submission<Item extends ImportItem> {
  readonly table: Table<ImportJobDoc<Item>, ImportStatus>;
  /** The store's kind (`sequence-store`) and id. */
  readonly storeKind: string;
  readonly store: string;
  readonly roleArn: string;
  readonly items: readonly Item[];
}

/** Records the job, its durable work and the answer in one transaction: from then on it happens, whatever dies. */
export async function submitImport<Item extends ImportItem, Answer>(
  room: Room,
  context: OperationContext,
  submission: Submission<Item>,
  storeMissing: () => Error,
  answerOf: (row: Resource<ImportJobDoc<Item>, ImportStatus>) => Answer,
): Promise<Answer> {
  const { scope } = context;
  const { table, store, roleArn, items } = submission;
  const actor = await room.roles.assume(scope, roleArn, { passedBy: context });
  const id = room.ids.numeric();
  return room.records.transaction(async (tx) => {
    if (!(await lockRow(room, tx, submission.storeKind, scope, store))) throw storeMissing();
    const row = await table.insert(tx, {
      scope,
      id,
      parent: store,
      status: 'SUBMITTED',
      statusMessage: SUBMITTED,
      doc: { roleArn, items },
    });
    const input: ImportJobInput = { store };
    await room.records.jobs.enqueue(tx, { actor, kind: table.kind, subject: id, input });
    const answer = answerOf(row);
    await context.remember?.(tx, answer);
    return answer;
  });
}

/** The import job, or ResourceNotFoundException naming it and the store. */
export async function findImport<Item extends ImportItem>(
  room: Room,
  scope: Scope,
  table: Table<ImportJobDoc<Item>, ImportStatus>,
  job: { readonly id: string; readonly store: string; readonly storeKind: string },
): Promise<Resource<ImportJobDoc<Item>, ImportStatus>> {
  const row = await table.find(room.records.direct, scope, job.id);
  if (row?.parent !== job.store)
    throw errors.importJobNotFound({ id: job.id, kind: job.storeKind.replace('-', ' '), store: job.store });
  return row;
}

/** The members that every answer about an import job has. */
export function importSummary<Item extends ImportItem>(row: Resource<ImportJobDoc<Item>, ImportStatus>) {
  const { roleArn, completedAt } = row.doc;
  return {
    id: row.id,
    roleArn,
    status: row.status,
    creationTime: new Date(row.createdAt),
    ...present({ completionTime: completedAt === undefined ? undefined : new Date(completedAt) }),
  };
}
