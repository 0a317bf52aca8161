import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fault } from '../values/errors.ts';
import { type FileFacts, type Files, isUri } from './files.ts';

export interface LocalFilesOptions {
  /** Folders that scripts may read; absent: everything that the user may. */
  readonly readable?: readonly string[];
  /** Folders that scripts may write. */
  readonly writable?: readonly string[];
  /** Bytes behind URIs. */
  readonly remote?: RemoteFiles;
}

/** Files that are not on this machine, asked for at once. */
export interface RemoteFiles {
  stat(uri: string): { readonly size: number; readonly isDirectory: boolean } | undefined;
  local(uri: string): string;
}

/** The file system, as far as a run may see it. */
export class LocalFiles implements Files {
  readonly #options: LocalFilesOptions;

  readonly #trusted: string[] = [];

  constructor(options: LocalFilesOptions = {}) {
    this.#options = options;
  }

  /** A folder that the host gave, such as a task's work directory. */
  trust(folder: string): void {
    if (this.#options.readable) this.#trusted.push(real(folder));
  }

  stat(location: string): FileFacts | undefined {
    if (isRemote(location)) return this.#remoteFacts(location);
    const path = this.#readable(location);
    const facts = statSync(path, { throwIfNoEntry: false });
    if (!facts) return undefined;
    return {
      size: facts.size,
      isDirectory: facts.isDirectory(),
      isFile: facts.isFile(),
      isLink: lstatSync(path).isSymbolicLink(),
      modified: facts.mtimeMs,
      mode: facts.mode,
      id: `${facts.dev}:${facts.ino}`,
    };
  }

  #remoteFacts(location: string): FileFacts | undefined {
    const facts = this.#remote(location).stat(location);
    return facts && { ...facts, isFile: !facts.isDirectory, isLink: false, modified: 0, mode: 0o444 };
  }

  #remote(location: string): RemoteFiles {
    const { remote } = this.#options;
    if (remote) return remote;
    throw fault(`${location} cannot be read without a server. Give a local path.`, 'IOException');
  }

  read(location: string): Buffer {
    return readFileSync(this.local(location));
  }

  local(location: string): string {
    return isRemote(location) ? this.#remote(location).local(location) : this.#readable(location);
  }

  write(location: string, data: string | Uint8Array, append: boolean): void {
    const path = this.#writable(location);
    mkdirSync(dirname(path), { recursive: true });
    if (append) appendFileSync(path, data);
    else writeFileSync(path, data);
  }

  list(location: string): string[] {
    if (isRemote(location))
      throw fault(
        `The folder ${location} cannot be listed: patterns and folders need local paths.`,
        'IOException',
      );
    return readdirSync(this.#readable(location));
  }

  makeDirectory(location: string): void {
    mkdirSync(this.#writable(location), { recursive: true });
  }

  remove(location: string): void {
    rmSync(this.#writable(location), { recursive: true, force: true });
  }

  copy(from: string, to: string): void {
    this.#copy(from, to, []);
  }

  /** Link by link and file by file: what a folder holds may lead out of what may be read, or to itself. */
  #copy(from: string, to: string, around: readonly string[]): void {
    const facts = this.stat(from);
    if (!facts?.isDirectory) {
      const target = this.#writable(to);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(this.local(from), target);
      return;
    }
    if (around.includes(facts.id!))
      throw fault(
        `The folder ${from} cannot be copied: it is a link to a folder that it is in.`,
        'FileSystemLoopException',
      );
    this.makeDirectory(to);
    for (const name of this.list(from))
      this.#copy(`${from}/${name}`, `${to}/${name}`, [...around, facts.id!]);
  }

  move(from: string, to: string): void {
    const target = this.#writable(to);
    mkdirSync(dirname(target), { recursive: true });
    try {
      renameSync(this.#writable(from), target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      this.copy(from, to);
      this.remove(from);
    }
  }

  link(from: string, to: string, hard: boolean): void {
    const target = this.#writable(to);
    mkdirSync(dirname(target), { recursive: true });
    if (hard) linkSync(this.#readable(from), target);
    else {
      this.#readable(resolve(dirname(target), from));
      symlinkSync(from, target);
    }
  }

  realPath(location: string): string {
    return isRemote(location) ? location : realpathSync(this.#readable(location));
  }

  readLink(location: string): string | undefined {
    const path = plain(location);
    this.#readable(dirname(path));
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
  }

  setMode(location: string, mode: number): void {
    chmodSync(this.#writable(location), mode);
  }

  /** Where links lead counts, so that none leads out. */
  #readable(location: string): string {
    const path = plain(location);
    const { readable } = this.#options;
    if (readable && !within(real(path), [...readable, ...(this.#options.writable ?? []), ...this.#trusted])) {
      throw fault(
        `The script may not read ${location}: it is outside of the run. Give files as parameters.`,
        'IOException',
      );
    }
    return path;
  }

  #writable(location: string): string {
    if (isRemote(location)) throw fault(`The script cannot write ${location}.`, 'IOException');
    const path = plain(location);
    const { writable } = this.#options;
    if (writable && !within(real(path), writable)) {
      throw fault(`The script may not write ${location}: it is outside of the run's folder.`, 'IOException');
    }
    return path;
  }
}

function isRemote(location: string): boolean {
  return isUri(location) && !location.startsWith('file:');
}

function plain(location: string): string {
  return location.startsWith('file:') ? fileURLToPath(location) : resolve(location);
}

/** The path behind all links; of what is not there yet, that of the folder it would be in. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path
      ? path
      : `${real(parent).replace(/\/$/, '')}/${path.slice(path.lastIndexOf('/') + 1)}`;
  }
}

function within(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`));
}
