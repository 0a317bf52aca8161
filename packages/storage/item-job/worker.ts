import { BrokenInput } from '@helicase/formats';
import { type Actor, type Scope, ServiceError } from '@helicase/kernel';
import type { JobRun, Resource, Transaction } from '@helicase/records';
import type { Room } from '../room.ts';
import type { Table } from '../tables.ts';
import { type JobItem, type ItemJobDoc, type JobStatus, isOver } from './model.ts';
import type { ItemJobInput, QueueWorker } from './queue.ts';
import { SourceRefused } from './refused.ts';

/** What the work on one item leaves to commit, or to take back where that fails. */
export interface ItemOutcome {
  /** Makes the resource, keeps its blobs: one transaction with the item's FINISHED. */
  commit(tx: Transaction): Promise<void>;
  /** Removes the blobs again. */
  discard(): Promise<void>;
}

export interface ItemRun<Item> {
  readonly item: Item;
  readonly resourceId: string;
  readonly jobId: string;
  readonly store: string;
  readonly scope: Scope;
  /** The job's role, or the caller where it has none: bytes are opened and written in its name. */
  readonly actor: Actor;
  /** Of an export. */
  readonly destination?: string | undefined;
  readonly signal: AbortSignal;
  progress(bytes: number, total: number): void;
  /** A change before the outcome's; refused where another server has taken the job over. */
  change(work: (tx: Transaction) => Promise<unknown>): Promise<void>;
}

export interface ItemWork<Item extends JobItem> {
  readonly table: Table<ItemJobDoc<Item>, JobStatus>;
  /** What an item is, and what happens to it, in messages: `source`, `imported`. */
  readonly noun: string;
  readonly done: string;
  /** How a message names the item. */
  readonly name: (item: Item) => string;
  /** The job is given up: what the item's resource shall be then, in the same transaction. */
  readonly abandon?: (tx: Transaction, scope: Scope, item: Item, message: string) => Promise<void>;
  /** Throws SourceRefused, BrokenInput or a ServiceError where the item is at fault. */
  readonly perform: (source: ItemRun<Item>) => Promise<ItemOutcome>;
}

const IN_PROGRESS = 'The job is currently in progress.';

/** Works on the items of a job one after the other, each committed by itself. */
export function itemWorker<Item extends JobItem>(room: Room, work: ItemWork<Item>): QueueWorker {
  return {
    kind: work.table.kind,
    run: (run) => runItems(room, work, run),
    exhausted: (tx, job, error) => {
      room.log.error({ job: job.subject, kind: work.table.kind, error }, 'A job was given up');
      return giveUp(work, room, tx, job.scope, job.subject, reasonOf(error));
    },
  };
}

/** What the user is told of a fault that trying again did not end. */
function reasonOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return "The job failed: no space is left on the server's disk. Start it again once its operator has made room.";
  return 'The job failed for a reason inside the server.';
}

type Run = JobRun<ItemJobInput, never, Transaction>;

async function runItems<Item extends JobItem>(room: Room, work: ItemWork<Item>, run: Run): Promise<void> {
  const { scope } = run.actor;
  const job = await work.table.find(room.records.direct, scope, run.subject);
  if (!job || isOver(job.status)) return;
  await run.commit((tx) => work.table.transition(tx, scope, job.id, 'IN_PROGRESS', { message: IN_PROGRESS }));
  const { roleArn } = job.doc;
  const actor = roleArn === undefined ? run.actor : await roleOf(room, scope, roleArn);
  if (actor instanceof ServiceError) {
    await run.commit((tx) => giveUp(work, room, tx, scope, job.id, actor.message));
    return;
  }
  for (const [index, item] of job.doc.items.entries()) {
    run.signal.throwIfAborted();
    if (item.status === 'NOT_STARTED' || item.status === 'IN_PROGRESS')
      await doItem(room, work, run, job, index, actor);
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

async function doItem<Item extends JobItem>(
  room: Room,
  work: ItemWork<Item>,
  run: Run,
  job: Resource<ItemJobDoc<Item>, JobStatus>,
  index: number,
  actor: Actor,
): Promise<void> {
  const { scope } = run.actor;
  const before = job.doc.items[index] as Item;
  const resourceId = before.resourceId ?? room.ids.numeric();
  const setItem = async (tx: Transaction, change: JobItem): Promise<void> => {
    await work.table.update(tx, scope, job.id, (doc) => withItem(doc, index, change));
  };
  const message = { statusMessage: IN_PROGRESS };
  await run.commit((tx) => setItem(tx, { status: 'IN_PROGRESS', resourceId, ...message }));
  const one: ItemRun<Item> = {
    item: before,
    resourceId,
    jobId: job.id,
    store: job.parent,
    scope,
    actor,
    destination: job.doc.destination,
    signal: run.signal,
    progress: (done, total) => run.progress({ done, total, unit: 'bytes' }),
    change: async (work) => void (await run.commit(work)),
  };
  const outcome = await attempt(work, one);
  if (typeof outcome === 'string') {
    await run.commit((tx) => setItem(tx, { status: 'FAILED', statusMessage: outcome }));
    return;
  }
  try {
    await run.commit(async (tx) => {
      await outcome.commit(tx);
      await setItem(tx, { status: 'FINISHED', statusMessage: `The ${work.noun} was ${work.done}.` });
    });
  } catch (error) {
    await outcome.discard();
    if (!(error instanceof SourceRefused)) throw error;
    await run.commit((tx) => setItem(tx, { status: 'FAILED', statusMessage: error.message }));
  }
}

/** What was done, or why the item is refused. Other failures are thrown: they are tried again. */
async function attempt<Item extends JobItem>(
  work: ItemWork<Item>,
  source: ItemRun<Item>,
): Promise<ItemOutcome | string> {
  try {
    return await work.perform(source);
  } catch (error) {
    source.signal.throwIfAborted();
    if (error instanceof SourceRefused || error instanceof ServiceError) return error.message;
    if (error instanceof BrokenInput) return `${work.name(source.item)}: ${error.message}`;
    throw error;
  }
}

function withItem<Item extends JobItem>(
  doc: ItemJobDoc<Item>,
  index: number,
  change: JobItem,
): ItemJobDoc<Item> {
  return { ...doc, items: doc.items.map((item, i) => (i === index ? { ...item, ...change } : item)) };
}

async function finish<Item extends JobItem>(
  room: Room,
  work: ItemWork<Item>,
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
      ? `Every ${work.noun} was ${work.done}.`
      : `${failed.length} of ${total} ${work.noun}s failed. First: ${failed[0]?.statusMessage ?? 'no message'}`;
  await work.table.transition(tx, scope, id, status, { message, doc: (doc) => over(room, doc) });
}

/** Ends the job as failed with every unfinished item. */
async function giveUp<Item extends JobItem>(
  work: ItemWork<Item>,
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
  for (const item of job.doc.items)
    if (item.status === 'NOT_STARTED' || item.status === 'IN_PROGRESS')
      await work.abandon?.(tx, scope, item, message);
  const some = items.some((item) => item.status === 'FINISHED');
  const status = some && job.status === 'IN_PROGRESS' ? 'COMPLETED_WITH_FAILURES' : 'FAILED';
  await work.table.transition(tx, scope, id, status, {
    message,
    doc: (doc) => over(room, { ...doc, items }),
  });
}

function over<Item extends JobItem>(room: Room, doc: ItemJobDoc<Item>): ItemJobDoc<Item> {
  return { ...doc, completedAt: room.clock.now() };
}
