import type { Records, ResourceTable, Transaction } from '@helicase/records';
import { readSetKind } from './read-set/model.ts';
import { readSetImportKind } from './read-set-import/model.ts';
import { referenceKind } from './reference/model.ts';
import { referenceImportKind } from './reference-import/model.ts';
import { referenceStoreKind } from './reference-store/model.ts';
import { sequenceStoreKind } from './sequence-store/model.ts';

/** The rows of the room: one table per resource, declared before the records are opened. */
export function openTables(records: Records) {
  return {
    referenceStores: records.resource(referenceStoreKind),
    references: records.resource(referenceKind),
    referenceImports: records.resource(referenceImportKind),
    sequenceStores: records.resource(sequenceStoreKind),
    readSets: records.resource(readSetKind),
    readSetImports: records.resource(readSetImportKind),
  };
}

export type Tables = ReturnType<typeof openTables>;
export type Table<Doc, Status extends string, Column extends string = never> = ResourceTable<
  Doc,
  Status,
  Column,
  Transaction
>;
