import { linkSync } from 'node:fs';
import { copyFile, constants, mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { resolveWithin } from './path-guard.ts';

/** A stream's file on the host, and its place in the host's work directory. */
export interface NamedStream {
  readonly source: string;
  readonly path: string;
}

/** The streams that a request wants to see in its work directory. */
export function namedStreams(
  request: { readonly stdout?: string; readonly stderr?: string; readonly workDirectory: string },
  paths: { readonly work: string; readonly stdout: string; readonly stderr: string },
): readonly NamedStream[] {
  const place = (target: string | undefined, source: string) =>
    target === undefined
      ? []
      : [{ source, path: join(paths.work, target.slice(request.workDirectory.length)) }];
  const stderr = bothToOne(request) ? undefined : request.stderr; // then all of it is in the one file
  return [...place(request.stdout, paths.stdout), ...place(stderr, paths.stderr)];
}

/** Whether both streams go to one file, in the order in which they are written. */
export function bothToOne({
  stderr,
  stdout,
}: {
  readonly stdout?: string;
  readonly stderr?: string;
}): boolean {
  return stdout !== undefined && stdout === stderr;
}

/** The work directory is there already. */
export async function makeFolders(work: string, streams: readonly NamedStream[]): Promise<void> {
  const folders = streams.map(({ path }) => dirname(path)).filter((folder) => folder !== work);
  for (const folder of folders) await mkdir(folder, { recursive: true });
}

/** After the end. The task may have put links anywhere in its folder: what leads out of it is refused. */
export async function placeStreams(work: string, streams: readonly NamedStream[]): Promise<void> {
  for (const { path, source } of streams) {
    // The work directory itself is a mount, which the task cannot put anything in the place of.
    const folder = dirname(path) === work ? work : await resolveWithin(work, dirname(path));
    const target = join(folder, basename(path));
    if (isLinked(source, target)) continue;
    await rm(target, { recursive: true, force: true }); // a link that the task put there is not followed
    if (!isLinked(source, target))
      await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  }
}

/** Another name of the same file costs nothing, however large it is. False where something is there, or cannot be linked. */
function isLinked(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return true;
  } catch {
    return false;
  }
}
