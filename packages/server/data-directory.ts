import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Grows when the layout of the folder changes; the database has versions of its own. */
export const LAYOUT_VERSION = 1;

/** Where things lie below `--data`. */
export interface DataDirectory {
  readonly root: string;
  /** The layout's version. */
  readonly layout: string;
  /** Present while a restore fills the folder. */
  readonly restoring: string;
  readonly database: string;
  readonly blobs: string;
  readonly rootKey: string;
  /** Unsealed bytes for native readers; emptied of dead servers' leftovers at start. */
  readonly scratch: string;
  /** Runs' private folders. */
  readonly runs: string;
  /** Images that the user puts there: OCI layouts, archives of `docker save`. */
  readonly images: string;
  /** What the backends keep for themselves: unpacked images, the state of containers. */
  readonly backends: string;
  /** The login at the registry behind, for those who copy images from it. */
  readonly registry: string;
  /** This server's journal of audit records on their way to the database. */
  readonly audit: string;
  /** How far the scrubber is, and what it found. */
  readonly scrub: string;
  /** Lines of stores' access logs on their way to their buckets. */
  readonly accessLogs: string;
  /** Helper programs compiled on this machine. */
  readonly native: string;
  readonly credentials: string;
  /** What a running server says of itself: urls and process id. */
  readonly endpoint: string;
}

/** The folder is of a newer Helicase, or in use; the message says what to do. */
export class DataDirectoryRefused extends Error {}

export function dataDirectory(root: string): DataDirectory {
  return {
    root,
    layout: join(root, 'layout.json'),
    restoring: join(root, 'restoring.json'),
    database: join(root, 'helicase.sqlite'),
    blobs: join(root, 'blobs'),
    rootKey: join(root, 'keys', 'root.key'),
    scratch: join(root, 'scratch'),
    runs: join(root, 'runs'),
    images: join(root, 'images'),
    backends: join(root, 'backends'),
    registry: join(root, 'registry'),
    audit: join(root, 'audit'),
    scrub: join(root, 'scrub.json'),
    accessLogs: join(root, 'access-logs'),
    native: join(root, 'native'),
    credentials: join(root, 'credentials.json'),
    endpoint: join(root, 'endpoint.json'),
  };
}

/** Makes the folders (readable by the owner only) and checks the layout's version. */
export function prepareDataDirectory(directory: DataDirectory): void {
  mkdirSync(directory.root, { recursive: true, mode: 0o700 });
  if (existsSync(directory.restoring)) {
    throw new DataDirectoryRefused(
      `A restore into ${directory.root} is under way or was interrupted. Empty the folder and restore again.`,
    );
  }
  const version = layoutVersion(directory.layout);
  if (version !== undefined && version > LAYOUT_VERSION) {
    throw new DataDirectoryRefused(
      `${directory.root} was written by a newer Helicase (layout ${version}, this one knows ${LAYOUT_VERSION}). Start that version or a later one; nothing was changed.`,
    );
  }
  for (const folder of [
    directory.blobs,
    dirname(directory.rootKey),
    directory.scratch,
    directory.runs,
    directory.images,
    directory.backends,
    directory.native,
  ]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  if (version === undefined) writePrivately(directory.layout, JSON.stringify({ layout: LAYOUT_VERSION }));
}

/** Undefined where there is no such file. */
export function layoutVersion(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  const { layout } = JSON.parse(readFileSync(path, 'utf8')) as { layout: number };
  return layout;
}

/** Whole or not at all, durable, readable by the owner only. */
export function writePrivately(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, content, { mode: 0o600, flush: true });
  renameSync(temporary, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/**
 * Holds the folder for this process. The lock is SQLite's lock on a file of its own: the kernel lets go of it when
 * the process dies, however it dies.
 */
export function lockDataDirectory(directory: DataDirectory): { release(): void } {
  const lock = new DatabaseSync(join(directory.root, 'lock.sqlite'));
  try {
    lock.exec('PRAGMA busy_timeout = 200; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch {
    lock.close();
    throw new DataDirectoryRefused(
      `${directory.root} is in use by another Helicase process (endpoint.json in it says which). Stop that one, or give this one another --data.`,
    );
  }
  return { release: () => lock.close() };
}
