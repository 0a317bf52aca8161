import type { OwnedBlob } from '@helicase/blobs';
import type { AnyOperation } from '@helicase/wire';
import { createOmicsFiles, type OmicsFiles } from './omics-files/omics-files.ts';
import { ownedBlobs } from './owned-blobs.ts';
import { registerReadSetImports } from './read-set-import/jobs.ts';
import { readSetImportOperations } from './read-set-import/operations.ts';
import { readSetOperations } from './read-set/operations.ts';
import { registerReferenceImports } from './reference-import/jobs.ts';
import { referenceImportOperations } from './reference-import/operations.ts';
import { referenceStoreOperations } from './reference-store/operations.ts';
import { referenceOperations } from './reference/operations.ts';
import { createReferences, type References } from './reference/references.ts';
import { openRoom, type StorageOptions } from './room.ts';
import { sequenceStoreOperations } from './sequence-store/operations.ts';

export interface Storage {
  /** The entries of the omics table that this room answers. */
  readonly operations: readonly AnyOperation[];
  readonly files: OmicsFiles;
  readonly references: References;
  /** Every blob that a record of this room points to, for fsck. */
  blobs(): AsyncIterable<OwnedBlob>;
}

/** Opens the room: declares its kinds and its import workers, so call it before `records.open()`. */
export function createStorage(options: StorageOptions): Storage {
  const room = openRoom(options);
  registerReferenceImports(room);
  registerReadSetImports(room);
  return {
    operations: [
      ...referenceStoreOperations(room),
      ...referenceImportOperations(room),
      ...referenceOperations(room),
      ...sequenceStoreOperations(room),
      ...readSetImportOperations(room),
      ...readSetOperations(room),
    ],
    files: createOmicsFiles(room),
    references: createReferences(room),
    blobs: () => ownedBlobs(room),
  };
}
