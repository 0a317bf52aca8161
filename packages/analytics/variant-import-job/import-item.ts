import { mkdir } from 'node:fs/promises';
import type { BlobRef, Objects, Vault } from '@helicase/blobs';
import { type Log, type Scope, ServiceError } from '@helicase/kernel';
import type { BlobLedger, JobRun, Transaction } from '@helicase/records';
import type { ImportReply, ImportSummary } from '../import/protocol.ts';
import { runImportProcess } from '../import/run-process.ts';
import type { ReferenceContigs } from '../ports.ts';
import { addFile } from '../table/file-rows.ts';
import { ENDED, type ImportItem, type ImportJob, type ImportJobs } from './model.ts';
import type { OpenReference } from './reference.ts';

export interface ImportPorts {
  readonly blobs: BlobLedger;
  readonly vault: Vault;
  readonly objects: Objects;
  readonly references: ReferenceContigs;
  readonly destination: ImportDestination;
  readonly jobs: ImportJobs;
  readonly log: Log;
}

/** The store, or the version of a store, that a job imports into. */
export interface ImportDestination {
  /** As messages name it. */
  readonly noun: string;
  /** The key purpose that its files are sealed under. */
  keyPurpose(id: string): string;
  /**
   * Counts the bytes of new files; false where it is gone or going. Its row is locked by the update: a deletion that
   * began is seen here, and one that begins waits for this commit.
   */
  grow(tx: Transaction, scope: Scope, id: string, bytes: number): Promise<boolean>;
}

export type Run = JobRun<Record<string, never>, undefined, Transaction>;

/** The job ended while a file was read: nothing of it is to be committed. */
export class Overtaken extends Error {}

/** The store is being deleted. */
class StoreGone extends Error {}

/**
 * One file: read, parsed and sealed outside any transaction, then committed in one with its item's status.
 * A file that is wrong or cannot be opened fails its item; anything else throws, and the job is tried again.
 */
export async function importItem(
  ports: ImportPorts,
  run: Run,
  job: ImportJob,
  index: number,
  reference: OpenReference,
): Promise<void> {
  const scratch = await ports.vault.reserveScratch('import');
  try {
    await mkdir(scratch.path, { mode: 0o700 });
    const reply = await read(ports, run, job, index, scratch.path, reference);
    if (reply.outcome === 'refused') await fail(ports, run, index, reply.message);
    else await keep(ports, run, job, index, reply.summary, reference);
  } finally {
    await scratch.release();
  }
}

async function read(
  ports: ImportPorts,
  run: Run,
  job: ImportJob,
  index: number,
  directory: string,
  reference: OpenReference,
): Promise<ImportReply> {
  const { source } = job.doc.items[index]!;
  try {
    const { body, size } = await ports.objects.open(run.actor, source);
    const vepKey = job.doc.annotationFields['VEP'] ?? 'CSQ';
    const { files } = reference;
    const format = job.doc.annotation?.format;
    const request = {
      ...{ jobId: job.id, vepKey, directory },
      ...(format ? { format } : {}),
      ...(files ? { reference: files } : {}),
    };
    const onProgress = (done: number) => run.progress({ done, total: size, unit: 'bytes' });
    return await runImportProcess(body, request, { signal: run.signal, onProgress });
  } catch (error) {
    // The source is not there or not for this role: the user's to mend. A fault of ours is not.
    if (error instanceof ServiceError && error.status < 500)
      return { outcome: 'refused', message: error.message };
    throw error;
  }
}

function fail(ports: ImportPorts, run: Run, index: number, message: string): Promise<void> {
  return run.commit((tx) => setItem(ports, tx, run, index, { status: 'FAILED', message }));
}

async function keep(
  ports: ImportPorts,
  run: Run,
  job: ImportJob,
  index: number,
  summary: ImportSummary,
  { contigs }: OpenReference,
): Promise<void> {
  const { scope } = run.actor;
  const blobs: BlobRef[] = [];
  try {
    const write = { scope, sealedFor: ports.destination.keyPurpose(job.doc.storeId) };
    for (const file of summary.files) blobs.push(await ports.vault.adopt(write, file.path));
    const unknown = contigs ? Object.keys(summary.contigs).filter((contig) => !contigs.has(contig)) : [];
    await run.commit(async (tx) => {
      await setItem(ports, tx, run, index, { status: 'COMPLETED', message: '', unknownContigs: unknown });
      await commitFiles(ports, tx, scope, job, index, summary, blobs);
    });
  } catch (error) {
    for (const blob of blobs) await ports.vault.discard(blob);
    if (!(error instanceof StoreGone)) throw error;
    await fail(
      ports,
      run,
      index,
      `the ${ports.destination.noun} ${job.doc.destination} was deleted while the file was read`,
    );
    return;
  }
  ports.log.info({ job: job.id, item: index, rows: summary.rows }, 'imported a file');
}

async function commitFiles(
  ports: ImportPorts,
  tx: Transaction,
  scope: Scope,
  job: ImportJob,
  item: number,
  summary: ImportSummary,
  blobs: readonly BlobRef[],
): Promise<void> {
  const { storeId } = job.doc;
  const added = blobs.reduce((sum, { size }) => sum + size, 0);
  if (!(await ports.destination.grow(tx, scope, storeId, added))) throw new StoreGone();
  for (const [part, blob] of blobs.entries()) {
    const { rows, ranges } = summary.files[part]!;
    await ports.blobs.keep(tx, blob.id);
    await addFile(tx, scope, { storeId, jobId: job.id, item, part, blob, rows, ranges });
  }
}

async function setItem(
  ports: ImportPorts,
  tx: Transaction,
  run: Run,
  index: number,
  change: Partial<ImportItem>,
): Promise<void> {
  const { status } = await ports.jobs.update(tx, run.actor.scope, run.subject, (doc) => ({
    ...doc,
    items: doc.items.map((item, at) => (at === index ? { ...item, ...change } : item)),
  }));
  if (ENDED.has(status)) throw new Overtaken();
}
