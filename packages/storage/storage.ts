import type { BucketView, OwnedBlob } from '@helicase/blobs';
import type { AnyOperation } from '@helicase/wire';
import { createAccessLog } from './access-log/access-log.ts';
import { accessPolicyOperations } from './access-point/operations.ts';
import { accessPointView } from './access-point/view.ts';
import { registerQueue } from './item-job/queue.ts';
import { createOmicsFiles, type OmicsFiles } from './omics-files/omics-files.ts';
import { ownedBlobs } from './owned-blobs.ts';
import { readSetActivationWorker } from './read-set-activation/jobs.ts';
import { readSetActivationOperations } from './read-set-activation/operations.ts';
import { readSetExportWorker } from './read-set-export/jobs.ts';
import { readSetExportOperations } from './read-set-export/operations.ts';
import { readSetImportWorker } from './read-set-import/jobs.ts';
import { readSetImportOperations } from './read-set-import/operations.ts';
import { readSetOperations } from './read-set/operations.ts';
import { referenceImportWorker } from './reference-import/jobs.ts';
import { referenceImportOperations } from './reference-import/operations.ts';
import { referenceStoreOperations } from './reference-store/operations.ts';
import { referenceOperations } from './reference/operations.ts';
import { createReferences, type References } from './reference/references.ts';
import { openRoom, type StorageOptions } from './room.ts';
import { sequenceStoreOperations } from './sequence-store/operations.ts';
import { archiveIdle, registerArchiving } from './tiering/archive-job.ts';
import { storageUsage, type TierUsage } from './tiering/usage.ts';
import { registerUploadExpiry } from './upload/expiry.ts';
import { registerUploads } from './upload/jobs.ts';
import { uploadOperations } from './upload/operations.ts';

export interface Storage {
  /** The entries of the omics table that this room answers. */
  readonly operations: readonly AnyOperation[];
  /** Stores as read-only buckets, under their access points' aliases. */
  readonly view: BucketView;
  /** Writes the access logs that wait to their buckets; to be called now and then. */
  deliverAccessLogs(): Promise<void>;
  /** Enqueues the archiving of read sets that were not used for long; to be called now and then. Answers how many. */
  archiveIdle(): Promise<number>;
  readonly files: OmicsFiles;
  readonly references: References;
  /** Every blob that a record of this room points to, for fsck. */
  blobs(): AsyncIterable<OwnedBlob>;
  /** What read sets take, by store and tier, of every account. */
  usage(): Promise<readonly TierUsage[]>;
}

/** Opens the room: declares its kinds and its import workers, so call it before `records.open()`. */
export function createStorage(options: StorageOptions): Storage {
  const room = openRoom(options);
  registerQueue(room, 'import', [referenceImportWorker(room), readSetImportWorker(room)]);
  registerQueue(room, 'export', [readSetExportWorker(room)]);
  registerQueue(room, 'activation', [readSetActivationWorker(room)]);
  registerUploads(room);
  registerUploadExpiry(room);
  registerArchiving(room);
  const accessLog = createAccessLog(room, options.accessLogs);
  return {
    view: { ...accessPointView(room), accessed: (actor, access) => accessLog.accessed(actor, access) },
    deliverAccessLogs: () => accessLog.deliver(),
    archiveIdle: () => (room.archiveAfter === 0 ? Promise.resolve(0) : archiveIdle(room)),
    operations: [
      ...referenceStoreOperations(room),
      ...referenceImportOperations(room),
      ...referenceOperations(room),
      ...sequenceStoreOperations(room),
      ...readSetImportOperations(room),
      ...readSetOperations(room),
      ...readSetExportOperations(room),
      ...readSetActivationOperations(room),
      ...uploadOperations(room),
      ...accessPolicyOperations(room),
    ],
    files: createOmicsFiles(room),
    references: createReferences(room),
    blobs: () => ownedBlobs(room),
    usage: () => storageUsage(room),
  };
}
