import type { Transaction } from '@helicase/records';
import { discardIngested, ingest, provenanceOf } from '../ingest/ingest.ts';
import type { Ingested } from '../ingest/model.ts';
import { importedNames } from '../ingest/file-names.ts';
import { objectSources } from '../item-job/source.ts';
import type { QueueWorker } from '../item-job/queue.ts';
import { type ItemOutcome, type ItemRun, itemWorker } from '../item-job/worker.ts';
import { present } from '../present.ts';
import { insertReadSet } from '../read-set/insert.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import type { ReadSetImportItem } from './model.ts';

type Run = ItemRun<ReadSetImportItem>;

export function readSetImportWorker(room: Room): QueueWorker {
  return itemWorker(room, {
    table: room.tables.readSetImports,
    noun: 'source',
    done: 'imported',
    name: ({ sourceFiles: { source1, source2 } }) => (source2 ? `${source1}, ${source2}` : source1),
    perform: (run) => importReadSet(room, run),
  });
}

async function importReadSet(room: Room, run: Run): Promise<ItemOutcome> {
  const { scope, item } = run;
  const store = await findSequenceStore(room, scope, run.store);
  const { source1, source2 } = item.sourceFiles;
  const uris = source2 === undefined ? [source1] : [source1, source2];
  const ingested = await ingest(room, {
    scope,
    store: run.store,
    type: item.sourceFileType,
    family: store.doc.eTagAlgorithmFamily,
    referenceArn: item.referenceArn,
    sources: await objectSources(room, run.actor, uris),
    names: importedNames(uris),
    comment: provenanceOf(room, run.store),
    signal: run.signal,
    progress: (done, total) => run.progress(done, total),
  });
  return {
    commit: (tx) => commitReadSet(room, tx, run, ingested),
    discard: () => discardIngested(room, ingested),
  };
}

async function commitReadSet(room: Room, tx: Transaction, run: Run, ingested: Ingested): Promise<void> {
  const { item } = run;
  const { name, description, generatedFrom, referenceArn } = item;
  await insertReadSet(room, tx, {
    scope: run.scope,
    store: run.store,
    id: run.resourceId,
    ingested,
    doc: {
      subjectId: item.subjectId,
      sampleId: item.sampleId,
      tags: item.tags,
      fileType: item.sourceFileType,
      creationType: 'IMPORT',
      creationJobId: run.jobId,
      ...present({ name, description, generatedFrom, referenceArn }),
    },
  });
}
