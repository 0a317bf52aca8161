import { chmodSync, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type BlobStore, openFolderStore, wrappedRootKeyFile } from '@helicase/blobs';
import {
  backupFolder,
  type BackupFolder,
  type BackupManifest,
  BackupRefused,
  copyBlobs,
  copyDurably,
  copyFolder,
  prepareEmptyFolder,
  readManifest,
  type Report,
  syncPath,
} from './backup-folder.ts';
import type { Configuration } from './configuration.ts';
import {
  dataDirectory,
  type DataDirectory,
  LAYOUT_VERSION,
  prepareDataDirectory,
  writePrivately,
} from './data-directory.ts';
import { openStore } from './rooms.ts';

/**
 * Fills an empty data directory from a backup. Until it is whole the folder carries restoring.json, with which no
 * server starts on it.
 */
export async function restore(
  source: string,
  configuration: Configuration,
  report: Report,
): Promise<BackupManifest> {
  const folder = backupFolder(resolve(source));
  const manifest = readManifest(folder);
  refuseUnusable(folder, manifest, configuration);
  const directory = dataDirectory(configuration.data);
  prepareEmptyFolder(directory.root);
  writePrivately(directory.restoring, JSON.stringify({ from: folder.root }));
  report(`bytes of ${manifest.blobs} blobs`);
  await copyBytes(folder, manifest, configuration, directory, report);
  report('database and keys');
  await copyRecords(folder, directory);
  await rm(directory.restoring);
  await syncPath(directory.root);
  prepareDataDirectory(directory);
  return manifest;
}

function refuseUnusable(folder: BackupFolder, manifest: BackupManifest, configuration: Configuration): void {
  if (configuration.database.kind === 'postgres') {
    throw new BackupRefused(
      'A backup of `helicase backup` holds SQLite: restore it without --database, into a folder.',
    );
  }
  if (manifest.layout > LAYOUT_VERSION) {
    throw new BackupRefused(
      `${folder.root} is of a newer Helicase (layout ${manifest.layout}, this one knows ${LAYOUT_VERSION}). Restore it with that version or a later one.`,
    );
  }
  if (!manifest.rootKey && !process.env['HELICASE_ROOT_KEY']) {
    throw new BackupRefused(
      'The backup holds no root key: its server had it from HELICASE_ROOT_KEY. Set that variable to the same key and restore again.',
    );
  }
}

async function copyBytes(
  folder: BackupFolder,
  manifest: BackupManifest,
  configuration: Configuration,
  directory: DataDirectory,
  report: Report,
): Promise<void> {
  const from = await openFolderStore({ directory: folder.blobs });
  const to = await openStore(configuration, directory);
  const { blobs, bytes } = await copyBlobs(idsOf(from), from, to, report);
  if (blobs !== manifest.blobs || bytes !== manifest.bytes) {
    throw new BackupRefused(
      `${folder.root} holds ${blobs} blobs of ${bytes} bytes, and its backup.json says ${manifest.blobs} of ${manifest.bytes}: something was added or removed since. Restore from another backup.`,
    );
  }
}

async function* idsOf(store: BlobStore): AsyncGenerator<string> {
  for await (const { id } of store.list()) yield id;
}

async function copyRecords(folder: BackupFolder, directory: DataDirectory): Promise<void> {
  for (const place of [(file: string) => file, wrappedRootKeyFile])
    if (existsSync(place(folder.rootKey)))
      await copyPrivately(place(folder.rootKey), place(directory.rootKey));
  if (existsSync(folder.credentials)) await copyPrivately(folder.credentials, directory.credentials);
  await copyPrivately(folder.database, directory.database);
  await copyFolder(folder.audit, directory.audit);
  writePrivately(directory.layout, JSON.stringify({ layout: readManifest(folder).layout }));
}

async function copyPrivately(from: string, to: string): Promise<void> {
  await copyDurably(from, to);
  chmodSync(to, 0o600);
}
