import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { BlobRef, Objects, Vault } from '@helicase/blobs';
import {
  type Actor,
  type Clock,
  limitIn,
  type Log,
  type Scope,
  type ScopeLimit,
  ServiceError,
} from '@helicase/kernel';
import type { BlobLedger, JobRun, Transaction } from '@helicase/records';
import type { FileFacts, ImportedFiles, ImportPart, ImportReply } from '../import/protocol.ts';
import { runImportProcess } from '../import/run-process.ts';
import type { ReferenceContigs } from '../ports.ts';
import { addFile } from '../table/file-rows.ts';
import { nextSnapshot } from '../table/snapshots.ts';
import type { WrittenFile } from '../table/written-file.ts';
import { ENDED, type ImportItem, type ImportJob, type ImportJobDoc, type ImportJobs } from './model.ts';
import type { OpenReference } from './reference.ts';

export interface ImportPorts {
  readonly blobs: BlobLedger;
  readonly vault: Vault;
  readonly objects: Objects;
  readonly references: ReferenceContigs;
  readonly destination: ImportDestination;
  readonly jobs: ImportJobs;
  /** Gibibytes that a file may have, as the quota says. */
  readonly fileSize: ScopeLimit;
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

/** Which of the two kinds of imports a job of their queue is; jobs of earlier versions do not say. */
export interface ImportInput {
  readonly of?: string;
}

export type Run = JobRun<ImportInput, undefined, Transaction>;

/** Of the contigs that the reference lacks: the job's message names twenty. */
const CONTIGS_KEPT = 1000;
const GIBIBYTE = 1024 ** 3;
/** Sites are numbered by their lines: no file has more. */
const SITES_PER_FILE = 2 ** 31;

/** The job ended while a file was read: nothing of it is to be committed. */
export class Overtaken extends Error {}

/** The store is being deleted. */
class StoreGone extends Error {}

/**
 * Files, by their numbers in the job: read, parsed and sealed outside any transaction, then committed in one with their
 * items' statuses. Several are read together and share their tables' files; where one of them is wrong, each is read by
 * itself, so that it alone fails.
 */
export async function importItems(
  ports: ImportPorts,
  run: Run,
  job: ImportJob,
  indexes: readonly number[],
  reference: OpenReference,
): Promise<void> {
  if (indexes.length > 1 && (await importTogether(ports, run, job, indexes, reference))) return;
  for (const index of indexes) await importItem(ports, run, job, index, reference);
}

async function importTogether(
  ports: ImportPorts,
  run: Run,
  job: ImportJob,
  indexes: readonly number[],
  reference: OpenReference,
): Promise<boolean> {
  const scratch = await ports.vault.reserveScratch('import');
  try {
    await mkdir(scratch.path, { mode: 0o700 });
    const reply = await read(ports, run, job, indexes, scratch.path, reference);
    if (reply.outcome === 'refused') return false;
    await keep(ports, run, job, indexes, reply, reference);
    return true;
  } catch (error) {
    if (run.signal.aborted || error instanceof Overtaken) throw error;
    ports.log.info({ job: job.id, items: indexes.length, err: error }, 'small files are imported one by one');
    return false;
  } finally {
    await scratch.release();
  }
}

/**
 * A file that is wrong or cannot be opened fails its item, and so does a key that does not let its rows be sealed; anything
 * else throws, and the job is tried again.
 */
async function importItem(
  ports: ImportPorts,
  run: Run,
  job: ImportJob,
  index: number,
  reference: OpenReference,
): Promise<void> {
  const scratch = await ports.vault.reserveScratch('import');
  try {
    await mkdir(scratch.path, { mode: 0o700 });
    const reply = await read(ports, run, job, [index], scratch.path, reference);
    if (reply.outcome === 'refused') await fail(ports, run, [index], reply.message);
    else await keep(ports, run, job, [index], reply, reference);
  } catch (error) {
    // The source, its role or the store's key: the user's to mend. A fault of ours is not.
    if (!(error instanceof ServiceError && error.status < 500)) throw error;
    await fail(ports, run, [index], error.message);
  } finally {
    await scratch.release();
  }
}

async function read(
  ports: ImportPorts,
  run: Run,
  job: ImportJob,
  indexes: readonly number[],
  directory: string,
  reference: OpenReference,
): Promise<ImportReply> {
  const sources = indexes.map((index) => job.doc.items[index]!.source);
  const opened = await openAll(ports, run, sources);
  const most = limitIn(ports.fileSize, run.actor.scope);
  const tooLarge = opened.sizes.find((size) => size > most * GIBIBYTE);
  if (tooLarge !== undefined) {
    opened.body.destroy();
    return { outcome: 'refused', message: largerThanQuota(tooLarge, most) };
  }
  const numbers = await fileNumbers(ports, run, job, sources.length);
  if (!numbers) {
    opened.body.destroy();
    return { outcome: 'refused', message: gone(ports, job) };
  }
  const parts = numbers.map((number, at): ImportPart => ({
    size: opened.sizes[at]!,
    firstSite: number * SITES_PER_FILE,
  }));
  const format = job.doc.annotation?.format;
  const request = {
    ...{ jobId: job.id, vepKey: job.doc.annotationFields['VEP'] ?? 'CSQ', directory },
    ...(parts.length > 1 ? { parts } : { firstSite: parts[0]!.firstSite }),
    ...(format ? { format } : {}),
    ...(reference.files ? { reference: reference.files } : {}),
  };
  const total = opened.sizes.reduce((sum, size) => sum + size, 0);
  const onProgress = (done: number) => run.progress({ done, total, unit: 'bytes' });
  return runImportProcess(opened.body, request, { signal: run.signal, onProgress });
}

function largerThanQuota(size: number, gibibytes: number): string {
  return `ServiceQuotaExceededException: the file has ${size} bytes, and the account's quota of an import file is ${gibibytes} GB. Split it, or request an increase.`;
}

/** The files' bytes, one after the other; each is opened when its turn comes. */
async function openAll({ objects }: ImportPorts, { actor }: Run, sources: readonly string[]) {
  if (sources.length === 1) {
    const { body, size } = await objects.open(actor, sources[0]!);
    return { body, sizes: [size] };
  }
  const heads = await Promise.all(sources.map((source) => objects.head(actor, source)));
  async function* bytes() {
    for (const { uri, size, etag } of heads) {
      const opened = await objects.open(actor, uri);
      if (opened.size !== size || opened.etag !== etag)
        throw new Error(`${uri} was replaced while it was read`);
      yield* opened.body as AsyncIterable<Buffer>;
    }
  }
  return { body: Readable.from(bytes(), { objectMode: false }), sizes: heads.map(({ size }) => size) };
}

/** A number for each file; undefined where the destination is gone. */
function fileNumbers(
  { destination }: ImportPorts,
  run: Run,
  job: ImportJob,
  count: number,
): Promise<readonly number[] | undefined> {
  return run.commit(async (tx) => {
    const numbers: number[] = [];
    for (let file = 0; file < count; file++) {
      const number = await destination.nextFile(tx, run.actor.scope, job.doc.storeId);
      if (number === undefined) return undefined;
      numbers.push(number);
    }
    return numbers;
  });
}

function fail(ports: ImportPorts, run: Run, indexes: readonly number[], message: string): Promise<void> {
  const failed = { status: 'FAILED', message } as const;
  return run.commit((tx) => setItems(ports, tx, run, new Map(indexes.map((index) => [index, failed]))));
}

async function keep(
  ports: ImportPorts,
  run: Run,
  job: ImportJob,
  indexes: readonly number[],
  { files, facts }: ImportedFiles,
  { contigs }: OpenReference,
): Promise<void> {
  const { scope } = run.actor;
  const blobs: BlobRef[] = [];
  try {
    const write = { scope, sealedFor: ports.destination.keyPurpose(job.doc.storeId) };
    for (const file of files) blobs.push(await ports.vault.adopt(write, file.path));
    const changes = indexes.map((index, at) => [index, completed(job.doc, facts[at]!, contigs)] as const);
    await run.commit(async (tx) => {
      await setItems(ports, tx, run, new Map(changes));
      await commitFiles(ports, tx, scope, job, indexes[0]!, files, blobs);
      await ports.compact(tx, run.actor, job.doc.storeId);
    });
  } catch (error) {
    for (const blob of blobs) await ports.vault.discard(blob);
    if (!(error instanceof StoreGone)) throw error;
    await fail(ports, run, indexes, gone(ports, job));
    return;
  }
  const rows = facts.reduce((sum, each) => sum + each.rows, 0);
  ports.log.info({ job: job.id, items: indexes, rows }, 'imported');
}

function completed(
  { annotationFields }: ImportJobDoc,
  facts: FileFacts,
  known: OpenReference['contigs'],
): Partial<ImportItem> {
  const unknown = known ? facts.contigs.filter((contig) => !known.has(contig)) : [];
  return {
    ...{ status: 'COMPLETED', message: '' },
    ...{ unknownContigs: unknown.slice(0, CONTIGS_KEPT), unsorted: facts.unsorted },
    ...{ noAnnotation: facts.lacksVep ? annotationFields['VEP'] : undefined },
  };
}

function gone({ destination }: ImportPorts, { doc }: ImportJob): string {
  return `the ${destination.noun} ${doc.destination} was deleted while the file was read`;
}

/** Files of several items have the first one's number. */
async function commitFiles(
  ports: ImportPorts,
  tx: Transaction,
  scope: Scope,
  job: ImportJob,
  item: number,
  files: readonly WrittenFile[],
  blobs: readonly BlobRef[],
): Promise<void> {
  const { storeId } = job.doc;
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  if (!(await ports.destination.grow(tx, scope, storeId, bytes))) throw new StoreGone();
  const added = await nextSnapshot(tx, scope, storeId, ports.clock.now(), 'append');
  for (const [part, blob] of blobs.entries()) {
    const { kind, rows, ranges } = files[part]!;
    await ports.blobs.keep(tx, blob.id);
    await addFile(tx, scope, { storeId, jobId: job.id, item, part, kind, blob, rows, ranges, added });
  }
}

async function setItems(
  ports: ImportPorts,
  tx: Transaction,
  run: Run,
  changes: ReadonlyMap<number, Partial<ImportItem>>,
): Promise<void> {
  const { status } = await ports.jobs.update(tx, run.actor.scope, run.subject, (doc) => ({
    ...doc,
    items: doc.items.map((item, at) => ({ ...item, ...changes.get(at) })),
  }));
  if (ENDED.has(status)) throw new Overtaken();
}
