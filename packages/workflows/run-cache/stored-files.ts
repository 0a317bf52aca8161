import { constants, createReadStream } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Objects } from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';
import type { TaskOutcome } from '@helicase/runtime';

/** One file of a finished task: what is at `path` below its place, `files/…`, `stdout` or `stderr`. */
export type StoredFile =
  | { readonly kind: 'file'; readonly path: string; readonly size: number; readonly etag?: string }
  | { readonly kind: 'folder'; readonly path: string }
  /** Relative to another file of the work directory, or as the task sees it to one of its inputs. */
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** Why a task's files are not kept: becomes a line of the engine's log. */
export class NotKept extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotKept';
  }
}

type Places = Pick<TaskOutcome, 'workDirectory' | 'stdoutPath' | 'stderrPath'>;

const AT_ONCE = 8;

/**
 * Uploads a task's files below `uri` in the role's name. Empty ones are only listed, and so are links to its inputs
 * (Nextflow's stand in the work directory): a task that is answered with these files has the same.
 */
export async function storeFiles(
  objects: Objects,
  actor: Actor,
  uri: string,
  { stderrPath, stdoutPath, workDirectory }: Places,
  inputs: readonly string[],
): Promise<readonly StoredFile[]> {
  const found = [
    ...(await walk(workDirectory, 'files', { root: workDirectory, inputs })),
    ...(await outputFile(stdoutPath, 'stdout')),
    ...(await outputFile(stderrPath, 'stderr')),
  ];
  return inParallel(found, async ({ file, source }) => {
    if (file.kind !== 'file' || file.size === 0) return file;
    const { etag, size } = await objects.put(actor, `${uri}/${file.path}`, createReadStream(source));
    if (size !== file.size) throw new NotKept(`${file.path} changed while it was kept`);
    return { ...file, etag };
  });
}

interface Found {
  readonly source: string;
  readonly file: StoredFile;
}

interface Bounds {
  readonly root: string;
  readonly inputs: readonly string[];
}

async function walk(folder: string, path: string, bounds: Bounds): Promise<readonly Found[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: Found[] = [{ source: folder, file: { kind: 'folder', path } }];
  for (const entry of entries) {
    const source = join(folder, entry.name);
    const name = `${path}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await walk(source, name, bounds)));
    else if (entry.isSymbolicLink()) found.push({ source, file: await linkFile(source, name, bounds) });
    else if (entry.isFile())
      found.push({ source, file: { kind: 'file', path: name, size: (await lstat(source)).size } });
    else throw new NotKept(`${name} is neither a file, a folder nor a link`);
  }
  return found;
}

async function linkFile(source: string, path: string, { inputs, root }: Bounds): Promise<StoredFile> {
  const to = resolve(dirname(source), await readlink(source));
  if (inputs.some((input) => to === input || to.startsWith(`${input}/`)))
    return { kind: 'link', path, target: to };
  if (!to.startsWith(root + sep)) throw new NotKept(`${path} is a link out of the work directory`);
  return { kind: 'link', path, target: relative(dirname(source), to) };
}

async function outputFile(source: string, path: string): Promise<readonly Found[]> {
  const facts = await stat(source).catch(() => undefined);
  return facts ? [{ source, file: { kind: 'file', path, size: facts.size } }] : [];
}

/** Brings the files back to where a task's would be; false where one of them is not there as it was. */
export async function restoreFiles(
  objects: Objects,
  actor: Actor,
  uri: string,
  files: readonly StoredFile[],
  { stderrPath, stdoutPath, workDirectory }: Places,
): Promise<boolean> {
  const place = (path: string) => {
    if (path === 'stdout') return stdoutPath;
    return path === 'stderr' ? stderrPath : join(workDirectory, path.slice('files'.length));
  };
  await mkdir(workDirectory, { recursive: true, mode: 0o700 });
  const folders = files.filter(({ kind, path }) => kind === 'folder' && path !== 'files');
  for (const { path } of folders) await mkdir(place(path), { recursive: true });
  const whole = await inParallel(files, async (file) => {
    if (file.kind === 'folder') return true;
    if (file.kind === 'link') await symlink(file.target, place(file.path));
    else if (file.size === 0) await writeFile(place(file.path), '');
    else return restoreFile(objects, actor, `${uri}/${file.path}`, file, place(file.path));
    return true;
  });
  return whole.every(Boolean);
}

/** A copy: what lies in the bucket stays as it is whatever happens to the task's. */
async function restoreFile(
  objects: Objects,
  actor: Actor,
  uri: string,
  { etag, size }: Extract<StoredFile, { kind: 'file' }>,
  target: string,
): Promise<boolean> {
  const held = await objects.materialize(actor, uri);
  try {
    if (held.etag !== etag || held.size !== size) return false;
    await copyFile(held.path, target, constants.COPYFILE_FICLONE);
    return true;
  } finally {
    await held.release();
  }
}

async function inParallel<T, R>(all: readonly T[], work: (each: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    results.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(work))));
  }
  return results;
}
