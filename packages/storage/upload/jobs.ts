import { readBlobs } from '@helicase/blobs';
import { BrokenInput } from '@helicase/formats';
import { type Actor, ServiceError } from '@helicase/kernel';
import type { JobRun, Transaction } from '@helicase/records';
import { keepFiles } from '../content/contents.ts';
import { uploadedNames } from '../ingest/file-names.ts';
import { discardIngested, ingest, provenanceOf } from '../ingest/ingest.ts';
import type { Ingested } from '../ingest/model.ts';
import { SourceRefused } from '../item-job/refused.ts';
import type { Source } from '../item-job/source.ts';
import { holdPlace } from '../read-set/insert.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import { touchReadSet } from '../tiering/idle.ts';
import { releaseParts } from './expiry.ts';
import { moveToFallback } from './fallback.ts';
import type { UploadRow } from './find.ts';
import { partsOf } from './parts.ts';

const KIND = 'read-set-upload';

type Run = JobRun<object, never, Transaction>;

export async function enqueueProcessing(
  room: Room,
  tx: Transaction,
  actor: Actor,
  id: string,
): Promise<void> {
  await room.records.jobs.enqueue(tx, { actor, kind: KIND, subject: id, input: {} });
}

/** The work after CompleteMultipartReadSetUpload: the parts become the files of an ACTIVE read set, or it failed. */
export function registerUploads(room: Room): void {
  room.records.jobs.register<object, never>({
    kind: KIND,
    concurrency: room.jobsAtOnce ?? 2,
    run: (run) => processUpload(room, run),
    exhausted: async (tx, job, error) => {
      room.log.error({ upload: job.subject, error }, 'An upload was given up');
      const upload = await room.tables.uploads.hold(tx, job.scope, job.subject);
      const message = 'The upload failed for a reason inside the server; its parts are kept for a week.';
      if (upload?.status === 'PROCESSING') await fail(room, tx, upload, message);
    },
  });
}

async function processUpload(room: Room, run: Run): Promise<void> {
  const upload = await room.tables.uploads.find(room.records.direct, run.actor.scope, run.subject);
  if (upload?.status !== 'PROCESSING') return;
  const { sources, names } = await filesOf(room, upload);
  const ingested = await attempt(room, run, upload, { sources, names });
  if (typeof ingested === 'string') {
    await refuse(room, run, upload, { sources, names, reason: ingested });
    return;
  }
  try {
    await run.commit((tx) => activate(room, tx, upload, ingested));
  } catch (error) {
    await discardIngested(room, ingested);
    if (!(error instanceof SourceRefused)) throw error;
    await refuse(room, run, upload, { sources, names, reason: error.message });
  }
}

export interface UploadedFiles {
  readonly sources: readonly Source[];
  readonly names: readonly string[];
}

async function filesOf(room: Room, upload: UploadRow): Promise<UploadedFiles> {
  const parts = await partsOf(room.records.direct, upload);
  const sources = (['SOURCE1', 'SOURCE2'] as const).flatMap((name): Source[] => {
    const blobs = parts.filter(({ source }) => source === name).map(({ blob }) => blob);
    if (blobs.length === 0) return [];
    return [
      {
        name,
        size: blobs.reduce((sum, { size }) => sum + size, 0),
        open: async () => readBlobs(room.vault, blobs),
        refuseChanged: async () => {},
      },
    ];
  });
  return { sources, names: uploadedNames(upload.doc.name, upload.doc.sourceFileType, sources.length) };
}

/** What was taken in, or why the files are refused. */
async function attempt(
  room: Room,
  run: Run,
  upload: UploadRow,
  files: UploadedFiles,
): Promise<Ingested | string> {
  const { scope, parent: store, doc } = upload;
  try {
    const { eTagAlgorithmFamily: family } = (await findSequenceStore(room, scope, store)).doc;
    return await ingest(room, {
      scope,
      store,
      type: doc.sourceFileType,
      family,
      referenceArn: doc.referenceArn,
      ...files,
      comment: provenanceOf(room, store),
      signal: run.signal,
      progress: (done, total) => run.progress({ done, total, unit: 'bytes' }),
    });
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof BrokenInput) return `${doc.name}: ${error.message}`;
    if (error instanceof SourceRefused || error instanceof ServiceError) return error.message;
    throw error;
  }
}

async function activate(room: Room, tx: Transaction, upload: UploadRow, ingested: Ingested): Promise<void> {
  const { scope, parent: store, doc, id } = upload;
  const readSetId = doc.readSetId!;
  await holdPlace(room, tx, { scope, store, doc });
  const files = await keepFiles(room, tx, { scope, id: store }, ingested.files);
  await room.tables.readSets.transition(tx, scope, readSetId, 'ACTIVE', {
    doc: (before) => ({ ...before, ...ingested, files }),
  });
  await touchReadSet(tx, scope, readSetId, room.clock.now());
  await room.tables.uploads.transition(tx, scope, id, 'COMPLETED');
  await releaseParts(room, tx, { scope, id });
}

/** The files go to the store's fallback location, where it has one, before the parts are let go. */
async function refuse(
  room: Room,
  run: Run,
  upload: UploadRow,
  refused: UploadedFiles & { readonly reason: string },
): Promise<void> {
  const moved = await moveToFallback(room, run, upload, refused);
  await run.commit(async (tx) => {
    await fail(room, tx, upload, sentences(refused.reason, moved.told));
    if (moved.partsAreFree) await releaseParts(room, tx, upload);
  });
}

function sentences(reason: string, told: string): string {
  return told === '' ? reason : `${reason.replace(/\.?$/, '.')} ${told}`;
}

async function fail(room: Room, tx: Transaction, upload: UploadRow, message: string): Promise<void> {
  const { scope, id, doc } = upload;
  await room.tables.readSets.transition(tx, scope, doc.readSetId!, 'UPLOAD_FAILED', { message });
  await room.tables.uploads.transition(tx, scope, id, 'FAILED', { message });
}
