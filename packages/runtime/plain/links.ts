import { lstat, mkdir, rm, rmdir, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Mount, TaskLaunch } from '../backend.ts';
import { isAtOrWithin, PathRefused } from '../path-guard.ts';

/** Symbolic links for what a sandbox would mount; answers them, for `unlinkMounts`. */
export async function linkMounts(launch: TaskLaunch): Promise<string[]> {
  const linked = launch.mounts.filter((mount) => !isThere(mount));
  const targets = linked.map(({ target }) => target);
  const impossible = targets.find((target) => !isFree(target, targets, dirname(launch.workDirectory)));
  if (impossible !== undefined)
    throw new PathRefused(`Without a sandbox nothing can be put at ${impossible}.`);
  for (const { source, target } of linked) await linkInPlace(source, target);
  return targets;
}

/** The task may have put something else in a link's place, which stays. */
export async function unlinkMounts(links: readonly string[]): Promise<void> {
  for (const link of links) {
    const facts = await lstat(link).catch(() => undefined);
    if (facts?.isSymbolicLink()) await rm(link);
  }
}

/** The work directory lies where it is seen; temporary files go where TMPDIR says. */
function isThere({ source, target }: Mount): boolean {
  return source === target || target === '/tmp';
}

/** In the attempt's own folder, and not behind another link: that would be in somebody's input. */
function isFree(target: string, links: readonly string[], own: string): boolean {
  return isAtOrWithin(target, own) && !links.some((link) => link !== target && isAtOrWithin(target, link));
}

async function linkInPlace(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const stand = await lstat(target).catch(() => undefined); // an empty file or folder, made by staging
  if (stand?.isDirectory()) await rmdir(target);
  else if (stand) await rm(target);
  await symlink(source, target);
}
