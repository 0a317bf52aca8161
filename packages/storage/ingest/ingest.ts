import type { Room } from '../room.ts';
import { blobsOf } from '../stored-file.ts';
import { ingestAlignments } from './alignments.ts';
import { ingestFastq } from './fastq.ts';
import type { Ingest, Ingested } from './model.ts';

/** One pass over the files. Throws SourceRefused or BrokenInput where a file is at fault. */
export function ingest(room: Room, work: Ingest): Promise<Ingested> {
  return work.type === 'FASTQ' ? ingestFastq(room, work) : ingestAlignments(room, work, work.type);
}

export async function discardIngested(room: Room, { files }: Ingested): Promise<void> {
  await Promise.allSettled(blobsOf(files).map((blob) => room.vault.discard(blob)));
}

/** The comment that tells where a file's copy comes from: the store's id and when it was taken in. */
export function provenanceOf(room: Room, store: string): string {
  return `HealthOmics sequence store ${store}, ingested ${new Date(room.clock.now()).toISOString()}`;
}
