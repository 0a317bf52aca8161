import type { Objects } from '@helicase/blobs';
import { ServiceError } from '@helicase/kernel';
import type { JobRun, JobWorker, Transaction } from '@helicase/records';
import { errors } from '../errors.ts';
import { cancelRun, deleteRun } from '../run/cancel-run.ts';
import type { EndRunOptions } from '../run/end-run.ts';
import {
  countKept,
  findSetting,
  insertRun,
  type KeptRuns,
  newRun,
  type RunSetting,
  type StartRunOptions,
} from '../run/start-run.ts';
import { addItems, type BatchItem, listItems, removeItems, updateItem } from './batch-item.ts';
import { runRequest } from './batch-run.ts';
import { endIfProcessed } from './end-batch.ts';
import type { RunBatch, RunBatchTable } from './model.ts';
import { readSettings, SettingsProblem } from './settings-file.ts';

export const SUBMIT_JOB = 'run-batch-submit';
export const CANCEL_JOB = 'run-batch-cancel';
export const DELETE_JOB = 'run-batch-delete';

export interface RunBatchJobOptions extends StartRunOptions, EndRunOptions {
  readonly runBatches: RunBatchTable;
  readonly objects: Objects;
}

type Job = JobRun<object, undefined, Transaction>;
type Worker = JobWorker<object, undefined, Transaction>;

/** Settings or runs of one transaction. */
const AT_ONCE = 500;
/** Of requests that hold runs which others work on. */
const HELD_AT_ONCE = 50;

export function runBatchWorkers(options: RunBatchJobOptions): readonly Worker[] {
  const worker = (kind: string, run: (job: Job) => Promise<void>, exhausted: Worker['exhausted']) => ({
    ...{ kind, concurrency: 2, run, exhausted },
  });
  return [
    worker(
      SUBMIT_JOB,
      (job) => submitBatch(options, job),
      async (tx, { scope, subject }, error) => failBatch(options, tx, { scope, id: subject }, error.message),
    ),
    worker(CANCEL_JOB, (job) => cancelBatch(options, job), neverExhausted),
    worker(DELETE_JOB, (job) => deleteRuns(options, job), neverExhausted),
  ];
}

/** The batch stays as it is: the request may be made once more when the server is well again. */
async function neverExhausted(): Promise<void> {}

/** CREATING to INPROGRESS. Each transaction looks at the status anew: a batch that is being stopped goes no further. */
async function submitBatch(options: RunBatchJobOptions, job: Job): Promise<void> {
  const batch = await findBatch(options, job);
  if (!batch) return;
  try {
    if (batch.status === 'CREATING') await readSettingsFile(options, job, batch);
    await move(options, job, 'PENDING', 'SUBMITTING');
    // StartRunBatch asked whether its caller may pass the role; the role need not be allowed to pass itself.
    const setting = await findSetting(options, runRequest(batch.doc.defaults, {}), job.actor, {});
    await throughItems((after) => submitSome(options, job, batch, setting, after));
  } catch (error) {
    const known = error instanceof SettingsProblem || (error instanceof ServiceError && error.status < 500);
    if (!known) throw error;
    await job.commit((tx) => failBatch(options, tx, batch, error.message));
  }
}

function findBatch({ records, runBatches }: RunBatchJobOptions, job: Job): Promise<RunBatch | undefined> {
  return runBatches.find(records.direct, job.actor.scope, job.subject);
}

async function readSettingsFile(options: RunBatchJobOptions, job: Job, batch: RunBatch): Promise<void> {
  const { doc, id, scope } = batch;
  let totalRuns = doc.totalRuns ?? 0;
  if (doc.settingsFile) {
    const { etag, uri } = doc.settingsFile;
    const { body, etag: now } = await options.objects.open(job.actor, uri);
    try {
      // "HealthOmics … records the file's ETag. If the file is modified after submission, the batch fails."
      if (now !== etag) throw new SettingsProblem(`${uri} was modified after the batch was started.`);
      await job.commit((tx) => removeItems(tx, batch)); // of an attempt that was cut off
      for await (const settings of chunks(readSettings(body), AT_ONCE)) {
        const first = totalRuns;
        await job.commit((tx) => addItems(tx, batch, first, settings));
        totalRuns += settings.length;
        job.progress({ done: totalRuns, unit: 'run settings' });
      }
    } finally {
      body.destroy();
    }
  }
  await job.commit(async (tx) => {
    const change = { doc: (before: RunBatch['doc']) => ({ ...before, totalRuns }) };
    await options.runBatches.transition(tx, scope, id, 'PENDING', change);
  });
}

async function* chunks<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let chunk: T[] = [];
  for await (const each of source) {
    chunk.push(each);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function move(
  { runBatches }: RunBatchJobOptions,
  job: Job,
  from: RunBatch['status'],
  to: RunBatch['status'],
): Promise<void> {
  const { scope } = job.actor;
  await job.commit(async (tx) => {
    const now = await runBatches.hold(tx, scope, job.subject);
    if (now?.status === from) await runBatches.transition(tx, scope, job.subject, to);
  });
}

/** From the first item on, some at a time, each after the position that the step before answered with. */
async function throughItems(step: (after: number) => Promise<number | undefined>): Promise<void> {
  for (let after: number | undefined = -1; after !== undefined;) after = await step(after);
}

/** The last that was submitted; undefined where nothing is left to submit, or the batch is being stopped. */
function submitSome(
  options: RunBatchJobOptions,
  job: Job,
  batch: RunBatch,
  setting: RunSetting,
  after: number,
): Promise<number | undefined> {
  const { clock, runBatches } = options;
  const { id, scope } = batch;
  return job.commit(async (tx) => {
    const kept = await countKept(options, tx, scope);
    const now = await runBatches.hold(tx, scope, id);
    if (now?.status !== 'SUBMITTING') return undefined;
    const items = await listItems(tx, batch, { without: 'start', after }, AT_ONCE);
    for (const item of items) await submitItem(options, tx, { batch, setting, kept }, item);
    if (items.length > 0) return items.at(-1)!.position;
    const submittedTime = clock.now();
    await runBatches.transition(tx, scope, id, 'INPROGRESS', { doc: (doc) => ({ ...doc, submittedTime }) });
    await endIfProcessed(options, tx, scope, id);
    return undefined;
  });
}

/** What the items that one transaction submits have in common. */
interface Submission {
  readonly batch: RunBatch;
  readonly setting: RunSetting;
  readonly kept: KeptRuns;
}

async function submitItem(
  options: RunBatchJobOptions,
  tx: Transaction,
  { batch, kept, setting }: Submission,
  { position, setting: item }: BatchItem,
): Promise<void> {
  try {
    const { doc, id } = newRun(options, setting, runRequest(batch.doc.defaults, item));
    const startedBy = batch.doc.startedBy;
    await insertRun(options, tx, setting, { id, doc: { ...doc, batchId: batch.id, startedBy } }, kept);
    await updateItem(tx, batch, position, { start: 'SUCCESS', run: { id, uuid: doc.uuid } });
  } catch (error) {
    await updateItem(tx, batch, position, { start: 'FAILED', failure: refusal(error) });
  }
}

/** Why one run could not be submitted, cancelled or deleted; anything that is no answer to its user goes on. */
function refusal(error: unknown): Required<BatchItem>['failure'] {
  if (!(error instanceof ServiceError) || error.status >= 500) throw error;
  return { reason: error.code, message: error.message };
}

async function failBatch(
  { clock, runBatches }: RunBatchJobOptions,
  tx: Transaction,
  { id, scope }: Pick<RunBatch, 'id' | 'scope'>,
  message: string,
): Promise<void> {
  const batch = await runBatches.hold(tx, scope, id);
  if (!batch || !['CREATING', 'PENDING', 'SUBMITTING'].includes(batch.status)) return;
  const failedTime = clock.now();
  await runBatches.transition(tx, scope, id, 'FAILED', { message, doc: (doc) => ({ ...doc, failedTime }) });
}

/** STOPPING: CancelRun for each run; one that was not submitted never is. */
async function cancelBatch(options: RunBatchJobOptions, job: Job): Promise<void> {
  const batch = await findBatch(options, job);
  if (batch?.status !== 'STOPPING') return;
  await throughItems((after) => cancelSome(options, job, batch, after));
  await job.commit(async (tx) => {
    const { id, scope } = batch;
    await options.runBatches.update(tx, scope, id, (doc) => ({ ...doc, cancelSubmitted: true }));
    await endIfProcessed(options, tx, scope, id);
  });
}

function cancelSome(
  options: RunBatchJobOptions,
  job: Job,
  batch: RunBatch,
  after: number,
): Promise<number | undefined> {
  const message = `Cancelled with run batch ${batch.id} by ${job.actor.principal.arn}.`;
  return job.commit(async (tx) => {
    const items = await listItems(tx, batch, { without: 'cancel', after }, HELD_AT_ONCE);
    for (const { position, run, start } of items) {
      try {
        if (start === 'FAILED') throw errors.batchRunNotStarted({});
        if (run) await cancelRun(options, tx, batch.scope, run.id, message);
        await updateItem(tx, batch, position, { cancel: 'CANCEL_SUCCESS' });
      } catch (error) {
        await updateItem(tx, batch, position, { cancel: 'CANCEL_FAILED', failure: refusal(error) });
      }
    }
    return items.at(-1)?.position;
  });
}

/** RUNS_DELETING: DeleteRun for each run. */
async function deleteRuns(options: RunBatchJobOptions, job: Job): Promise<void> {
  const batch = await findBatch(options, job);
  if (batch?.status !== 'RUNS_DELETING') return;
  let failed = 0;
  await throughItems(async (after) => {
    const some = await deleteSome(options, job, batch, after);
    failed += some.failed;
    return some.last;
  });
  await job.commit(async (tx) => {
    const message = failed === 0 ? {} : { message: `${failed} runs could not be deleted.` };
    const status = failed === 0 ? 'RUNS_DELETED' : 'RUNS_DELETE_FAILED';
    await options.runBatches.transition(tx, batch.scope, batch.id, status, message);
  });
}

function deleteSome(
  options: RunBatchJobOptions,
  job: Job,
  batch: RunBatch,
  after: number,
): Promise<{ readonly failed: number; readonly last: number | undefined }> {
  return job.commit(async (tx) => {
    const items = await listItems(tx, batch, { after }, HELD_AT_ONCE);
    let failed = 0;
    for (const { delete: before, position, run } of items) {
      if (!run || before === 'DELETE_SUCCESS') continue;
      try {
        if (await options.runs.find(tx, batch.scope, run.id))
          await deleteRun(options, tx, batch.scope, run.id);
        await updateItem(tx, batch, position, { delete: 'DELETE_SUCCESS' });
      } catch (error) {
        failed += 1;
        await updateItem(tx, batch, position, { delete: 'DELETE_FAILED', failure: refusal(error) });
      }
    }
    return { failed, last: items.at(-1)?.position };
  });
}
