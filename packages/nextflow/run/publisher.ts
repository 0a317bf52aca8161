import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { OutputFile } from '@helicase/runtime';
import type { PublishMode } from '../task/publish.ts';
import { isUri } from '../files/files.ts';
import { fault } from '../values/errors.ts';
import type { FilePath } from '../values/path.ts';

export interface Publication {
  readonly file: FilePath;
  /** As written: relative to where the run was launched. */
  readonly folder: string;
  readonly name: string;
  readonly mode: PublishMode;
  readonly overwrite: boolean | undefined;
}

/** Where published files go. */
export interface Publisher {
  /** Gives where it lies then. */
  publish(publication: Publication): string;
  /** A folder that a task with outputs publishes to is there, even where none of them fits. */
  open?(folder: string): void;
}

/** Into folders of this machine, at once. */
export function folderPublisher(launchDir: string): Publisher {
  return {
    open(folder) {
      if (!isUri(folder)) mkdirSync(resolve(launchDir, folder), { recursive: true });
    },
    publish({ file, folder, mode, name, overwrite = true }) {
      if (isUri(folder)) throw fault(`publishDir ${folder} is not on this machine. Give a folder.`);
      const target = resolve(launchDir, folder, name);
      if (target === file.absolute) return target;
      if (existsSync(target) || isLink(target)) {
        if (!overwrite) return target;
        if (mode === 'symlink' && isLink(target) && readlinkSync(target) === file.absolute) return target;
        rmSync(target, { recursive: true, force: true });
      }
      place(file, target, mode);
      return target;
    },
  };
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function place(file: FilePath, target: string, mode: PublishMode): void {
  switch (mode) {
    case 'symlink':
      file.files.link(file.absolute, target, false);
      return;
    case 'rellink':
      file.files.makeDirectory(dirname(target));
      file.files.link(relative(dirname(target), file.absolute), target, false);
      return;
    case 'link':
      if (file.facts()?.isDirectory) file.files.copy(file.location, target);
      else file.files.link(file.files.realPath(file.location), target, true);
      return;
    case 'copyNoFollow': {
      const link = file.files.readLink(file.location);
      if (link !== undefined) {
        file.files.link(link, target, false);
        return;
      }
      file.files.copy(file.location, target);
      return;
    }
    case 'copy':
      file.files.copy(file.location, target);
      return;
    case 'move':
      file.files.move(file.location, target);
  }
}

/**
 * The guide: "it also must point to the folder /mnt/workflow/pubdir". Reports and other files of no task go to
 * /mnt/workflow/output, and from there to the prefix `output/`. Nothing else is exported.
 */
const EXPORTED = ['pubdir', 'output'] as const;
const EXPORTED_BELOW = '/mnt/workflow';

/** The key that a published file has below the run's output; undefined where it is not exported. */
function exportKey(path: string): string | undefined {
  const inside = relative(EXPORTED_BELOW, path);
  return EXPORTED.some((name) => inside.startsWith(`${name}/`)) ? inside : undefined;
}

/** For a server: remembers what is to be exported, which it does at the run's end. */
export class ExportPublisher implements Publisher {
  readonly #files = new Map<string, OutputFile>();
  readonly #warn: (message: string) => void;
  readonly #launchDir: string;
  readonly #warned = new Set<string>();

  constructor(launchDir: string, warn: (message: string) => void) {
    this.#launchDir = launchDir;
    this.#warn = warn;
  }

  publish({ file, folder, name, overwrite = true }: Publication): string {
    const key = isUri(folder) ? undefined : exportKey(resolve(this.#launchDir, folder, name));
    if (key === undefined) {
      const folders = EXPORTED.map((each) => `${EXPORTED_BELOW}/${each}`).join(' and ');
      if (!this.#warned.has(folder))
        this.#warn(`publishDir "${folder}" is not exported: only files published to ${folders} are.`);
      this.#warned.add(folder);
      return file.absolute;
    }
    if (overwrite || !this.#files.has(key))
      for (const one of filesOf(file, key)) this.#files.set(one.key, one);
    return file.absolute;
  }

  get files(): readonly OutputFile[] {
    return [...this.#files.values()];
  }
}

/** A folder is published file by file. */
function filesOf(file: FilePath, key: string): OutputFile[] {
  if (!file.facts()?.isDirectory) return [{ path: file.files.local(file.location), key }];
  return file.files
    .list(file.location)
    .sort()
    .flatMap((name) => filesOf(file.below(name), `${key}/${name}`));
}
