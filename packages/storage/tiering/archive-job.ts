import { rootPrincipal, type Scope } from '@helicase/kernel';
import type { JobRun, Transaction } from '@helicase/records';
import { releaseFiles } from '../content/contents.ts';
import type { Archive } from '../read-set/model.ts';
import type { ReadSetRow } from '../read-set/operations.ts';
import type { Room } from '../room.ts';
import { filesOf } from '../stored-file.ts';
import { archiveFiles, NotArchivable } from './archive-files.ts';
import { forgetAccess, idleReadSets, lastAccess, touchReadSet } from './idle.ts';

const KIND = 'read-set-archive';
const DAY = 24 * 60 * 60 * 1000;

/** Milliseconds after which an unused read set is archived (the guide, "HealthOmics storage": 30 days). */
export const ARCHIVE_AFTER = 30 * DAY;
/** Read sets that one look enqueues at most; the next look finds the others. */
const AT_ONCE = 500;

export function registerArchiving(room: Room): void {
  room.records.jobs.register<object, never>({
    kind: KIND,
    concurrency: 1,
    run: (run) => archiveReadSet(room, run),
    exhausted: async (tx, job, error) => {
      room.log.error({ readSet: job.subject, error: String(error) }, 'A read set could not be archived');
      await tryLater(room, tx, job.scope, job.subject);
    },
  });
}

/** Enqueues the archiving of read sets that nobody used for long; answers how many. */
export async function archiveIdle(room: Room): Promise<number> {
  const before = room.clock.now() - (room.archiveAfter ?? ARCHIVE_AFTER);
  const idle = await idleReadSets(room.records.direct, before, AT_ONCE);
  for (const { scope, id } of idle) {
    const actor = { scope, principal: rootPrincipal(scope.account) };
    await room.records.transaction(async (tx) => {
      await room.records.jobs.enqueue(tx, { actor, kind: KIND, subject: id, input: {} });
    });
  }
  return idle.length;
}

async function archiveReadSet(room: Room, run: JobRun<object, never, Transaction>): Promise<void> {
  const { scope } = run.actor;
  const row = await room.tables.readSets.find(room.records.direct, scope, run.subject);
  if (row?.status !== 'ACTIVE') return run.commit((tx) => forgetUnlessActive(room, tx, scope, run.subject));
  if (!(await isIdle(room, row))) return;
  let archive: Archive;
  try {
    archive = await archiveFiles(room, row, run.signal);
  } catch (error) {
    if (!(error instanceof NotArchivable)) throw error;
    room.log.info({ readSet: row.id, why: error.message }, 'A read set stays in the active tier');
    return run.commit((tx) => tryLater(room, tx, scope, row.id));
  }
  const kept = await run
    .commit((tx) => commitArchive(room, tx, row, archive))
    .catch(async (error: unknown) => {
      await discardArchive(room, archive);
      throw error;
    });
  if (!kept) await discardArchive(room, archive);
}

async function isIdle(room: Room, { scope, id }: ReadSetRow): Promise<boolean> {
  const accessed = await lastAccess(room.records.direct, scope, id);
  return accessed !== undefined && accessed < room.clock.now() - (room.archiveAfter ?? ARCHIVE_AFTER);
}

/** False where the read set was used, changed or deleted while it was re-encoded: it stays as it is. */
async function commitArchive(
  room: Room,
  tx: Transaction,
  row: ReadSetRow,
  archive: Archive,
): Promise<boolean> {
  const { scope, id, parent } = row;
  const now = await room.tables.readSets.hold(tx, scope, id);
  if (now?.status !== 'ACTIVE' || !(await isIdle(room, row))) return false;
  const heads = new Set(filesOf(archive.files).map(({ head }) => head?.id));
  const gone = filesOf(now.doc.files).map(({ head, ...file }) =>
    head && !heads.has(head.id) ? { ...file, head } : file,
  );
  for (const { blob } of filesOf(archive.files)) await room.records.blobs.keep(tx, blob.id);
  await releaseFiles(room, tx, { scope, id: parent }, gone);
  await forgetAccess(tx, scope, id);
  await room.tables.readSets.transition(tx, scope, id, 'ARCHIVED', { doc: (doc) => ({ ...doc, archive }) });
  return true;
}

async function discardArchive(room: Room, { files }: Archive): Promise<void> {
  for (const { blob } of filesOf(files)) await room.vault.discard(blob);
}

async function forgetUnlessActive(room: Room, tx: Transaction, scope: Scope, id: string): Promise<void> {
  const now = await room.tables.readSets.hold(tx, scope, id);
  if (now?.status !== 'ACTIVE') await forgetAccess(tx, scope, id);
}

async function tryLater(room: Room, tx: Transaction, scope: Scope, id: string): Promise<void> {
  const now = await room.tables.readSets.hold(tx, scope, id);
  if (now?.status === 'ACTIVE') await touchReadSet(tx, scope, id, room.clock.now());
}
