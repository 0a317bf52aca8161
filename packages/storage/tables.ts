import type { Records, ResourceTable, Transaction } from '@helicase/records';
import { shelfMigration } from './access-point/read-set-shelf.ts';
import { contentMigration } from './content/contents.ts';
import { readSetActivationKind } from './read-set-activation/model.ts';
import { readSetExportKind } from './read-set-export/model.ts';
import { readSetKind } from './read-set/model.ts';
import { readSetImportKind } from './read-set-import/model.ts';
import { referenceKind } from './reference/model.ts';
import { referenceImportKind } from './reference-import/model.ts';
import { referenceStoreKind } from './reference-store/model.ts';
import { sequenceStoreKind } from './sequence-store/model.ts';
import { idleMigration } from './tiering/idle.ts';
import { uploadKind } from './upload/model.ts';
import { uploadPartMigration } from './upload/parts.ts';

/** The rows of the room beside its resources': contents that read sets share, and when read sets were last used. */
const MIGRATIONS = [contentMigration, idleMigration, uploadPartMigration, shelfMigration];

/** The rows of the room: one table per resource, declared before the records are opened. */
export function openTables(records: Records) {
  records.migrations(MIGRATIONS);
  return {
    referenceStores: records.resource(referenceStoreKind),
    references: records.resource(referenceKind),
    referenceImports: records.resource(referenceImportKind),
    sequenceStores: records.resource(sequenceStoreKind),
    readSets: records.resource(readSetKind),
    readSetImports: records.resource(readSetImportKind),
    readSetExports: records.resource(readSetExportKind),
    readSetActivations: records.resource(readSetActivationKind),
    uploads: records.resource(uploadKind),
  };
}

export type Tables = ReturnType<typeof openTables>;
export type Table<Doc, Status extends string, Column extends string = never> = ResourceTable<
  Doc,
  Status,
  Column,
  Transaction
>;
