import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { openFolderStore, wrappedRootKeyFile } from '@helicase/blobs';
import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createRecords, type Records } from '@helicase/records';
import {
  backupFolder,
  type BackupFolder,
  type BackupManifest,
  BackupRefused,
  copyBlobs,
  copyDurably,
  copyFolder,
  prepareEmptyFolder,
  type Report,
  syncPath,
} from './backup-folder.ts';
import type { Configuration } from './configuration.ts';
import { dataDirectory, type DataDirectory, layoutVersion, writePrivately } from './data-directory.ts';
import { openStore } from './rooms.ts';
import { holdSweep, type SweepHold } from './sweep-hold.ts';

/**
 * Copies database, bytes and keys as they were at one moment, while the server goes on. The order makes it
 * consistent: the sweep is held, so that nothing a snapshot points to is deleted; then the snapshot of the database;
 * then the journal of audit records, which has those that the snapshot has not yet; then every blob that the snapshot
 * keeps (blobs never change); then the keys; then the manifest.
 */
export async function backUp(
  configuration: Configuration,
  target: string,
  report: Report,
): Promise<BackupManifest> {
  const directory = dataDirectory(configuration.data);
  refuseOthers(configuration, directory);
  const folder = backupFolder(resolve(target));
  prepareEmptyFolder(folder.root);
  const begun = new Date(systemClock.now()).toISOString();
  const hold = holdSweep(directory, systemClock, systemRandom);
  try {
    report('snapshot of the database');
    await snapshot(directory, folder);
    await copyFolder(directory.audit, folder.audit);
    report('bytes');
    const copied = await copyKept(configuration, directory, folder, hold, report);
    const rootKey = await copyKeys(directory, folder);
    hold.assertHeld();
    const layout = layoutVersion(directory.layout)!;
    const finished = new Date(systemClock.now()).toISOString();
    const manifest: BackupManifest = { format: 1, layout, begun, finished, ...copied, rootKey };
    await syncPath(dirname(folder.root));
    writePrivately(folder.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } finally {
    hold.release();
  }
}

function refuseOthers(configuration: Configuration, directory: DataDirectory): void {
  if (configuration.database.kind === 'postgres') {
    throw new BackupRefused(
      'The records are in PostgreSQL, which is backed up with its own tools, in this order: turn on versioning of the ' +
        "bytes' bucket (or stop the servers), so that nothing is deleted for good meanwhile; take `pg_dump`; copy the " +
        'bucket, or note the time and keep its versions; keep the root key (HELICASE_ROOT_KEY or keys/root.key) elsewhere. ' +
        'To restore: bucket, database, root key, then `helicase fsck`.',
    );
  }
  if (!existsSync(directory.layout) || !existsSync(directory.database)) {
    throw new BackupRefused(
      `${directory.root} is no data directory: it has no layout.json and no helicase.sqlite. Name the folder that \`helicase serve --data\` was given.`,
    );
  }
}

async function snapshot(directory: DataDirectory, folder: BackupFolder): Promise<void> {
  const records = recordsOf(directory.database);
  try {
    await records.backup(folder.database);
  } finally {
    await records.close();
  }
  await syncPath(folder.database);
}

async function copyKept(
  configuration: Configuration,
  directory: DataDirectory,
  folder: BackupFolder,
  hold: SweepHold,
  report: Report,
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const from = await openStore(configuration, directory);
  const to = await openFolderStore({ directory: folder.blobs });
  const records = recordsOf(folder.database);
  try {
    return await copyBlobs(heldIds(records, hold), from, to, report);
  } finally {
    await records.close();
  }
}

async function* heldIds(records: Records, hold: SweepHold): AsyncGenerator<string> {
  for await (const id of records.blobs.kept()) {
    hold.assertHeld();
    yield id;
  }
}

async function copyKeys(directory: DataDirectory, folder: BackupFolder): Promise<boolean> {
  await mkdir(dirname(folder.rootKey), { recursive: true, mode: 0o700 });
  if (existsSync(directory.credentials)) await copyDurably(directory.credentials, folder.credentials);
  const [wrapped, kept] = [directory.rootKey, folder.rootKey].map(wrappedRootKeyFile) as [string, string];
  if (existsSync(wrapped)) {
    await copyDurably(wrapped, kept);
    return true;
  }
  // With HELICASE_ROOT_KEY the file is not there, or is not the key in use.
  const rootKey = !process.env['HELICASE_ROOT_KEY'] && existsSync(directory.rootKey);
  if (rootKey) await copyDurably(directory.rootKey, folder.rootKey);
  return rootKey;
}

/** Records that are read and not opened: opening would take the running server's leases. */
function recordsOf(file: string): Records {
  return createRecords({
    database: { kind: 'sqlite', file },
    clock: systemClock,
    ids: new Ids(systemClock, systemRandom),
    random: systemRandom,
    log: silentLog,
  });
}
