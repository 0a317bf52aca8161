import { readBlobs } from '@helicase/blobs';
import { SourceRefused } from '../item-job/refused.ts';
import type { QueueWorker } from '../item-job/queue.ts';
import { type ItemOutcome, type ItemRun, itemWorker } from '../item-job/worker.ts';
import { findReadSet } from '../read-set/operations.ts';
import type { Room } from '../room.ts';
import { fileBlobs, filesOf, fileSize, type StoredFile } from '../stored-file.ts';
import { touchReadSet } from '../tiering/idle.ts';
import type { ReadSetExportItem } from './model.ts';

export function readSetExportWorker(room: Room): QueueWorker {
  return itemWorker(room, {
    table: room.tables.readSetExports,
    noun: 'read set',
    done: 'exported',
    name: ({ readSetId }) => `Read set ${readSetId}`,
    perform: (run) => exportReadSet(room, run),
  });
}

const NOTHING_TO_COMMIT: ItemOutcome = { commit: async () => {}, discard: async () => {} };

/** Writes the read set's files below `<destination>/<read set id>/` in the role's name. Done again, it writes the same. */
async function exportReadSet(room: Room, run: ItemRun<ReadSetExportItem>): Promise<ItemOutcome> {
  const { scope, item, store } = run;
  const row = await findReadSet(room, scope, store, item.readSetId);
  if (row.status !== 'ACTIVE')
    throw new SourceRefused(
      `Read set ${row.id} is ${row.status}: only ACTIVE read sets can be exported. Activate an archived one first.`,
    );
  await touchReadSet(room.records.direct, scope, row.id, room.clock.now());
  const files = filesOf(row.doc.files);
  const total = files.reduce((sum, file) => sum + fileSize(file), 0);
  let done = 0;
  for (const file of files) {
    run.signal.throwIfAborted();
    await exportFile(room, run, file);
    run.progress((done += fileSize(file)), total);
  }
  return NOTHING_TO_COMMIT;
}

async function exportFile(room: Room, run: ItemRun<ReadSetExportItem>, file: StoredFile): Promise<void> {
  const folder = `${(run.destination ?? '').replace(/\/$/, '')}/${run.item.readSetId}`;
  const bytes = readBlobs(room.vault, fileBlobs(file));
  try {
    await room.objects.put(run.actor, `${folder}/${file.name}`, bytes);
  } finally {
    bytes.destroy();
  }
}
