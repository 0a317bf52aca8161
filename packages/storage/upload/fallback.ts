import { ServiceError } from '@helicase/kernel';
import type { JobRun, Transaction } from '@helicase/records';
import type { Room } from '../room.ts';
import type { UploadedFiles } from './jobs.ts';
import type { UploadRow } from './find.ts';

interface Moved {
  /** What the read set's status message says of it. */
  readonly told: string;
  readonly partsAreFree: boolean;
}

/**
 * Writes files that could not become a read set to the store's fallback location, `<location>/<read set id>/<name>`,
 * in the name of who completed the upload (the guide, "Direct upload to a sequence store").
 */
export async function moveToFallback(
  room: Room,
  run: JobRun<object, never, Transaction>,
  upload: UploadRow,
  { sources, names }: UploadedFiles,
): Promise<Moved> {
  const { scope, parent, doc } = upload;
  const store = await room.tables.sequenceStores.find(room.records.direct, scope, parent);
  const location = store?.doc.fallbackLocation;
  if (!location) return { told: '', partsAreFree: true };
  const folder = `${location.replace(/\/$/, '')}/${doc.readSetId}`;
  try {
    for (const [index, source] of sources.entries())
      await room.objects.put(run.actor, `${folder}/${names[index]!}`, await source.open());
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const told = `The files could not be moved to ${folder}/ (${error.message}); the parts are kept for a week.`;
    return { told, partsAreFree: false };
  }
  return { told: `The files are in ${folder}/.`, partsAreFree: true };
}
