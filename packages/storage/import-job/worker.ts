import { BrokenInput } from '@helicase/formats';
import { type Actor, type Scope, ServiceError } from '@helicase/kernel';
import type { JobRun, Resource, Transaction } from '@helicase/records';
import type { Room } from '../room.ts';
import type { Table } from '../tables.ts';
import { type ImportItem, type ImportJobDoc, type ImportStatus, isOver } from './model.ts';
import { SourceRefused } from './refused.ts';

/** The durable job's input: everything else is on the import job's row. */
export interface ImportJobInput {
  readonly store: string;
}

/** What the import of one source leaves to commit, or to take back where that fails. */
export interface ImportedSource {
  /** Makes the resource, keeps its blobs: one transaction with the source's FINISHED. */
  commit(tx: Transaction): Promise<void>;
  /** Removes the blobs again. */
  discard(): Promise<void>;
}

export interface SourceImport<Item> {
  readonly item: Item;
  readonly resourceId: string;
  readonly jobId: string;
  readonly store: string;
  readonly scope: Scope;
  /** The job's role: sources are opened in its name. */
  readonly actor: Actor;
  readonly signal: AbortSignal;
  progress(bytes: number, total: number): void;
}

export interface ImportWork<Item extends ImportItem> {
  /** The resource kind, which is also the job kind. */
  readonly kind: string;
  readonly table: Table<ImportJobDoc<Item>, ImportStatus>;
  /** How a message names the source. */
  readonly name: (item: Item) => string;
  /** One pass over one source. Throws SourceRefused, BrokenInput or a ServiceError where the source is at fault. */
  readonly importSource: (source: SourceImport<Item>) => Promise<ImportedSource>;
}

const IN_PROGRESS = 'The job is currently in progress.';

/** Registers the worker of one kind of import: sources one after the other, each committed by itself. */
export function registerImportWorker<Item extends ImportItem>(room: Room, work: ImportWork<Item>): void {
  room.records.jobs.register<ImportJobInput, never>({
    kind: work.kind,
    concurrency: room.importConcurrency ?? 2,
    run: (run) => runImport(room, work, run),
    exhausted: (tx, job, error) => {
      room.log.error({ job: job.subject, kind: work.kind, error }, 'An import job was given up');
      return giveUp(
        work,
        room,
        tx,
        job.scope,
        job.subject,
        'The import failed for a reason inside the server.',
      );
    },
  });
}

type Run = JobRun<ImportJobInput, never, Transaction>;

async function runImport<Item extends ImportItem>(
  room: Room,
  work: ImportWork<Item>,
  run: Run,
): Promise<void> {
  const { scope } = run.actor;
  const job = await work.table.find(room.records.direct, scope, run.subject);
  if (!job || isOver(job.status)) return;
  await run.commit((tx) => work.table.transition(tx, scope, job.id, 'IN_PROGRESS', { message: IN_PROGRESS }));
  const actor = await roleOf(room, scope, job.doc.roleArn);
  if (actor instanceof ServiceError) {
    await run.commit((tx) => giveUp(work, room, tx, scope, job.id, actor.message));
    return;
  }
  for (const [index, item] of job.doc.items.entries()) {
    run.signal.throwIfAborted();
    if (item.status === 'NOT_STARTED' || item.status === 'IN_PROGRESS')
      await importOne(room, work, run, job, index, actor);
  }
  await run.commit((tx) => finish(room, work, tx, scope, job.id));
}

/** The role as it is now: it may have been deleted since the job was submitted. */
async function roleOf(room: Room, scope: Scope, roleArn: string): Promise<Actor | ServiceError> {
  try {
    return await room.roles.assume(scope, roleArn);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

async function importOne<Item extends ImportItem>(
  room: Room,
  work: ImportWork<Item>,
  run: Run,
  job: Resource<ImportJobDoc<Item>, ImportStatus>,
  index: number,
  actor: Actor,
): Promise<void> {
  const { scope } = run.actor;
  const before = job.doc.items[index] as Item;
  const resourceId = before.resourceId ?? room.ids.numeric();
  const setItem = async (tx: Transaction, change: ImportItem): Promise<void> => {
    await work.table.update(tx, scope, job.id, (doc) => withItem(doc, index, change));
  };
  const message = { statusMessage: IN_PROGRESS };
  await run.commit((tx) => setItem(tx, { status: 'IN_PROGRESS', resourceId, ...message }));
  const source: SourceImport<Item> = {
    item: before,
    resourceId,
    jobId: job.id,
    store: job.parent,
    scope,
    actor,
    signal: run.signal,
    progress: (done, total) => run.progress({ done, total, unit: 'bytes' }),
  };
  const outcome = await attempt(work, source);
  if (typeof outcome === 'string') {
    await run.commit((tx) => setItem(tx, { status: 'FAILED', statusMessage: outcome }));
    return;
  }
  try {
    await run.commit(async (tx) => {
      await outcome.commit(tx);
      await setItem(tx, { status: 'FINISHED', statusMessage: 'The source was imported.' });
    });
  } catch (error) {
    await outcome.discard();
    if (!(error instanceof SourceRefused)) throw error;
    await run.commit((tx) => setItem(tx, { status: 'FAILED', statusMessage: error.message }));
  }
}

/** What was imported, or why the source is refused. Other failures are thrown: they are tried again. */
async function attempt<Item extends ImportItem>(
  work: ImportWork<Item>,
  source: SourceImport<Item>,
): Promise<ImportedSource | string> {
  try {
    return await work.importSource(source);
  } catch (error) {
    source.signal.throwIfAborted();
    if (error instanceof SourceRefused || error instanceof ServiceError) return error.message;
    if (error instanceof BrokenInput) return `${work.name(source.item)}: ${error.message}`;
    throw error;
  }
}

function withItem<Item extends ImportItem>(
  doc: ImportJobDoc<Item>,
  index: number,
  change: ImportItem,
): ImportJobDoc<Item> {
  return { ...doc, items: doc.items.map((item, i) => (i === index ? { ...item, ...change } : item)) };
}

async function finish<Item extends ImportItem>(
  room: Room,
  work: ImportWork<Item>,
  tx: Transaction,
  scope: Scope,
  id: string,
): Promise<void> {
  const job = await work.table.find(tx, scope, id);
  if (!job || isOver(job.status)) return;
  const failed = job.doc.items.filter((item) => item.status === 'FAILED');
  const total = job.doc.items.length;
  const status =
    failed.length === 0 ? 'COMPLETED' : failed.length < total ? 'COMPLETED_WITH_FAILURES' : 'FAILED';
  const message =
    failed.length === 0
      ? 'Every source was imported.'
      : `${failed.length} of ${total} sources failed. First: ${failed[0]?.statusMessage ?? 'no message'}`;
  await work.table.transition(tx, scope, id, status, { message, doc: (doc) => over(room, doc) });
}

/** Ends the job as failed with every unfinished source. */
async function giveUp<Item extends ImportItem>(
  work: ImportWork<Item>,
  room: Room,
  tx: Transaction,
  scope: Scope,
  id: string,
  message: string,
): Promise<void> {
  const job = await work.table.find(tx, scope, id);
  if (!job || isOver(job.status)) return;
  const items = job.doc.items.map((item) =>
    item.status === 'FINISHED' || item.status === 'FAILED'
      ? item
      : { ...item, status: 'FAILED' as const, statusMessage: message },
  );
  const some = items.some((item) => item.status === 'FINISHED');
  const status = some && job.status === 'IN_PROGRESS' ? 'COMPLETED_WITH_FAILURES' : 'FAILED';
  await work.table.transition(tx, scope, id, status, {
    message,
    doc: (doc) => over(room, { ...doc, items }),
  });
}

function over<Item extends ImportItem>(room: Room, doc: ImportJobDoc<Item>): ImportJobDoc<Item> {
  return { ...doc, completedAt: room.clock.now() };
}
