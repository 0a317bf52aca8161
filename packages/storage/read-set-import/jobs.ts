import type { Transaction } from '@helicase/records';
import { parseReferenceArn } from '../arns.ts';
import { SourceRefused } from '../import-job/refused.ts';
import { type ImportedSource, registerImportWorker } from '../import-job/worker.ts';
import { lockRow } from '../lock-row.ts';
import { present } from '../present.ts';
import type { ReadSetDoc } from '../read-set/model.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import { blobsOf } from '../stored-file.ts';
import { importAlignments } from './alignments.ts';
import { importFastq } from './fastq.ts';
import type { ImportedReadSet, ReadSetSource } from './imported.ts';

export function registerReadSetImports(room: Room): void {
  registerImportWorker(room, {
    kind: room.tables.readSetImports.kind,
    table: room.tables.readSetImports,
    name: ({ sourceFiles: { source1, source2 } }) => (source2 ? `${source1}, ${source2}` : source1),
    importSource: (source) => importReadSet(room, source),
  });
}

async function importReadSet(room: Room, source: ReadSetSource): Promise<ImportedSource> {
  const store = await findSequenceStore(room, source.scope, source.store);
  const family = store.doc.eTagAlgorithmFamily;
  const type = source.item.sourceFileType;
  const imported =
    type === 'FASTQ'
      ? await importFastq(room, source, family)
      : await importAlignments(room, source, type, family);
  return {
    commit: (tx) => commitReadSet(room, tx, source, imported),
    discard: async () =>
      void (await Promise.allSettled(blobsOf(imported.files).map((blob) => room.vault.discard(blob)))),
  };
}

async function commitReadSet(
  room: Room,
  tx: Transaction,
  source: ReadSetSource,
  imported: ImportedReadSet,
): Promise<void> {
  const { scope, item, store } = source;
  if (!(await lockRow(room, tx, room.tables.sequenceStores.kind, scope, store)))
    throw new SourceRefused(`Sequence store ${store} was deleted while the source was imported.`);
  await holdReference(room, tx, source);
  const { name, description, generatedFrom, referenceArn } = item;
  const doc: ReadSetDoc = {
    subjectId: item.subjectId,
    sampleId: item.sampleId,
    tags: item.tags,
    fileType: item.sourceFileType,
    creationType: 'IMPORT',
    creationJobId: source.jobId,
    ...imported,
    ...present({ name, description, generatedFrom, referenceArn }),
  };
  for (const blob of blobsOf(imported.files)) await room.records.blobs.keep(tx, blob.id);
  await room.tables.readSets.insert(tx, {
    scope,
    id: source.resourceId,
    parent: store,
    status: 'ACTIVE',
    doc,
  });
}

/** The reference stays until the read set that is linked to it is there. */
async function holdReference(room: Room, tx: Transaction, source: ReadSetSource): Promise<void> {
  const arn = source.item.referenceArn;
  const parts = arn === undefined ? undefined : parseReferenceArn(source.scope, arn);
  if (!parts) return;
  if (await lockRow(room, tx, room.tables.references.kind, source.scope, parts.id)) return;
  throw new SourceRefused(`Reference ${arn ?? ''} was deleted while the source was imported.`);
}
