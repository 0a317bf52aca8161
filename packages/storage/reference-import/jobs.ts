import { rm, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BlobRef, Materialized } from '@helicase/blobs';
import type { Contig, FastaFacts } from '@helicase/formats';
import type { Transaction } from '@helicase/records';
import { SourceRefused } from '../item-job/refused.ts';
import { objectSources } from '../item-job/source.ts';
import { type PassedSource, passSources } from '../item-job/source-pass.ts';
import type { QueueWorker } from '../item-job/queue.ts';
import { type ItemOutcome, itemWorker, type ItemRun } from '../item-job/worker.ts';
import { lockRow } from '../lock-row.ts';
import { present } from '../present.ts';
import type { ReferenceDoc } from '../reference/model.ts';
import type { Room } from '../room.ts';
import { blobsOf, type StoredFile } from '../stored-file.ts';
import type { ReferenceImportItem } from './model.ts';

type Source = ItemRun<ReferenceImportItem>;

export function referenceImportWorker(room: Room): QueueWorker {
  return itemWorker(room, {
    table: room.tables.referenceImports,
    noun: 'source',
    done: 'imported',
    name: (item) => item.sourceFile,
    perform: (source) => importReference(room, source),
  });
}

async function importReference(room: Room, source: Source): Promise<ItemOutcome> {
  const name = basename(source.item.sourceFile);
  const scratch = await room.vault.reserveScratch(`${name}.fai`);
  try {
    const passed = await passFasta(room, source, scratch);
    const files = await storeFiles(room, source, name, scratch, passed);
    return {
      commit: (tx) => commitReference(room, tx, source, files, passed.files[0]!.md5!),
      discard: async () =>
        void (await Promise.allSettled(blobsOf(files).map((blob) => room.vault.discard(blob)))),
    };
  } finally {
    await scratch.release();
  }
}

async function passFasta(
  room: Room,
  source: Source,
  scratch: Materialized,
): Promise<PassedSource<FastaFacts>> {
  const sources = await objectSources(room, source.actor, [source.item.sourceFile]);
  const passes = await room.passes();
  const pass = passes.fasta({ indexPath: scratch.path, blockIndexPath: `${scratch.path}.gzi` });
  const { scope, signal } = source;
  const progress = (done: number, total: number): void => source.progress(done, total);
  const sealedFor = `referenceStore/${source.store}`;
  return passSources(room, { scope, sources, sealedFor, pass, signal, progress }, { md5: true });
}

/** Seals what was made beside the source: its index, its contigs, and the block index of a bgzip file. */
async function storeFiles(
  room: Room,
  source: Source,
  name: string,
  scratch: Materialized,
  passed: PassedSource<FastaFacts>,
): Promise<ReferenceDoc['files']> {
  const write = { scope: source.scope, sealedFor: `referenceStore/${source.store}` };
  const { blob, sha256 } = passed.files[0]!;
  const blobs: BlobRef[] = [blob];
  const adopt = async (path: string, file: string): Promise<StoredFile> => {
    const adopted = await room.vault.adopt(write, path);
    blobs.push(adopted);
    return { name: file, blob: adopted };
  };
  try {
    const dictionary = `${scratch.path}.dict`;
    await writeFile(dictionary, dictionaryText(passed.facts.contigs), { mode: 0o600 });
    const blockIndex = `${scratch.path}.gzi`;
    return {
      source: { name, blob, sha256 },
      index: await adopt(scratch.path, `${name}.fai`),
      dictionary: await adopt(dictionary, `${name}.dict`),
      ...((await exists(blockIndex)) ? { blockIndex: await adopt(blockIndex, `${name}.gzi`) } : {}),
    };
  } catch (error) {
    await Promise.allSettled(blobs.map((blob) => room.vault.discard(blob)));
    throw error;
  } finally {
    await rm(`${scratch.path}.dict`, { force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A SAM header of @SQ lines, as `samtools dict` writes. */
function dictionaryText(contigs: readonly Contig[]): string {
  const lines = contigs.map(({ name, length, md5 }) => `@SQ\tSN:${name}\tLN:${length}\tM5:${md5}\n`);
  return `@HD\tVN:1.6\tSO:unsorted\n${lines.join('')}`;
}

async function commitReference(
  room: Room,
  tx: Transaction,
  source: Source,
  files: ReferenceDoc['files'],
  md5: string,
): Promise<void> {
  const { scope, item, store } = source;
  if (!(await lockRow(room, tx, room.tables.referenceStores.kind, scope, store)))
    throw new SourceRefused(`Reference store ${store} was deleted while the source was imported.`);
  const doc: ReferenceDoc = {
    name: item.name,
    tags: item.tags,
    md5,
    creationJobId: source.jobId,
    files,
    ...present({ description: item.description }),
  };
  for (const blob of blobsOf(files)) await room.records.blobs.keep(tx, blob.id);
  await room.tables.references.insert(tx, {
    scope,
    id: source.resourceId,
    parent: store,
    status: 'ACTIVE',
    doc,
  });
}
