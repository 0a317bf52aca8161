import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore } from '@helicase/blobs';

/** A backup that cannot be taken or restored; the message says what to do. */
export class BackupRefused extends Error {}

/** Told of progress, one line each. */
export type Report = (line: string) => void;

/** Written last: a folder without it is no backup. */
export interface BackupManifest {
  readonly format: 1;
  /** The layout's version of the data directory. */
  readonly layout: number;
  /** ISO 8601; the moment that the backup shows lies between the two. */
  readonly begun: string;
  readonly finished: string;
  readonly blobs: number;
  /** Stored bytes of all blobs. */
  readonly bytes: number;
  /** False where the server has its root key from HELICASE_ROOT_KEY. */
  readonly rootKey: boolean;
}

/** Where things lie in a backup. */
export interface BackupFolder {
  readonly root: string;
  readonly database: string;
  readonly blobs: string;
  readonly rootKey: string;
  readonly credentials: string;
  /** The journal of audit records on their way to the database. */
  readonly audit: string;
  readonly manifest: string;
}

export function backupFolder(root: string): BackupFolder {
  return {
    root,
    database: join(root, 'helicase.sqlite'),
    blobs: join(root, 'blobs'),
    rootKey: join(root, 'keys', 'root.key'),
    credentials: join(root, 'credentials.json'),
    audit: join(root, 'audit'),
    manifest: join(root, 'backup.json'),
  };
}

/** The manifest of a complete backup. Throws BackupRefused where there is none. */
export function readManifest(folder: BackupFolder): BackupManifest {
  if (!existsSync(folder.manifest)) {
    throw new BackupRefused(
      `${folder.root} is no complete backup: it has no backup.json, which is written last. Take the backup again, into an empty folder.`,
    );
  }
  const manifest = JSON.parse(readFileSync(folder.manifest, 'utf8')) as BackupManifest;
  if (manifest.format !== 1) {
    throw new BackupRefused(
      `${folder.root} was written by a newer Helicase (backup format ${String(manifest.format)}, this one knows 1). Restore it with that version or a later one.`,
    );
  }
  return manifest;
}

/** Makes the folder, for the owner only. Throws BackupRefused where something is in it. */
export function prepareEmptyFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length > 0)
    throw new BackupRefused(`${folder} is not empty: name an empty folder, or one that does not exist.`);
}

/** Copies a small file durably; its folder is made. */
export async function copyDurably(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to);
  await syncPath(to);
  await syncPath(dirname(to));
}

/** Copies the files of a folder, durably; a folder that is not there has none. */
export async function copyFolder(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from)) await copyDurably(join(from, name), join(to, name));
}

/** Has a file or a folder reach the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const COPIED_AT_ONCE = 4;
const REPORTED_EVERY = 1_000;

/** Copies blobs from store to store as they are stored (sealed ones stay sealed); answers how many bytes. */
export async function copyBlobs(
  ids: AsyncIterable<string>,
  from: BlobStore,
  to: BlobStore,
  report: Report,
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const copied = { blobs: 0, bytes: 0 };
  const iterator = ids[Symbol.asyncIterator]();
  const worker = async () => {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      const size = await copyBlob(next.value, from, to);
      copied.bytes += size;
      copied.blobs += 1;
      if (copied.blobs % REPORTED_EVERY === 0) report(`${copied.blobs} blobs, ${copied.bytes} bytes copied`);
    }
  };
  await Promise.all(Array.from({ length: COPIED_AT_ONCE }, worker));
  return copied;
}

async function copyBlob(id: string, from: BlobStore, to: BlobStore): Promise<number> {
  const sink = await to.create(id);
  try {
    for await (const chunk of from.read(id) as AsyncIterable<Buffer>) await sink.write(chunk);
  } catch (error) {
    await sink.abort();
    throw error;
  }
  const { size } = await sink.finish();
  const expected = await from.size(id);
  if (size !== expected)
    throw new Error(`Blob ${id}: ${size} bytes were copied of ${expected ?? 'none'}. Take the backup again.`);
  return size;
}
