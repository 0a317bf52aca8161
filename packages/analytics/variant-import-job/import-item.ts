import { mkdir } from 'node:fs/promises';
import type { BlobRef, Objects, Vault } from '@helicase/blobs';
import { type Actor, type Clock, type Log, type Scope, ServiceError } from '@helicase/kernel';
import type { BlobLedger, JobRun, Transaction } from '@helicase/records';
import type { ImportReply, ImportSummary } from '../import/protocol.ts';
import { runImportProcess } from '../import/run-process.ts';
import type { ReferenceContigs } from '../ports.ts';
import { addFile } from '../table/file-rows.ts';
import { nextSnapshot } from '../table/snapshots.ts';
import { ENDED, type ImportItem, type ImportJob, type ImportJobs } from './model.ts';
import type { OpenReference } from './reference.ts';

export interface ImportPorts {
  readonly blobs: BlobLedger;
  readonly vault: Vault;
  readonly objects: Objects;
  readonly references: ReferenceContigs;
  readonly destination: ImportDestination;
  readonly jobs: ImportJobs;
  readonly clock: Clock;
  readonly log: Log;
  /** Has the destination's small files merged, where there are many. */
  compact(tx: Transaction, actor: Actor, id: string): Promise<void>;
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
  /** A number that no other file of it was given; undefined where it is gone or going. */
  nextFile(tx: Transaction, scope: Scope, id: string): Promise<number | undefined>;
}

export type Run = JobRun<Record<string, never>, undefined, Transaction>;

/** Of the contigs that the reference lacks: the job's message names twenty. */
const CONTIGS_KEPT = 1000;
/** Sites are numbered by their lines: no file has more. */
const SITES_PER_FILE = 2 ** 31;

/** The job ended while a file was read: nothing of it is to be committed. */
export class Overtaken extends Error {}

/** The store is being deleted. */
class StoreGone extends Error {}

/**
 * One file: read, parsed and sealed outside any transaction, then committed in one with its item's status.
 * A file that is wrong or cannot be opened fails its item, and so does a key that does not let its rows be sealed; anything
 * else throws, and the job is tried again.
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
  } catch (error) {
    // The source, its role or the store's key: the user's to mend. A fault of ours is not.
    if (!(error instanceof ServiceError && error.status < 500)) throw error;
    await fail(ports, run, index, error.message);
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
  const { body, size } = await ports.objects.open(run.actor, source);
  const vepKey = job.doc.annotationFields['VEP'] ?? 'CSQ';
  const { files } = reference;
  const number = await run.commit((tx) => ports.destination.nextFile(tx, run.actor.scope, job.doc.storeId));
  if (number === undefined) return { outcome: 'refused', message: gone(ports, job) };
  const format = job.doc.annotation?.format;
  const request = {
    ...{ jobId: job.id, vepKey, directory, firstSite: number * SITES_PER_FILE },
    ...(format ? { format } : {}),
    ...(files ? { reference: files } : {}),
  };
  const onProgress = (done: number) => run.progress({ done, total: size, unit: 'bytes' });
  return runImportProcess(body, request, { signal: run.signal, onProgress });
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
    const unknown = contigs ? summary.contigs.filter((contig) => !contigs.has(contig)) : [];
    const facts = { unknownContigs: unknown.slice(0, CONTIGS_KEPT), unsorted: summary.unsorted };
    await run.commit(async (tx) => {
      await setItem(ports, tx, run, index, { status: 'COMPLETED', message: '', ...facts });
      await commitFiles(ports, tx, scope, job, index, summary, blobs);
      await ports.compact(tx, run.actor, job.doc.storeId);
    });
  } catch (error) {
    for (const blob of blobs) await ports.vault.discard(blob);
    if (!(error instanceof StoreGone)) throw error;
    await fail(ports, run, index, gone(ports, job));
    return;
  }
  ports.log.info({ job: job.id, item: index, rows: summary.rows }, 'imported a file');
}

function gone({ destination }: ImportPorts, { doc }: ImportJob): string {
  return `the ${destination.noun} ${doc.destination} was deleted while the file was read`;
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
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  if (!(await ports.destination.grow(tx, scope, storeId, bytes))) throw new StoreGone();
  const added = await nextSnapshot(tx, scope, storeId, ports.clock.now(), 'append');
  for (const [part, blob] of blobs.entries()) {
    const { kind, rows, ranges } = summary.files[part]!;
    await ports.blobs.keep(tx, blob.id);
    await addFile(tx, scope, { storeId, jobId: job.id, item, part, kind, blob, rows, ranges, added });
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
