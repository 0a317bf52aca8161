import type { Actor } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import type { Room } from '../room.ts';
import type { UploadStatus } from './model.ts';
import { removeParts, type UploadKey } from './parts.ts';

const KIND = 'read-set-upload-expiry';
/** Milliseconds: parts that nobody completes, or whose read set failed, are kept for a week. */
export const UPLOAD_LIFETIME = 7 * 24 * 60 * 60 * 1000;

/** In the transaction that makes the upload: one day it is over, completed or not. */
export async function expireLater(room: Room, tx: Transaction, actor: Actor, id: string): Promise<void> {
  const notBefore = room.clock.now() + (room.uploadLifetime ?? UPLOAD_LIFETIME);
  await room.records.jobs.enqueue(tx, { actor, kind: KIND, subject: id, input: {}, notBefore });
}

export function registerUploadExpiry(room: Room): void {
  room.records.jobs.register<object, never>({
    kind: KIND,
    concurrency: 1,
    run: async (run) => {
      const key = { scope: run.actor.scope, id: run.subject };
      await run.commit((tx) => endUpload(room, tx, key, ['IN_PROGRESS', 'COMPLETED', 'FAILED']));
    },
    exhausted: async (_tx, job, error) =>
      room.log.error({ upload: job.subject, error }, 'An expired upload could not be removed'),
  });
}

/** Removes the upload with its parts where it has one of the statuses; false where it has not. */
export async function endUpload(
  room: Room,
  tx: Transaction,
  key: UploadKey,
  statuses: readonly UploadStatus[],
): Promise<boolean> {
  const row = await room.tables.uploads.hold(tx, key.scope, key.id);
  if (!row || !statuses.includes(row.status)) return false;
  await releaseParts(room, tx, key);
  await room.tables.uploads.remove(tx, key.scope, key.id);
  await room.records.jobs.cancel(tx, key.scope, KIND, key.id);
  return true;
}

export async function releaseParts(room: Room, tx: Transaction, key: UploadKey): Promise<void> {
  for (const blob of await removeParts(tx, key)) await room.records.blobs.release(tx, blob.id);
}
