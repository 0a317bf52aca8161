import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { keepFiles, releaseFiles } from '../content/contents.ts';
import { discardIngested, ingest } from '../ingest/ingest.ts';
import type { Ingested } from '../ingest/model.ts';
import { SourceRefused } from '../item-job/refused.ts';
import type { QueueWorker } from '../item-job/queue.ts';
import { type ItemOutcome, type ItemRun, itemWorker } from '../item-job/worker.ts';
import { findReadSet, type ReadSetRow } from '../read-set/operations.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import { filesOf } from '../stored-file.ts';
import { withArchivedSources } from '../tiering/archived-sources.ts';
import { touchReadSet } from '../tiering/idle.ts';
import type { ReadSetActivationItem } from './model.ts';

type Run = ItemRun<ReadSetActivationItem>;

export function readSetActivationWorker(room: Room): QueueWorker {
  return itemWorker(room, {
    table: room.tables.readSetActivations,
    noun: 'read set',
    done: 'activated',
    name: ({ readSetId }) => `Read set ${readSetId}`,
    perform: (run) => activateReadSet(room, run),
    abandon: (tx, scope, item, message) => backToArchive(room, tx, scope, item.readSetId, message),
  });
}

/** Restores the files at the same names with the same ETag, or leaves the read set ARCHIVED. */
async function activateReadSet(room: Room, run: Run): Promise<ItemOutcome> {
  const { scope, store, item } = run;
  const row = await findReadSet(room, scope, store, item.readSetId);
  if (row.status === 'ACTIVE') return used(room, row);
  if (row.status !== 'ARCHIVED' && row.status !== 'ACTIVATING')
    throw new SourceRefused(`Read set ${row.id} is ${row.status}: only ARCHIVED read sets can be activated.`);
  await run.change((tx) => room.tables.readSets.transition(tx, scope, row.id, 'ACTIVATING'));
  try {
    const restored = await restore(room, row, run);
    return {
      commit: (tx) => commitActive(room, tx, row, restored),
      discard: () => discardIngested(room, restored),
    };
  } catch (error) {
    run.signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    await run.change((tx) => backToArchive(room, tx, scope, row.id, message));
    throw error;
  }
}

function used(room: Room, { scope, id }: ReadSetRow): ItemOutcome {
  return {
    commit: (tx) => touchReadSet(tx, scope, id, room.clock.now()),
    discard: async () => {},
  };
}

async function restore(room: Room, row: ReadSetRow, run: Run): Promise<Ingested> {
  const { scope, parent: store, doc } = row;
  const { eTagAlgorithmFamily: family } = (await findSequenceStore(room, scope, store)).doc;
  const names = [doc.files.source1, doc.files.source2].flatMap((file) => file?.name ?? []);
  const { fileType: type, referenceArn } = doc;
  const restored = await withArchivedSources(room, row, doc.archive!, run.signal, (sources) =>
    ingest(room, {
      ...{ scope, store, type, family, referenceArn, sources, names },
      signal: run.signal,
      progress: (done, total) => run.progress(done, total),
    }),
  );
  const { etag } = restored;
  if (etag.source1 === doc.etag?.source1 && etag.source2 === doc.etag?.source2) return restored;
  await discardIngested(room, restored);
  throw new SourceRefused(
    `Read set ${row.id}: its archive gives another ETag (${etag.source1}); it stays ARCHIVED.`,
  );
}

async function commitActive(room: Room, tx: Transaction, row: ReadSetRow, restored: Ingested): Promise<void> {
  const { scope, id, parent } = row;
  const now = await room.tables.readSets.hold(tx, scope, id);
  if (now?.status !== 'ACTIVATING' || !now.doc.archive) {
    // Another job restored it meanwhile, or it was deleted: these copies are not needed.
    for (const { head, blob } of filesOf(restored.files))
      for (const one of [head, blob]) if (one) await room.records.blobs.release(tx, one.id);
    return;
  }
  const files = await keepFiles(room, tx, { scope, id: parent }, restored.files);
  await releaseFiles(room, tx, { scope, id: parent }, now.doc.archive.files);
  await room.tables.readSets.transition(tx, scope, id, 'ACTIVE', {
    doc: ({ archive: _archive, ...doc }) => ({ ...doc, files, restoredAt: room.clock.now() }),
  });
  await touchReadSet(tx, scope, id, room.clock.now());
}

async function backToArchive(
  room: Room,
  tx: Transaction,
  scope: Scope,
  id: string,
  message: string,
): Promise<void> {
  const now = await room.tables.readSets.hold(tx, scope, id);
  if (now?.status === 'ACTIVATING')
    await room.tables.readSets.transition(tx, scope, id, 'ARCHIVED', { message });
}
